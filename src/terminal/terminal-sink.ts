import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import { isPowerOfTwo } from '../domain/is-power-of-two.ts';
import type { Clock } from '../clock/clock.ts';
import type { LineWriter } from '../text/line-writer.ts';
import { safeText } from '../text/safe-text.ts';
import { createSlowSteps } from './slow-steps.ts';
import { connectionStep, heartbeatStep, stallStep, type Step, warnedStep } from './terminal-steps.ts';
import { textTable } from '../text/text-table.ts';
import { createTextPaint } from './text-paint.ts';
import { summaryLines } from './summary-lines.ts';
import type { Terminal } from './terminal.ts';
import { createWatchSummary } from './watch-summary.ts';

export type TerminalOptions = {
  readonly write: LineWriter;
  readonly colours: boolean;
  /** Ends and failures alone, without advice. */
  readonly brief: boolean;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly nameOf: (peer: PeerRef) => string;
  /** Names that will appear, for the width of their column. */
  readonly names: readonly string[];
};

/** Longer names push their own line to the right instead of all others. */
const WIDEST_NAME = 40;

/**
 * Each step of each peer as one line for people: the time of day here, who, what, and below it what that usually means.
 * Names and messages from outside cannot move the cursor or forge a line.
 */
export function createTerminalSink(options: TerminalOptions): Terminal {
  const { write, clock, nameOf } = options;
  const paint = createTextPaint(options.colours);
  const summary = createWatchSummary();
  const width = Math.min(WIDEST_NAME, Math.max(0, ...options.names.map((name) => safeText(name).length)));
  const answers = new Map<number, number>();
  const hinted = new Set<string>();
  const print = (at: number, name: string, step: Step | null) => {
    if (step === null) return;
    const { text, style, hint } = step;
    const column = width === 0 ? '' : `${safeText(name).padEnd(width)}  `;
    write(`${paint('muted', timeOfDay(at))}  ${paint('name', column)}${paint(style, safeText(text))}`);
    // Advice is printed once: the second time it is known.
    if (hint !== undefined && !options.brief && !hinted.has(hint)) {
      hinted.add(hint);
      write(paint('muted', `${' '.repeat(14 + column.length)}${safeText(hint)}`));
    }
  };
  const slow = createSlowSteps(clock, (peer, text) => print(clock.now(), nameOf(peer), { text, style: 'muted' }));
  return {
    sink: {
      connection(event) {
        summary.sink.connection(event);
        if (event.type === 'connected') answers.set(event.peer.id, 0);
        if (!options.brief || isWorthALine(event)) print(event.at, nameOf(event.peer), connectionStep(event));
      },
      peer(event) {
        summary.sink.peer(event);
        if (!options.brief) slow.add(event);
      },
      sample(event) {
        if (options.brief) return;
        if (event.type === 'loopStalled') print(event.at, '', stallStep(event));
        if (event.type === 'heartbeatAnswered') {
          const count = (answers.get(event.peer.id) ?? 0) + 1;
          answers.set(event.peer.id, count);
          print(event.at, nameOf(event.peer), heartbeatStep(event, count));
        }
      },
      process(event) {
        if (event.type === 'warned') print(event.at, '', warnedStep(event));
      },
    },
    summarize(watchedMs) {
      slow.stop();
      for (const line of summaryLines(summary.peers(), watchedMs, nameOf)) write(line);
    },
    peers: summary.peers,
    table(rows) {
      for (const line of ['', ...textTable(rows)]) write(line);
    },
  };
}

/** In brief, ends and failures, repeated ones thinned. Every connection is closed by us at the end: no news. */
function isWorthALine(event: ConnectionEvent): boolean {
  switch (event.type) {
    case 'connected':
      return false;
    case 'connectFailed':
      return isPowerOfTwo(event.failuresInARow);
    case 'disconnected':
      return true;
    case 'localClosed':
      return event.reason !== 'shutdown';
  }
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
