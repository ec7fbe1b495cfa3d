import type { Disconnected } from '../domain/events/connection-events.ts';
import { type Hint, HINTS, type HintName } from '../domain/hint.ts';
import type { TcpSample } from '../domain/tcp-sample.ts';
import { readableBytes, readableDuration } from '../text/figures.ts';
import type { WordGroup } from './explained-words.ts';
import { limitWords } from './limit-words.ts';
import { announcementWords } from './reason-words.ts';

/** What each hint claims, for people. No full stop at the end. */
const WORDS: Readonly<Record<HintName, string>> = {
  own_stall: 'our own event loop was held up right before the end: it, or its time, may be our own doing',
  host_drops: 'this host dropped packets while the connection waited for an answer',
  announced: 'somebody had announced the end, or did so within 10 s',
  incident: 'connections of several peers broke at the same moment, and this was one of them',
  idle_limit: 'ends of the group come at one silence: something gives up a silent connection',
  age_limit: 'ends of the group come at one age: something lets no connection grow older',
  path_dead: 'what we sent was not acknowledged: the path or the whole host is gone',
  frozen_peer: "the peer's kernel acknowledged all that we sent, and its program did not answer or read",
  peer_silent: 'nothing of ours was unacknowledged and no answer was due: the peer had nothing to say',
};

/** What a hint claims, for people, without a full stop. */
export function hintWords(name: HintName): string {
  return WORDS[name];
}

/** Every hint with its words, in the order in which one is chosen. */
export const HINT_GROUP: WordGroup = {
  name: 'hint',
  kind: 'hint',
  what: 'what the evidence of an end supports beside class and reason: whose limit, whose fault',
  words: HINTS.map((reason) => ({
    term: `hint/${reason}`,
    group: 'hint',
    reason,
    anchor: `hint-${reason}`,
    what: WORDS[reason],
  })),
};

/** What of an end its hint can rest on. */
export type HintedEnd = Pick<Disconnected, 'hint' | 'reason' | 'announced'> & {
  readonly tcp?: Pick<TcpSample, 'outstandingBytes' | 'silenceMs'>;
};

/** What the hint of an end rests on, as a sentence without a full stop; undefined: it has no hint. */
export function hintEvidence(event: HintedEnd): string | undefined {
  return event.hint === undefined ? undefined : evidence(event, event.hint);
}

function evidence(event: HintedEnd, hint: Hint): string {
  switch (hint.name) {
    case 'own_stall':
      return `our own event loop was held up for ${readableDuration(hint.stalledMs)} right before the end`;
    case 'host_drops':
      return `this host dropped ${hint.dropped} packets since the last one of this peer came (a full queue, see net.core.netdev_max_backlog)`;
    case 'announced':
      return event.announced === undefined ? WORDS.announced : announcementWords(event.announced);
    case 'idle_limit':
    case 'age_limit':
      return limitWords(hint.limit);
    case 'path_dead':
      return `${unacknowledged(event)}${lastPacket(event)}`;
    case 'frozen_peer':
      return event.reason === 'write_stalled'
        ? `the peer's kernel answers and its program does not read: ${readableBytes(event.tcp?.outstandingBytes ?? 0)} of ours wait`
        : `the peer's kernel acknowledged all that we sent and its program did not answer${lastPacket(event)}`;
    case 'peer_silent':
      return `all that we sent is acknowledged and no answer was due${lastPacket(event)}`;
  }
}

function unacknowledged({ tcp }: HintedEnd): string {
  if (tcp === undefined) return 'what we sent was not acknowledged';
  if (tcp.outstandingBytes === 0) return 'keepalive probes were not answered';
  return `${readableBytes(tcp.outstandingBytes)} of ours were not acknowledged`;
}

function lastPacket({ tcp }: HintedEnd): string {
  return tcp === undefined ? '' : `; the last packet had come ${readableDuration(tcp.silenceMs)} before`;
}
