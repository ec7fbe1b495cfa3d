import { type MarkdownBlock, type MarkdownSpan, readMarkdown } from '../../text/markdown.ts';
import { Html, html } from './html.ts';
import { wordHref } from './page-parts.ts';

export type RunbookPlace = {
  readonly prefix: string;
  /** Of the peer, to be put into the commands; undefined: they are for any. */
  readonly address: string | undefined;
};

/** A section of docs/reasons.md as it stands on a page: links to other sections lead to their pages. */
export function runbookText(markdown: string, place: RunbookPlace): readonly Html[] {
  return readMarkdown(markdown).map((block) => drawn(block, place));
}

function drawn(block: MarkdownBlock, place: RunbookPlace): Html {
  switch (block.kind) {
    case 'paragraph':
      return html`<p>${spans(block.spans, place)}</p> `;
    case 'list':
      return html`<ul>
        ${block.items.map((item) => html`<li>${spans(item.spans, place)}</li> `)}
      </ul> `;
    case 'code':
      return html`<pre class="paste" tabindex="0" role="group" aria-label="Commands">
${block.lines.map((line, index) => html`${index > 0 && LINE_BREAK}${addressed(line.trimStart(), place)}`)}</pre> `;
  }
}

function spans(all: readonly MarkdownSpan[], place: RunbookPlace): readonly (Html | string)[] {
  return all.map((span) => {
    switch (span.style) {
      case 'plain':
        return span.text;
      case 'bold':
        return html`<strong>${span.text}</strong>`;
      case 'code':
        return html`<code>${addressed(span.text, place)}</code>`;
      case 'link':
        return html`<a href="${wordHref(place.prefix, span.anchor)}">${span.text}</a>`;
    }
  });
}

/** `PEER` and `PORT` as they are for this peer; the kernel says them, so that nothing foreign is pasted into a shell. */
function addressed(line: string, { address }: RunbookPlace): string {
  const colon = address?.lastIndexOf(':') ?? -1;
  if (address === undefined || colon === -1) return line;
  const host = address.slice(0, colon).replaceAll(/[[\]]/g, '');
  return line
    .replaceAll(/\bPEER:PORT\b/g, address)
    .replaceAll(/\bPEER\b/g, host)
    .replaceAll(/\bPORT\b/g, address.slice(colon + 1));
}

/** A text would show it: control characters are made visible. */
const LINE_BREAK = new Html(['\n']);
