import type { PeerHistory } from '../../sinks/status/peer-history.ts';
import { html, type Html } from './html.ts';
import { chartMark, counted, fullTime, percent, time } from './page-parts.ts';
import { type Timeline, type TimelineMark, timelineOf } from './peer-timeline.ts';

const LINE_Y = 34;
const FAILED_Y = 62;
const AXIS_Y = 80;
const TICKS = 6;

/** The line of a peer over the last hours, broken where nothing was held, with what ended it. */
export function timelineSection(history: PeerHistory, now: number): Html {
  const timeline = timelineOf(history, now);
  return html`<section aria-labelledby="time-h">
    <div class="head"><h2 id="time-h">${head(timeline, now)}</h2></div>
    <div class="lanes panel">
      <ul class="names" aria-hidden="true">
        <li>connection</li>
        <li>failed attempts</li>
      </ul>
      <svg class="chart" height="102" role="img" aria-label="${summary(timeline)}">
        ${ticks(timeline)}
        ${timeline.stretches.map(({ from, to, isUp }) => html`<line class="${isUp ? 'up' : 'down'}" x1="${percent(from)}" x2="${percent(to)}" y1="${LINE_Y}" y2="${LINE_Y}" />`)}
        ${timeline.marks.map((each) => drawn(each))}
      </svg>
    </div>
  </section>`;
}

function head({ begins, since }: Timeline, now: number): Html {
  switch (begins) {
    case 'range':
      return html`Last 24 hours`;
    case 'known':
      return html`Since ${time(since, now)}, when it became known here`;
    case 'kept':
      return html`Since ${time(since, now)}: the last 32 changes are kept`;
  }
}

function summary({ marks, since }: Timeline): string {
  const failed = marks.filter(({ kind }) => kind === 'failed').length;
  return `Since ${fullTime(since)}: ${counted(marks.length - failed, 'end')}, ${counted(failed, 'series')} of failed attempts`;
}

/** Failed attempts have a lane of their own; ends stand on the line, with the numbers of the table. */
function drawn({ at, x, kind, number }: TimelineMark): Html {
  const label = kind === 'failed' ? 'first of a row of failed attempts' : kind;
  const y = kind === 'failed' ? FAILED_Y : LINE_Y;
  return html`<g class="end"
    ><title>${number !== undefined && `${number}: `}${label} at ${fullTime(at)}</title
    >${chartMark(kind, percent(x), y)}${number !== undefined && html`<text class="k" x="${percent(x)}" y="20" text-anchor="middle">${number}</text>`}</g
  >`;
}

function ticks({ from, to }: Timeline): readonly Html[] {
  return Array.from({ length: TICKS - 1 }, (_, index) => {
    const share = (index + 1) / TICKS;
    const clock = new Date(from + share * (to - from)).toISOString().slice(11, to - from < 600_000 ? 19 : 16);
    return html`<line class="grid" x1="${percent(share)}" x2="${percent(share)}" y1="0" y2="${AXIS_Y}" /><text
        x="${percent(share)}"
        y="96"
        text-anchor="middle"
        ${index % 2 === 1 && html` class="minor"`}
        >${clock}</text
      >`;
  });
}
