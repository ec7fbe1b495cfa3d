import type { Clock } from '../clock/clock.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import { readableDuration } from '../text/figures.ts';
import { formatLine, type LineFields } from '../text/line-format.ts';
import { toSeconds } from '../text/seconds.ts';
import { timestamp } from '../text/timestamp.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { disconnectOf, failureOf, streamStep } from './stream-step.ts';
import { TerminalSink, type TerminalOptions } from './terminal-sink.ts';

export type StreamViewOptions = Pick<TerminalOptions, 'write' | 'colours' | 'columns'> & {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly json: boolean;
};

/** What of the events was seen: `connected`, `failed tcp/refused`, `ended error/reset`, `closed max_age`, to how often. */
export type SeenEvents = ReadonlyMap<string, number>;

/** The events of a running daemon on stdout. */
export type StreamView = {
  /** An event of the stream. */
  readonly event: (fields: LineFields) => void;
  /** What is to be said of the stream itself. */
  readonly note: (message: string) => void;
  readonly summarize: (watchedMs: number) => void;
  readonly seen: SeenEvents;
};

/** Names come with the events: a column as wide as many are. */
const NAMES = [' '.repeat(28)];
/** Failures of more peers are not folded: the names are a daemon's, and it may be any server. */
const MOST_PEERS = 50_000;

/** Steps for people as `watch` prints them, or the events as they are, one JSON object in a line each. */
export function createStreamView(options: StreamViewOptions): StreamView {
  const seen = new Map<string, number>();
  const count = (fields: LineFields) => {
    const key = countedAs(fields);
    if (key !== null) seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  const view = options.json ? jsonView(options, seen) : textView(options, seen);
  return {
    ...view,
    event(fields) {
      count(fields);
      view.event(fields);
    },
    seen,
  };
}

function jsonView({ write, clock }: StreamViewOptions, seen: SeenEvents): Omit<StreamView, 'seen'> {
  const writeObject = (fields: LineFields) => write(formatLine('json', { time: timestamp(clock.now()) }, fields));
  return {
    event: (fields) => write(formatLine('json', fields)),
    note: (message) => writeObject({ type: 'stream', message }),
    summarize(watchedMs) {
      const counts = [...seen].map(([key, times]) => [key.replace(' ', '.'), times] as const);
      writeObject({ type: 'summary', watched_s: toSeconds(watchedMs), ...Object.fromEntries(counts) });
    },
  };
}

function textView(options: StreamViewOptions, seen: SeenEvents): Omit<StreamView, 'seen'> {
  const { clock } = options;
  const nameOf = ({ group, peer }: Pick<PeerRef, 'group' | 'peer'>) => `${group} ${peer}`;
  const terminal = new TerminalSink({ ...options, brief: false, nameOf, names: NAMES });
  const failures = new RepeatedFailures();
  const numbers = new Map<string, number>();
  const refOf = (group: string, peer: string): PeerRef => {
    const name = nameOf({ group, peer });
    const id = numbers.get(name) ?? numbers.size;
    if (numbers.size < MOST_PEERS) numbers.set(name, id);
    return { id, group, peer, host: '', port: 0, isLiteral: false, labels: {} };
  };
  const rest = (ref: PeerRef, at: number) => {
    for (const text of failures.rest(ref.id, at)) terminal.step(at, nameOf(ref), { text, style: 'bad' });
  };
  return {
    event(fields) {
      const { type, group, peer } = fields;
      const at = timeOf(fields) ?? clock.now();
      if (typeof group !== 'string' || typeof peer !== 'string') {
        terminal.step(at, '', streamStep(fields));
        return;
      }
      const ref = refOf(group, peer);
      if (type === 'connected') rest(ref, at);
      const failure = failureOf(fields);
      const line = failure === null || numbers.size >= MOST_PEERS ? null : failures.add({ ...failure, at, peer: ref });
      if (failure !== null && line === null && numbers.size < MOST_PEERS) return;
      const step = line?.kind === 'repeated' ? ({ text: line.text, style: 'bad' } as const) : streamStep(fields);
      terminal.step(at, nameOf(ref), step);
    },
    note: (message) => terminal.step(clock.now(), '', { text: message, style: 'muted' }),
    summarize(watchedMs) {
      for (const ref of failures.peers) rest(ref, clock.now());
      const counts = [...seen].map(([key, times]) => `${key} ${times}`);
      terminal.note(`Watched for ${readableDuration(watchedMs)}: ${counts.join(', ') || 'nothing happened'}.`);
    },
  };
}

function timeOf({ time }: LineFields): number | null {
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** The words are of closed sets: a daemon of another release cannot grow the counts. */
function countedAs(fields: LineFields): string | null {
  const { type } = fields;
  if (type === 'connected') return 'connected';
  if (type === 'local_closed') return 'closed by Finrst';
  if (type === 'connect_failed') {
    const failure = failureOf(fields);
    return failure === null ? 'failed' : `failed ${failure.phase}/${failure.reason}`;
  }
  if (type !== 'disconnected') return null;
  const end = disconnectOf(fields);
  return end === null ? 'ended' : `ended ${end.class}/${end.reason}`;
}
