import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import { type MarkdownBlock, type MarkdownSpan, readMarkdown } from '../../text/markdown.ts';
import { Html, html } from './html.ts';

/** Which section of docs/reasons.md is asked for, and for what. */
export type WantedRunbook = { readonly title: string; readonly anchor: string };

/** `text`: Markdown; null: it cannot be had. */
export type Runbook = WantedRunbook & { readonly text: string | null };

/** The sections on its last end, and on the attempt that failed last where it has no connection. */
export function runbooksOf({ up }: Pick<PeerStatus, 'up'>, { ends, attempts }: PeerHistory): readonly WantedRunbook[] {
  const [end] = ends;
  const failure = attempts[0]?.failure ?? null;
  return [
    end !== undefined && {
      title: end.type === 'localClosed' ? `local/${end.reason}` : end.reason,
      anchor: end.type === 'localClosed' ? `local-${end.reason}` : end.reason,
    },
    !up &&
      failure !== null && {
        title: `${failure.phase}/${failure.reason}`,
        anchor: `connect-${failure.phase}-${failure.reason}`,
      },
  ].filter((wanted) => wanted !== false);
}

/** What happened, what it usually means, how to check, what to do. `address`: of the peer, to be put into its commands. */
export function runbookSections(runbooks: readonly Runbook[], address: string | undefined): Html | null {
  const shown = runbooks.filter(({ text }) => text !== null);
  if (shown.length === 0) return null;
  return html`<div class="cols even">
    ${shown.map(
      ({ title, anchor, text }) =>
        html`<section aria-labelledby="book-${anchor}">
          <h2 id="book-${anchor}">Runbook: ${title}</h2>
          <div class="panel runbook">${readMarkdown(text ?? '').map((block) => drawn(block, address))}</div>
        </section> `,
    )}
  </div>`;
}

function drawn(block: MarkdownBlock, address: string | undefined): Html {
  switch (block.kind) {
    case 'paragraph':
      return html`<p>${spans(block.spans, address)}</p> `;
    case 'list':
      return html`<ul>
        ${block.items.map((item) => html`<li>${spans(item.spans, address)}</li> `)}
      </ul> `;
    case 'code':
      return html`<pre class="paste" tabindex="0" role="group" aria-label="Commands">
${block.lines.map((line, index) => html`${index > 0 && LINE_BREAK}${addressed(line.trimStart(), address)}`)}</pre> `;
  }
}

function spans(all: readonly MarkdownSpan[], address: string | undefined): readonly (Html | string)[] {
  return all.map(({ text, style }) => {
    if (style === 'plain') return text;
    return style === 'bold' ? html`<strong>${text}</strong>` : html`<code>${addressed(text, address)}</code>`;
  });
}

/** `PEER` and `PORT` as they are for this peer; the kernel says them, so that nothing foreign is pasted into a shell. */
function addressed(line: string, address: string | undefined): string {
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
