import { FLEET_COUNTS, SLOT_MS, type FleetCount, type FleetReading } from '../../sinks/status/fleet-history.ts';
import type { IncidentRecord } from '../../sinks/status/known-incidents.ts';
import { html, type Html } from './html.ts';
import { mark, stateLine } from './page-parts.ts';
import { RANGES, type PeersQuery, type Range, searchOf } from './peers-query.ts';
import { clockTime } from './times.ts';

const BARS = 72;
const LANE = 24;
/** Room above the highest bar of a lane. */
const GAP = 2;
const LANES = ['error', 'idle_timeout', 'eof', 'down'] as const;
const CLASS_NAMES = { error: 'error', idle_timeout: 'idle', eof: 'eof', announced: 'announced' } as const;

type Bar = Readonly<Record<FleetCount, number>> & { readonly from: number; readonly to: number };

/** The others are said in words, on the page of incidents. */
type DrawnCount = (typeof LANES)[number] | 'announced';

export type FleetChartOptions = {
  readonly query: PeersQuery;
  readonly prefix: string;
  /** Incidents that run: they are named where they began. */
  readonly running: readonly IncidentRecord[];
};

/** Names beside one another cannot be read. */
const MOST_NAMED = 1;

/** Ends of all peers in time, one lane a class; below them how many were down. The names are filters. */
export function fleetChart(fleet: FleetReading, { query, prefix, running }: FleetChartOptions): Html {
  const bars = barsOf(fleet, query.range);
  const sum = (count: FleetCount): number => bars.reduce((total, bar) => total + bar[count], 0);
  const most = (...counts: readonly FleetCount[]): number =>
    Math.max(1, ...bars.flatMap((bar) => counts.map((count) => bar[count])));
  // error and idle_timeout are compared with one another: they share a scale.
  const abnormal = most('error', 'idle_timeout');
  const scales = {
    error: abnormal,
    idle_timeout: abnormal,
    eof: most('eof', 'announced'),
    announced: most('eof', 'announced'),
    down: most('down'),
  };
  const totals = { error: sum('error'), idle_timeout: sum('idle_timeout'), eof: sum('eof') + sum('announced') };
  const link = (change: Partial<PeersQuery>): string =>
    prefix + '/' + searchOf(query, { view: null, offset: 0, ...change });
  const caption = `Ends of the last ${query.range}: ${totals.error} error, ${totals.idle_timeout} idle_timeout, ${totals.eof} eof; ${fleet.down} down now`;
  return html`<figure class="fleet" aria-labelledby="fleet">
    <figcaption id="fleet" class="sr">${caption}</figcaption>
    <ul class="names">
      <li><a href="${link({ class: 'error', state: null })}">${mark('error')}error</a> <b>${totals.error}</b></li>
      <li>
        <a href="${link({ class: 'idle_timeout', state: null })}">${mark('idle_timeout')}idle_timeout</a>
        <b>${totals.idle_timeout}</b>
      </li>
      <li><a href="${link({ class: 'eof', state: null })}">${mark('eof')}eof</a> <b>${totals.eof}</b></li>
      <li><a href="${link({ state: 'down', class: null })}">${stateLine(false)}down</a> <b>${fleet.down}</b></li>
    </ul>
    <svg class="chart" height="97" role="img" aria-labelledby="fleet">
      ${LANES.map((_, lane) => html`<line class="grid" x1="0" x2="100%" y1="${lane * LANE + 24.5}" y2="${lane * LANE + 24.5}" />`)}
      ${bars.map((bar, index) => () => barOf(bar, index, scales))}
      ${running.slice(0, MOST_NAMED).map((each) => nameOf(each, bars))}
    </svg>
    <p class="ranges">${rangeLinks(query, link)}</p>
    <p class="ticks" aria-hidden="true">${ticksOf(bars)}</p>
  </figure>`;
}

/** Above the bar in which it began; nothing where that is older than all. */
function nameOf({ event: { id, began } }: IncidentRecord, bars: readonly Bar[]): Html | null {
  const index = bars.findIndex(({ from, to }) => from <= began && began < to);
  if (index === -1) return null;
  const x = ((index + 0.5) * 100) / BARS;
  const anchor = index < BARS / 4 ? 'start' : 'end';
  return html`<text class="k" x="${x.toFixed(2)}%" y="-1" text-anchor="${anchor}">incident ${id}</text>`;
}

function barsOf(fleet: FleetReading, range: Range): readonly Bar[] {
  const slots = fleet.slots((RANGES[range] * 3_600_000) / SLOT_MS);
  const each = slots.length / BARS;
  return Array.from({ length: BARS }, (_, index) => {
    const part = slots.slice(index * each, (index + 1) * each);
    const total = (count: FleetCount): number =>
      part.reduce((sum, slot) => (count === 'down' ? Math.max(sum, slot[count]) : sum + slot[count]), 0);
    const counts = Object.fromEntries(FLEET_COUNTS.map((count) => [count, total(count)])) as Record<FleetCount, number>;
    const from = part[0]?.startsAt ?? 0;
    return { ...counts, from, to: from + each * SLOT_MS };
  });
}

function barOf(bar: Bar, index: number, scales: Readonly<Record<DrawnCount, number>>): Html {
  const width = 100 / BARS;
  const words = `${clockTime(bar.from).slice(0, 5)} to ${clockTime(bar.to).slice(0, 5)}: ${bar.error} error, ${bar.idle_timeout} idle_timeout, ${bar.eof + bar.announced} eof, ${bar.down} down`;
  const pieces = (['error', 'idle_timeout', 'eof'] as const).map((count, lane) =>
    rectOf({ name: CLASS_NAMES[count], x: index * width, lane, share: bar[count] / scales[count] }),
  );
  const announced = rectOf({ name: 'announced', x: index * width, lane: 2, share: bar.announced / scales.announced });
  const down = rectOf({ name: 'area', x: index * width, lane: 3, share: bar.down / scales.down });
  return html`<g
    ><title>${words}</title
    ><rect
      class="catch"
      x="${(index * width).toFixed(3)}%"
      width="${width.toFixed(3)}%"
      y="0"
      height="97"
    />${pieces}${announced}${down}</g
  >`;
}

/** The height grows with the root of the count: one end is seen beside a thousand. */
function rectOf({
  name,
  x,
  lane,
  share,
}: {
  readonly name: string;
  readonly x: number;
  readonly lane: number;
  readonly share: number;
}): Html | null {
  if (share === 0) return null;
  const height = Math.max(2, Math.sqrt(share) * (LANE - GAP));
  return html`<rect
    class="${name}"
    x="${(x + 0.167).toFixed(3)}%"
    width="1.056%"
    y="${((lane + 1) * LANE - height).toFixed(1)}"
    height="${height.toFixed(1)}"
  />`;
}

function rangeLinks(query: PeersQuery, link: (change: Partial<PeersQuery>) => string): readonly Html[] {
  const names: Readonly<Record<Range, string>> = { '6h': '6 h', '24h': '24 h', '7d': '7 d' };
  const ranges = Object.keys(RANGES) as Range[];
  return ranges.map((range) =>
    range === query.range
      ? html`<strong>${names[range]}</strong> `
      : html`<a href="${link({ range, view: query.view })}">${names[range]}</a> `,
  );
}

function ticksOf(bars: readonly Bar[]): readonly Html[] {
  const at = bars.filter((_, index) => index % 12 === 0);
  return [...at.map(({ from }) => clockTime(from).slice(0, 5)), 'now'].map((text) => html`<span>${text}</span>`);
}
