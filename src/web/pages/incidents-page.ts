import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import { SCOPE_KINDS } from '../../domain/incident-scope.ts';
import { type FleetCount, type FleetReading, SLOT_MS, SLOTS as MOST_SLOTS } from '../../sinks/status/fleet-history.ts';
import { html, type Html } from './html.ts';
import { endsFigure } from './incident-ends.ts';
import { INCIDENTS_RANGES, type IncidentsQuery, incidentsSearch, matchingIncidents } from './incidents-query.ts';
import { contrastFigure } from './incident-values.ts';
import { backOf, scopeOf, stateOf } from './incident-words.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';
import { counted, figure, incidentHref, time } from './page-parts.ts';

export type IncidentsPageOptions = PageFrame & {
  readonly now: number;
  /** All that are kept, the newest first. */
  readonly records: readonly IncidentRecord[];
  readonly query: IncidentsQuery;
  readonly fleet: FleetReading;
};

/** Incidents on one page. */
export const INCIDENTS_A_PAGE = 20;
/** Offered are few enough for a page. */
const MOST_GROUPS = 100;

/** All incidents that are kept: those that run first, then the newest. */
export function incidentsPage(options: IncidentsPageOptions): Html {
  const { records, query, now, prefix } = options;
  const { offset } = query;
  const isRunning = ({ event }: IncidentRecord): boolean => event.state === 'running';
  const matching = matchingIncidents(records, query, now);
  const ordered = [...matching.filter(isRunning), ...matching.filter((record) => !isRunning(record))];
  const shown = ordered.slice(offset, offset + INCIDENTS_A_PAGE);
  const running = records.filter(isRunning).length;
  return pageLayout({
    ...options,
    title: running === 0 ? 'Incidents' : `${counted(running, 'incident')} running`,
    isIncidents: true,
    kind: 'incidents',
    main: html`<section aria-labelledby="list-h">
      <div class="head">
        <h1 id="list-h">Incidents</h1>
        <p class="quiet">
          ${running === 0 ? 'none is running' : `${figure(running)} running`}; the last ${figure(records.length)} are
          kept
        </p>
      </div>
      ${records.length > 0 && filter(options)}
      ${
        records.length === 0
          ? EMPTY
          : shown.length === 0
            ? html`<p class="basis">
                ${ordered.length === 0 ? 'None of them matches.' : `There are no more than ${figure(ordered.length)}.`}
              </p>`
            : html`<ol class="pastlist panel">
                ${shown.map((record) => () => item(record, prefix, now))}
              </ol>`
      }
      ${pager(options, ordered.length)}
      <p class="basis">
        An incident: peers whose connections can have broken at the same moment, at least 3 and a third of what they
        share, or at least 5 and two thirds that ended at all. Ends that were announced, and those that we chose, do not
        count: ${expected(options)}
      </p>
    </section>`,
  });
}

const EMPTY = html`<p class="panel runbook">
  None since this process started: no peers that share a group, a label, a network or this host lost their connections
  together.
</p>`;

function item(record: IncidentRecord, prefix: string, now: number): Html {
  const { event } = record;
  const { id, began, sentence } = event;
  const back = backOf(event);
  return html`<li class="past" id="i${id}">
    <div class="said">
      <p class="meta">
        <span class="scope">${event.scope.kind}</span> <code><bdi>${scopeOf(event.scope)}</bdi></code> ·
        ${time(began, now)}, ${stateOf(event, now)}
      </p>
      <h2>
        <a href="${incidentHref(prefix, id)}"><bdi>${sentence}</bdi></a>
      </h2>
      ${back !== null && html`<p>${back}</p>`}
    </div>
    ${endsFigure(record, prefix)} ${contrastFigure(event)}
  </li> `;
}

/** One form; groups that incidents had ends in are offered. */
function filter({ records, query, prefix }: IncidentsPageOptions): Html {
  const option = (value: string, chosen: string | null): Html =>
    html`<option ${value === chosen && html`selected`}>${value}</option>`;
  const groups = new Set(records.flatMap(({ endsByGroup }) => [...endsByGroup.keys()]));
  return html`<form class="filter bare" action="${prefix}/incidents" method="get" aria-label="Filter the incidents">
    <label
      >Scope
      <select name="scope">
        <option value="">any</option>
        ${SCOPE_KINDS.map((kind) => option(kind, query.scope))}
      </select></label
    >
    <label
      >Group
      <select name="group">
        <option value="">any</option>
        ${[...groups]
          .toSorted()
          .slice(0, MOST_GROUPS)
          .map((group) => option(group, query.group))}
      </select></label
    >
    <label
      >Last
      <select name="range">
        <option value="">any time</option>
        ${Object.keys(INCIDENTS_RANGES).map((range) => option(range, query.range))}
      </select></label
    >
    <button type="submit">Filter</button>
  </form>`;
}

/** What ended as it was to be, as far back as the incidents are shown and the counts are kept. */
function expected({ fleet, query: { range }, now }: IncidentsPageOptions): Html {
  const wanted = range === null ? MOST_SLOTS : INCIDENTS_RANGES[range] / SLOT_MS;
  const slots = fleet.slots(Math.min(wanted, MOST_SLOTS));
  const sum = (count: FleetCount): number => slots.reduce((all, slot) => all + slot[count], 0);
  const from = Math.max(fleet.since, slots[0]?.startsAt ?? now);
  const [ends, rollouts] = [sum('expected'), sum('rollouts')];
  const announced = html`${counted(ends, 'announced end')} in
    <span title="ends of one group, until ten minutes pass without one">${counted(rollouts, 'rollout')}</span>`;
  return html`since ${time(from, now)} ${ends === 0 ? 'no announced end' : announced}, and
  ${counted(sum('local'), 'close')} of our own.`;
}

function pager({ query, prefix }: IncidentsPageOptions, all: number): Html | null {
  if (all <= INCIDENTS_A_PAGE) return null;
  const { offset } = query;
  const link = (at: number, text: string): Html =>
    html`<a href="${prefix}/incidents${incidentsSearch({ ...query, offset: at })}">${text}</a> `;
  return html`<nav class="legendline" aria-label="More incidents">
    ${offset > 0 && link(Math.max(0, offset - INCIDENTS_A_PAGE), 'Newer')}${offset + INCIDENTS_A_PAGE < all && link(offset + INCIDENTS_A_PAGE, 'Older')}
  </nav>`;
}
