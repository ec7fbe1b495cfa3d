import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import type { IncidentPeer, IncidentRecord } from '../../sinks/status/known-incidents.ts';
import { readableDuration } from '../../text/figures.ts';
import { html, type Html } from './html.ts';
import { reasonsOf } from './incident-words.ts';
import { chartMark, counted, figure, peerHref, percent, time } from './page-parts.ts';

/** More marks than this are no longer told apart: bars instead. */
const MOST_MARKS = 60;
/** Lanes that fit beside the other sections; the last one has all other groups. */
const MOST_LANES = 6;
const LANE_HEIGHT = 38;
const AXIS_HEIGHT = 18;
/** Above the middle of a lane and below it, where marks would cover one another. */
const ROWS = [0, 10, -10] as const;
/** In shares of the width: the middle of two marks that do not touch. */
const MARK_WIDTH = 0.024;
/** Both ends of the chart stay free, so that a mark there is whole. */
const MARGIN = 0.01;
const BARS_HEIGHT = 36;
const CLASS_NAMES: Readonly<Record<DisconnectClass, string>> = { eof: 'eof', error: 'error', idle_timeout: 'idle' };

type Lane = { readonly name: string; readonly ends: readonly IncidentPeer[] };

/** From the first end to the last. `place`: of a time, as a share of the width. */
type Scale = {
  readonly from: number;
  readonly lengthMs: number;
  /** The root of time: most ends are in its beginning. */
  readonly isStretched: boolean;
  readonly place: (at: number) => number;
};

/** Every end of an incident in time: marks in a lane for each group, or bars where there are many. */
export function endsFigureSection(record: IncidentRecord, prefix: string, now: number): Html {
  const chart = endsChart(record, true);
  return html`<section aria-labelledby="every-h">
    <h2 id="every-h">Every end since ${time(chart.from, now)}${chart.isStretched && ' (the first are stretched)'}</h2>
    <div class="panel dotlanes">${chart.names}${chart.drawn}</div>
    <p class="legendline">${reasonsOf(record.event, prefix)}${spared(record, prefix)}</p>
  </section>`;
}

/** The same in one lane, for a list. */
export function endsFigure(record: IncidentRecord, prefix: string): Html {
  return html`<figure class="dots">
    <figcaption>${reasonsOf(record.event, prefix)}</figcaption>
    ${endsChart(record, false).drawn}
  </figure>`;
}

type Chart = {
  readonly from: number;
  readonly isStretched: boolean;
  readonly names: Html | null;
  readonly drawn: Html;
};

function endsChart(record: IncidentRecord, areGroupsApart: boolean): Chart {
  const { peers, endsByGroup, event } = record;
  const known = [...endsByGroup.values()].reduce((sum, count) => sum + count, 0);
  if (known === 0)
    return { from: event.began, isStretched: false, names: null, drawn: html`<p class="basis">Not known yet.</p>` };
  if (known > MOST_MARKS) return barsChart(record);
  const scale = scaleOf(peers);
  const lanes = areGroupsApart ? lanesOf(peers) : [{ name: '', ends: peers }];
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  const label = `${counted(peers.length, 'end')} within ${readableDuration(scale.lengthMs)}`;
  const drawn = html`<svg class="chart" height="${height}" role="img" aria-label="${label}">
    ${lanes.map((lane, index) => drawnLane(lane, index * LANE_HEIGHT, scale))} ${axis(scale, height - 4)}
  </svg>`;
  const names = html`<ul class="names">
    ${lanes.map(({ name, ends }) => html`<li><span>${name}</span> <span class="quiet">${figure(ends.length)}</span></li>`)}
  </ul>`;
  return { ...scale, names: areGroupsApart ? names : null, drawn };
}

function scaleOf(peers: readonly IncidentPeer[]): Scale {
  const times = peers.map(({ endedAt }) => endedAt).toSorted((one, other) => one - other);
  const from = times[0] ?? 0;
  const lengthMs = (times.at(-1) ?? from) - from;
  const middle = (times[Math.floor(times.length / 2)] ?? from) - from;
  const isStretched = middle < lengthMs / 6;
  const share = (at: number): number => (lengthMs === 0 ? 0 : (at - from) / lengthMs);
  const place = (at: number): number => MARGIN + (1 - 2 * MARGIN) * (isStretched ? Math.sqrt(share(at)) : share(at));
  return { from, lengthMs, isStretched, place };
}

/** Groups with most ends first. */
function lanesOf(peers: readonly IncidentPeer[]): readonly Lane[] {
  const groups = [...Map.groupBy(peers, ({ group }) => group)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  const all = groups.map(([name, ends]): Lane => ({ name, ends }));
  if (all.length <= MOST_LANES) return all;
  const others = all.slice(MOST_LANES - 1);
  return [
    ...all.slice(0, MOST_LANES - 1),
    { name: `${figure(others.length)} other groups`, ends: others.flatMap(({ ends }) => ends) },
  ];
}

function drawnLane({ name, ends }: Lane, top: number, { place }: Scale): Html {
  const lastIn: number[] = [];
  const marks = ends
    .toSorted((one, other) => one.endedAt - other.endedAt)
    .map((end) => {
      const x = place(end.endedAt);
      const free = ROWS.findIndex((_, row) => x - (lastIn[row] ?? -1) >= MARK_WIDTH);
      const row = Math.max(0, free);
      lastIn[row] = x;
      return html`<g
        ><title>${end.peer}: ${end.reason}</title
        >${chartMark(end.class, percent(x), top + LANE_HEIGHT / 2 + (ROWS[row] ?? 0))}</g
      >`;
    });
  return html`${name !== '' && html`<text class="inlane" x="99%" y="${top + 12}" text-anchor="end">${name} ${figure(ends.length)}</text>`}${marks}
    <line class="grid" x1="0" x2="100%" y1="${top + LANE_HEIGHT - 0.5}" y2="${top + LANE_HEIGHT - 0.5}" />`;
}

/** Times that people count in, as far as they are apart; else both ends and the middle. */
function axis({ from, lengthMs, isStretched, place }: Scale, y: number): readonly Html[] {
  const offsets = isStretched
    ? [0, 0.01, 0.05, 0.1, 0.3, 0.6, 1].map((share) => share * lengthMs)
    : [0, lengthMs / 2, lengthMs];
  return (lengthMs === 0 ? [0] : offsets).map((offset, index, all) => {
    const anchor = index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle';
    return html`<text x="${percent(place(from + offset))}" y="${y}" text-anchor="${anchor}"
      >${index === 0 ? '0 s' : readableDuration(offset)}</text
    >`;
  });
}

function barsChart({ bars }: IncidentRecord): Chart {
  const { from, stepMs, bars: all } = bars.read();
  const most = Math.max(...all.map((bar) => DISCONNECT_CLASSES.reduce((sum, name) => sum + bar[name], 0)));
  const width = 1 / all.length;
  const rects = all.map((bar, index) => {
    let y = BARS_HEIGHT;
    return DISCONNECT_CLASSES.map((name) => {
      if (bar[name] === 0) return null;
      const height = Math.max(2, ((BARS_HEIGHT - 2) * bar[name]) / most);
      y -= height;
      return html`<rect
        class="${CLASS_NAMES[name]}"
        x="${percent(index * width)}"
        width="${percent(width * 0.8)}"
        y="${y.toFixed(1)}"
        height="${height.toFixed(1)}"
        ><title>${figure(bar[name])} ${name} in ${readableDuration(stepMs)}</title></rect
      >`;
    });
  });
  const lengthMs = all.length * stepMs;
  const scale: Scale = { from, lengthMs, isStretched: false, place: (at) => (at - from) / lengthMs };
  const label = `ends within ${readableDuration(lengthMs)}, at most ${figure(most)} in ${readableDuration(stepMs)}`;
  const drawn = html`<svg class="chart" height="${BARS_HEIGHT + AXIS_HEIGHT + 2}" role="img" aria-label="${label}">
    ${rects}
    <line class="grid" x1="0" x2="100%" y1="${BARS_HEIGHT + 0.5}" y2="${BARS_HEIGHT + 0.5}" />
    ${axis(scale, BARS_HEIGHT + AXIS_HEIGHT - 2)}
  </svg>`;
  return { ...scale, names: null, drawn };
}

/** Those of the scope that are well, by name as far as they are known. */
function spared({ event: { spared: peers, of, ended } }: IncidentRecord, prefix: string): Html | null {
  if (of <= ended) return null;
  const links = peers.map((peer) => html` <a href="${peerHref(prefix, peer)}"><bdi>${peer.peer}</bdi></a>`);
  return html`<span
    >${figure(of - ended)} of the ${figure(of)} stayed
    connected${peers.length > 0 && ':'}${links}${of - ended > peers.length && peers.length > 0 && ', …'}</span
  >`;
}
