import type { ConnectionEvent } from '../domain/events/connection-events.ts';
import type { PeerEvent } from '../domain/events/peer-events.ts';
import type { SampleEvent } from '../domain/events/sample-events.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import type { Clock } from '../clock/clock.ts';
import type { LineWriter } from '../text/line-writer.ts';
import { safeText } from '../text/safe-text.ts';
import { wrapText } from '../text/wrap-text.ts';
import { layOut } from './line-layout.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { createSlowSteps, type SlowSteps } from './slow-steps.ts';
import { connectionStep, heartbeatStep, stallStep, type Step, warnedStep } from './terminal-steps.ts';
import { textTable } from '../text/text-table.ts';
import { createTextPaint, type TextPaint } from './text-paint.ts';
import { summaryLines } from './summary-lines.ts';
import type { Terminal } from './terminal.ts';
import { createWatchSummary, type PeerSummary, type WatchSummary } from './watch-summary.ts';

export type TerminalOptions = {
  readonly write: LineWriter;
  readonly colours: boolean;
  /** Asked for each line: a terminal may be resized. Null: lines are not broken. */
  readonly columns: () => number | null;
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
export class TerminalSink implements Terminal {
  readonly sink: Terminal['sink'];
  readonly #options: TerminalOptions;
  readonly #paint: TextPaint;
  readonly #nameWidth: number;
  readonly #summary: WatchSummary;
  /** Heartbeats of the current connection that were answered, by peer. */
  readonly #answers = new Map<number, number>();
  readonly #printedHints = new Set<string>();
  readonly #failures = new RepeatedFailures();
  readonly #slowSteps: SlowSteps;

  constructor(options: TerminalOptions) {
    const { clock, nameOf } = options;
    this.#options = options;
    this.#summary = createWatchSummary();
    this.#paint = createTextPaint(options.colours);
    this.#nameWidth = Math.min(WIDEST_NAME, Math.max(0, ...options.names.map((name) => safeText(name).length)));
    this.#slowSteps = createSlowSteps(clock, (peer, text) =>
      this.#print(clock.now(), nameOf(peer), { text, style: 'muted' }),
    );
    this.sink = {
      connection: (event) => this.#connection(event),
      peer: (event) => this.#peer(event),
      sample: (event) => this.#sample(event),
      process: (event) => {
        if (event.type === 'warned') this.#print(event.at, '', warnedStep(event));
      },
    };
  }

  /** Prints a sentence about the run itself, without time and name. */
  note(text: string): void {
    const { write, columns } = this.#options;
    for (const line of wrapText(text, columns())) write(line);
  }

  /** Prints one step of somebody, by the wall clock. */
  step(at: number, name: string, step: Step): void {
    this.#print(at, name, step);
  }

  /** Prints the summary over `watchedMs`. Call it once, after the last event. */
  summarize(watchedMs: number): void {
    const { write, nameOf, columns, clock } = this.#options;
    this.#slowSteps.stop();
    for (const peer of this.#failures.peers) this.#restOfFailures(peer, clock.now());
    for (const line of summaryLines(this.#summary.peers(), { watchedMs, nameOf, columns: columns() })) write(line);
  }

  /** What became of each peer so far, in the order in which they appeared. */
  peers(): readonly PeerSummary[] {
    return this.#summary.peers();
  }

  /** Prints columns of text after an empty line; the first row is the header. */
  table(rows: readonly (readonly string[])[]): void {
    const { write, columns } = this.#options;
    for (const line of ['', ...textTable(rows, columns())]) write(line);
  }

  #connection(event: ConnectionEvent): void {
    this.#summary.sink.connection(event);
    const { brief, nameOf } = this.#options;
    if (event.type === 'connected') {
      this.#answers.set(event.peer.id, 0);
      this.#restOfFailures(event.peer, event.at);
    }
    const line = event.type === 'connectFailed' ? this.#failures.add(event) : { kind: 'first' as const };
    if (line === null || (brief && !isWorthALine(event))) return;
    const step = line.kind === 'first' ? connectionStep(event) : ({ text: line.text, style: 'bad' } as const);
    this.#print(event.at, nameOf(event.peer), step);
  }

  #restOfFailures(peer: PeerRef, at: number): void {
    for (const text of this.#failures.rest(peer.id, at)) {
      this.#print(at, this.#options.nameOf(peer), { text, style: 'bad' });
    }
  }

  #peer(event: PeerEvent): void {
    this.#summary.sink.peer(event);
    if (!this.#options.brief) this.#slowSteps.add(event);
  }

  #sample(event: SampleEvent): void {
    this.#summary.sink.sample(event);
    if (this.#options.brief) return;
    if (event.type === 'loopStalled') this.#print(event.at, '', stallStep(event));
    if (event.type !== 'heartbeatAnswered') return;
    const count = (this.#answers.get(event.peer.id) ?? 0) + 1;
    this.#answers.set(event.peer.id, count);
    this.#print(event.at, this.#options.nameOf(event.peer), heartbeatStep(event, count));
  }

  #print(at: number, name: string, step: Step | null): void {
    if (step === null) return;
    const { write, columns } = this.#options;
    const padded = this.#nameWidth === 0 ? '' : safeText(name).padEnd(this.#nameWidth);
    const line = { time: timeOfDay(at), name: padded, text: safeText(step.text), advice: this.#adviceOf(step) };
    const { head, lines, advice, indent } = layOut(line, columns());
    const [first = '', ...more] = lines;
    const behindTime = head.slice(line.time.length);
    const column = first === '' ? behindTime.trimEnd() : behindTime;
    write(`${this.#paint('muted', line.time)}${this.#paint('name', column)}${this.#paint(step.style, first)}`);
    for (const each of more) write(' '.repeat(indent) + this.#paint(step.style, each));
    for (const each of advice) write(this.#paint('muted', ' '.repeat(indent) + each));
  }

  /** Advice is printed once: the second time it is known. */
  #adviceOf({ hint }: Step): string {
    if (hint === undefined || this.#options.brief || this.#printedHints.has(hint)) return '';
    this.#printedHints.add(hint);
    return safeText(hint);
  }
}

/** In brief, ends and failures alone. Every connection is closed by us at the end: no news. */
function isWorthALine(event: ConnectionEvent): boolean {
  switch (event.type) {
    case 'connected':
      return false;
    case 'connectFailed':
    case 'disconnected':
    case 'explained':
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
