import { DISCONNECT_CLASSES } from '../../domain/disconnect.ts';
import { html, type Html } from './html.ts';
import { figure } from './page-parts.ts';
import { isFiltered, PAGE_STATES, type PeersQuery, ROWS, searchOf } from './peers-query.ts';
import type { PeersPage } from './peers-page-facts.ts';
import type { Selection } from './select-peers.ts';
import { clockTime } from './times.ts';

/** What the peers can be filtered by. One form: every link keeps what is set. */
export function peersFilter(query: PeersQuery, { groups }: Selection, prefix: string): Html {
  const option = (value: string, chosen: string | null): Html =>
    html`<option ${value === chosen && html`selected`}>${value}</option>`;
  const [label] = query.labels;
  const shown = label === undefined ? '' : label.join('=');
  // Offered are few enough for a page; others are typed into the search.
  const offered = groups.slice(0, 100);
  return html`<form class="filter" action="${prefix}/" method="get" role="search" aria-label="Filter the peers">
    <input
      type="search"
      name="q"
      value="${query.q ?? ''}"
      placeholder="Peer, address or reason"
      aria-label="Peer, address or reason"
    />
    <label
      >Group
      <select name="group">
        <option value="">all ${groups.length}</option>
        ${offered.map((group) => option(group, query.group))}
      </select></label
    >
    <label
      >State
      <select name="state">
        <option value="">any</option>
        ${PAGE_STATES.map((state) => option(state, query.state))}
      </select></label
    >
    <label
      >Class
      <select name="class">
        <option value="">any</option>
        ${DISCONNECT_CLASSES.map((each) => option(each, query.class))}
      </select></label
    >
    <label>Label <input type="text" name="label" value="${shown}" placeholder="rack=b07" /></label>
    ${kept(query)}<button type="submit">Filter</button>
  </form>`;
}

/** What the form does not ask for and its answer keeps. */
function kept({ labels, sort, isAscending, range, isAbsolute, limit }: PeersQuery): readonly Html[] {
  const all: readonly (readonly [string, string | null])[] = [
    ...labels.slice(1).map(([name, value]) => [`label.${name}`, value] as const),
    ['sort', sort],
    ['order', isAscending ? 'asc' : null],
    ['range', range === '6h' ? null : range],
    ['times', isAbsolute ? 'absolute' : null],
    ['limit', limit === ROWS ? null : String(limit)],
  ];
  return all.flatMap(([name, value]) =>
    value === null ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`],
  );
}

/** Saved filters with their counts, and which part is shown. */
export function peersOrder({ query, selection, now, prefix }: PeersPage): Html {
  const { counts } = selection;
  const empty: PeersQuery = {
    ...query,
    q: null,
    group: null,
    state: null,
    class: null,
    labels: [],
    view: null,
    sort: null,
    isAscending: false,
    offset: 0,
    also: [],
  };
  const isTrouble = !isFiltered(query) && query.view !== 'all' && query.sort === null;
  const link = (text: string, count: number | null, change: Partial<PeersQuery>): Html => {
    const isHere =
      change.view === 'trouble'
        ? isTrouble
        : query.view === (change.view ?? null) && query.state === (change.state ?? null) && !isTrouble;
    const target = prefix + '/' + searchOf(empty, change.view === 'trouble' ? {} : change);
    const n = count !== null && html` <span class="n">${figure(count)}</span>`;
    return html`<a href="${target}" ${isHere && html`aria-current="page"`}>${text}${n}</a>`;
  };
  return html`<div class="order">
    <nav class="views" aria-label="Views">
      ${link('Trouble first', null, { view: 'trouble' })} ${link('All', counts.all, { view: 'all' })}
      ${link('Down', counts.down, { state: 'down' })}
      ${link('Ended abnormally in 24 h', counts.abnormal, { view: 'abnormal' })}
      ${link('Ended by a timer', counts.timers, { view: 'timers' })}
      ${link('Never connected', counts.never, { view: 'never' })}
      ${link('Certificates under 21 d', counts.certificates, { view: 'certificates' })}
    </nav>
    <p class="pager">
      <button type="button" id="moved" data-own hidden></button> ${pager(query, selection, prefix)}, as of
      ${clockTime(now)}
    </p>
  </div>`;
}

function pager(query: PeersQuery, { sections, total }: Selection, prefix: string): Html {
  const shown = sections.reduce((sum, { rows }) => sum + rows.length, 0);
  const [only] = sections;
  if (only?.kind !== 'list') return html`${shown} of ${figure(total)} shown`;
  const { offset, limit } = query;
  const step = (text: string, to: number): Html =>
    html`<a href="${prefix}/${searchOf(query, { offset: to })}">${text}</a>`;
  const before = offset > 0 && html`${step('previous', Math.max(0, offset - limit))} `;
  const after = offset + limit < total && html` ${step('next', offset + limit)}`;
  const range = shown === 0 ? '0' : `${figure(offset + 1)} to ${figure(offset + shown)}`;
  return html`${before}${range} of ${figure(total)}${after}`;
}
