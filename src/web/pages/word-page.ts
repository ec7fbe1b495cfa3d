import { type ExplainedWord, WORD_GROUPS } from '../../explanations/explained-words.ts';
import { GOODBYE_GROUP } from '../../explanations/goodbye-words.ts';
import { HINT_GROUP } from '../../explanations/hint-words.ts';
import type { PageSection } from '../../explanations/reasons-page.ts';
import { html, type Html } from './html.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { capital } from './page-parts.ts';
import { runbookText } from './runbook-text.ts';

const WORDS: ReadonlyMap<string, ExplainedWord> = new Map(
  [...WORD_GROUPS, HINT_GROUP, GOODBYE_GROUP].flatMap(({ words }) => words.map((word) => [word.anchor, word])),
);

/** One section of docs/reasons.md, whole. */
export function wordPage({ section, ...frame }: PageFrame & { readonly section: PageSection }): Html {
  const { prefix } = frame;
  const { heading, anchor, body } = section;
  const word = WORDS.get(anchor);
  const title = word?.term ?? heading;
  return pageLayout({
    ...frame,
    title,
    isIncidents: false,
    kind: 'onepeer',
    main: html`<header class="who">
        <nav class="crumbs" aria-label="Where this is"><a href="${prefix}/words">Words</a></nav>
        <h1>${title}</h1>
      </header>
      ${word !== undefined && html`<p class="basis">${capital(word.what)}${isOfPeers(word) && withIt(word, prefix)}</p>`}
      <div class="panel runbook">${runbookText(body, { prefix, address: undefined })}</div>`,
  });
}

/** Whether a peer's last end, or its last failure, can have it. */
function isOfPeers({ group }: ExplainedWord): boolean {
  return group !== 'hint' && group !== 'goodbye' && group !== 'local';
}

function withIt({ anchor, term, reason }: ExplainedWord, prefix: string): Html {
  const q = anchor === reason ? reason : term;
  return html`. <a href="${prefix}/?${new URLSearchParams({ q }).toString()}">Look for it among the peers</a>`;
}
