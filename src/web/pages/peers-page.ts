import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import type { FleetReading } from '../../sinks/status/fleet-history.ts';
import { fleetChart } from './fleet-chart.ts';
import { html, type Html } from './html.ts';
import { ownFault } from './own-health.ts';
import { counted, figure, incidentHref, mark } from './page-parts.ts';
import { peersFilter, peersOrder } from './peers-filter.ts';
import type { PeersPage } from './peers-page-facts.ts';
import { peersTable } from './peers-table.ts';
import { shapesLegend } from './shapes-legend.ts';
import { verdict } from './verdict.ts';

const SLOTS_OF_AN_HOUR = 12;
const SLOTS_OF_A_DAY = 288;

/** What is wrong now, all peers in figures and in time, and a table of peers with the trouble first. */
export function peersPage(page: PeersPage): Html {
  const { query, selection, fleet, incidents, now, prefix, health } = page;
  const hour = abnormalOf(fleet.slots(SLOTS_OF_AN_HOUR));
  const head = verdict({ incidents, selection, abnormalLastHour: hour, ownFault: ownFault(health), now, prefix });
  if (selection.counts.all === 0) return head;
  return html`${head} ${() => overview(page, hour)} ${() => peersFilter(query, selection, prefix)}
  ${() => peersOrder(page)} ${() => peersTable(page)} ${shapesLegend()}`;
}

function overview({ query, selection: { counts, groups }, fleet, incidents, prefix }: PeersPage, hour: number): Html {
  const running = incidents.filter(({ event }) => event.state === 'running' && !event.isObserved);
  const explained = running.reduce((sum, { event }) => sum + event.stillDown, 0);
  const lastHour = fleet.slots(SLOTS_OF_AN_HOUR);
  const sum = (name: 'error' | 'idle_timeout'): number => lastHour.reduce((total, slot) => total + slot[name], 0);
  const share = counts.held === 0 ? '' : `${((100 * fleet.connected) / counts.held).toFixed(2)} %`;
  const observed = counts.all === counts.held ? '' : `; ${onlyObserved(counts.all - counts.held)} only observed`;
  return html`<section class="overview" aria-label="All peers">
    <dl class="fig">
      <dt>Connected</dt>
      <dd class="v">${figure(fleet.connected)} <small>of ${figure(counts.held)}</small></dd>
      <dd>${share}</dd>
      <dd>${groups.length === 1 ? '1 group' : `${groups.length} groups`}${observed}</dd>
    </dl>
    <dl class="fig">
      <dt>Down</dt>
      <dd class="v isdown">${figure(counts.down)}</dd>
      <dd>${explained === 0 ? 'none in an incident' : inIncidents(running, explained, prefix)}</dd>
      <dd>
        <a href="${prefix}/?state=down"
          >show
          them${explained > 0 && counts.down > explained && ` and ${counted(counts.down - explained, 'other')}`}</a
        >
      </dd>
    </dl>
    <dl class="fig">
      <dt>Abnormal ends, last hour</dt>
      <dd class="v">${figure(hour)}</dd>
      <dd>${mark('error')}${figure(sum('error'))} ${mark('idle_timeout')}${figure(sum('idle_timeout'))}</dd>
      <dd>${usualHour(fleet)}</dd>
    </dl>
    ${() => fleetChart(fleet, { query, prefix, running })}
  </section>`;
}

function inIncidents(running: readonly IncidentRecord[], explained: number, prefix: string): Html {
  const [only, ...others] = running;
  if (only === undefined || others.length > 0)
    return html`<a href="${prefix}/incidents">${figure(explained)} in incidents</a>`;
  return html`<a href="${incidentHref(prefix, only.event.id)}">${figure(explained)} in incident ${only.event.id}</a>`;
}

function onlyObserved(count: number): string {
  return count === 1 ? '1 peer is' : `${figure(count)} peers are`;
}

function abnormalOf(slots: ReturnType<FleetReading['slots']>): number {
  return slots.reduce((sum, { error, idle_timeout: idle }) => sum + error + idle, 0);
}

/** The median of the whole hours of the last day before this one, of those that there are. */
function usualHour(fleet: FleetReading): string {
  const slots = fleet.slots(SLOTS_OF_A_DAY);
  const hours = Array.from({ length: 23 }, (_, hour) =>
    slots.slice(hour * SLOTS_OF_AN_HOUR, (hour + 1) * SLOTS_OF_AN_HOUR),
  ).filter(([first]) => first !== undefined && first.startsAt >= fleet.since);
  const counts = hours.map(abnormalOf).toSorted((one, other) => one - other);
  const median = counts[Math.floor(counts.length / 2)];
  return median === undefined ? 'no whole hour before it yet' : `a usual hour: ${figure(median)}`;
}
