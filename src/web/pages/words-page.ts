import { type ExplainedWord, WORD_GROUPS, type WordGroup } from '../../explanations/explained-words.ts';
import { GOODBYE_GROUP } from '../../explanations/goodbye-words.ts';
import { HINT_GROUP } from '../../explanations/hint-words.ts';
import { KNOWN_LIMITS } from '../../explanations/known-limits.ts';
import { html, type Html } from './html.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { figure, wordHref } from './page-parts.ts';
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
        Each word leads to all of what is known of it: what it usually means, how to check it, what to do about it.
        <code>finrst explain WORD</code> prints the same. Before any of them:
        <a href="${wordHref(frame.prefix, 'read-this-first')}">read this first</a>, and
        <a href="${wordHref(frame.prefix, 'what-a-socket-cannot-tell')}">what a socket cannot tell</a>.
      </p>
      ${[...WORD_GROUPS, HINT_GROUP, GOODBYE_GROUP].map((group) => () => section(group, frame.prefix))} ${limits}`,
  });
}

function section({ name, kind, what, words }: WordGroup, prefix: string): Html {
  const heading = kind === 'phase' ? html`connect failure in <code>${name}</code>` : html`<code>${name}</code>`;
  return html`<section aria-labelledby="word-${name}">
    <div class="head">
      <h2 id="word-${name}">${heading}</h2>
      <p class="quiet">${what}</p>
    </div>
    <div class="panel scroll" tabindex="0" role="group" aria-label="${name}, a table">
      <table class="data kv">
        <tbody>
          ${words.map((word) => row(word, prefix))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ anchor, reason, what }: ExplainedWord, prefix: string): Html {
  return html`<tr id="${anchor}">
    <th scope="row">
      <a href="${wordHref(prefix, anchor)}"><code>${reason}</code></a>
    </th>
    <td>${what}</td>
  </tr> `;
}

/** The limits that hints and charts have their suspects from. */
function limits(): Html {
  const rows = KNOWN_LIMITS.map(
    ({ seconds, endsAt, who, seen }) =>
      html`<tr>
        <th scope="row" class="num">${figure(seconds)} s${endsAt !== undefined && ` (${figure(endsAt)} s)`}</th>
        <td>${who.replaceAll('`', '')}</td>
        <td>${seen.replaceAll('`', '')}</td>
      </tr> `,
  );
  return html`<section aria-labelledby="known-limits">
    <div class="head">
      <h2 id="known-limits">Known limits of silence</h2>
      <p class="quiet">where an end comes later than the limit, when it comes in brackets</p>
    </div>
    <div class="panel scroll" tabindex="0" role="group" aria-label="Known limits, a table">
      <table class="data prose">
        <thead>
          <tr>
            <th scope="col" class="num">After</th>
            <th scope="col">Who has it</th>
            <th scope="col">What a connection sees</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}
