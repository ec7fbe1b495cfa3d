import type { PeerEntry } from '../../sinks/status/peer-status.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { scopeOf } from './incident-words.ts';
import { figure, incidentHref, mark } from './page-parts.ts';
import { peerRow } from './peer-row.ts';
import type { PeersPage } from './peers-page-facts.ts';
import { type PeersQuery, searchOf, type Sort } from './peers-query.ts';
import type { Section } from './select-peers.ts';

/** The peers, two lines each, under headings where trouble stands first. */
export function peersTable({ query, selection, historyOf, incidents, now, prefix }: PeersPage): Html {
  const around = { prefix, now, incidentOf: (id: string) => incidents.find(({ event }) => event.id === id) };
  const isTrouble = selection.sections.some(({ kind }) => kind !== 'list');
  const rowOf =
    (entry: PeerEntry, isHit = false) =>
    (): Html =>
      peerRow({ entry, history: historyOf(entry.ref.id), isHit }, around);
  const bodies = selection.sections.map((section) => {
    const isHit = section.kind === 'incident';
    const rows = section.rows.map((entry) => rowOf(entry, isHit));
    return html`<tbody role="rowgroup" data-key="${keyOf(section)}">
      ${headingOf(section, prefix)}${rows}
    </tbody>`;
  });
  const nothing = html`<tbody role="rowgroup">
    <tr role="row">
      <td role="cell" colspan="8">No peer matches.</td>
    </tr>
  </tbody>`;
  const alsoBody = html`<tbody role="rowgroup" hidden>
    ${selection.also.map((entry) => rowOf(entry))}
  </tbody>`;
  return html`<div class="panel">
    <table class="peers" role="table">
      <caption class="sr">
        Peers${isTrouble ? ', trouble first' : ''}
      </caption>
      <thead role="rowgroup">
        ${headRow(query, prefix)}
      </thead>
      ${selection.total === 0 ? nothing : bodies} ${selection.also.length > 0 && alsoBody}
    </table>
  </div>`;
}

/** A click on the name of a column sorts by it, another one turns it round. */
function headRow(query: PeersQuery, prefix: string): Html {
  const head = (name: Sort, content: HtmlValue, classes: string): Html => {
    const isSorted = query.sort === name;
    const sorted = isSorted && html`aria-sort="${query.isAscending ? 'ascending' : 'descending'}"`;
    // Names are read from the first letter on, figures from the greatest.
    const isAscending = isSorted ? !query.isAscending : name === 'name';
    return html`<th role="columnheader" scope="col" class="${classes}" ${sorted}>
      <a
        href="${prefix}/${searchOf(query, { sort: name, isAscending, offset: 0 })}"
        title="sort by it, the ${isAscending ? 'least' : 'greatest'} first"
        >${content}</a
      >
    </th>`;
  };
  const strip = html`<th role="columnheader" scope="col" class="c-strip">Last 6 hours</th>`;
  return html`<tr role="row">
    ${head('since', 'State, since', 'c-state')} ${head('name', 'Peer', '')}
    ${head('end', 'Last end, and what stops it now', 'c-end')} ${strip} ${head('rtt', 'Round trip', 'num c-rtt')}
    ${head('error', html`ends ${mark('error')}`, 'num c-n c-n1')}
    ${head('idle_timeout', mark('idle_timeout'), 'num c-n')} ${head('eof', mark('eof'), 'num c-n')}
  </tr>`;
}

/** By which an open page finds it again. */
function keyOf({ kind, incident }: Section): string {
  return incident === undefined ? kind : `${kind}-${incident.event.id}`;
}

function headingOf(section: Section, prefix: string): Html | null {
  const { kind, incident, total, rows } = section;
  if (kind === 'list') return null;
  const shown = rows.length < total ? ` ${rows.length} shown.` : '';
  const heading = (title: string, rest: Html): Html =>
    html`<tr role="row" class="sec" data-key="head-${keyOf(section)}">
      <th role="rowheader" scope="rowgroup" colspan="8"><strong>${title}</strong>${rest}</th>
    </tr>`;
  switch (kind) {
    case 'incident':
      return heading(
        `In incident ${incident?.event.id ?? ''}`,
        html`: ${figure(total)}, all of
          <bdi>${incident === undefined ? '' : scopeOf(incident.event.scope)}</bdi>.${shown}
          <a href="${incidentHref(prefix, incident?.event.id ?? '')}">show all</a>`,
      );
    case 'down':
      return heading(
        'Down, each for itself',
        html`: ${figure(total)}.${shown} <a href="${prefix}/?state=down">show all</a>`,
      );
    case 'abnormal':
      return heading(
        'Ended abnormally in the last 6 hours, and back',
        html`: ${figure(total)}.${shown} <a href="${prefix}/?view=abnormal&amp;sort=end">show all</a>`,
      );
    case 'orderly':
      return heading(
        'Closed in order again and again, and back',
        html`: ${figure(total)}.${shown} <a href="${prefix}/?view=orderly&amp;sort=eof">show all</a>`,
      );
    case 'quiet':
      return heading('All others', html`: ${figure(total)}.${shown} <a href="${prefix}/?view=all">show all</a>`);
  }
}
