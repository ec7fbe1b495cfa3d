import { type ExplainedWord, WORD_GROUPS, type WordGroup } from '../../explanations/explained-words.ts';
import { GOODBYE_GROUP } from '../../explanations/goodbye-words.ts';
import { HINT_GROUP } from '../../explanations/hint-words.ts';
import { html, type Html } from './html.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { shapesLegend } from './shapes-legend.ts';

/** What the words of the pages mean: shapes, classes, reasons, hints, goodbyes. */
export function wordsPage(frame: PageFrame): Html {
  return pageLayout({
    ...frame,
    title: 'What the words mean',
    isIncidents: false,
    kind: 'onepeer',
    main: html`<header class="who"><h1>What the words mean</h1></header>
      ${shapesLegend()}
      <p class="basis">
        The page of a peer has all of what is known of its last end: how to check it, what to do about it.
        <code>finrst explain WORD</code> prints the same.
      </p>
      ${[...WORD_GROUPS, HINT_GROUP, GOODBYE_GROUP].map((group) => () => section(group))}`,
  });
}

function section({ name, kind, what, words }: WordGroup): Html {
  const heading = kind === 'phase' ? html`connect failure in <code>${name}</code>` : html`<code>${name}</code>`;
  return html`<section aria-labelledby="word-${name}">
    <div class="head">
      <h2 id="word-${name}">${heading}</h2>
      <p class="quiet">${what}</p>
    </div>
    <div class="panel scroll" tabindex="0" role="group" aria-label="${name}, a table">
      <table class="data kv">
        <tbody>
          ${words.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ anchor, reason, what }: ExplainedWord): Html {
  return html`<tr id="${anchor}">
    <th scope="row"><code>${reason}</code></th>
    <td>${what}</td>
  </tr> `;
}
