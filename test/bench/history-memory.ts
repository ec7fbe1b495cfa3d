import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { PeerHistories } from '../../src/sinks/status/peer-histories.ts';
import { publishTo } from '../support/publish-to.ts';
import { connectedEvent, connectFailedEvent, disconnectedEvent, silences } from '../support/sample-finrst-events.ts';

/** Bytes of heap for each peer. */
export type HistoryMemory = {
  /** Established, with a reading of TCP_INFO. */
  readonly atRest: number;
  /** With all that is kept: three ends with their evidence, 32 changes, the last failed attempt. */
  readonly full: number;
};

const FULL_ROUNDS = 16;
const tcp = {
  state: 'close',
  rttMs: 1.25,
  minRttMs: 0.75,
  totalRetransmits: 4,
  pendingRetransmits: 3,
  pendingProbes: 0,
  outstandingBytes: 512,
  silenceMs: 60_123.4,
} as const;

/** What the histories of so many peers keep, by the heap after a collection: no more than a few bytes off where nothing else runs. */
export function measureHistories(peers: number): HistoryMemory {
  const refs = Array.from({ length: peers }, (_, id) => ({
    ...connectedEvent.peer,
    id,
    peer: `10.0.${id >> 8}.${id & 255}:6379`,
  }));
  const before = heapAfterCollection();
  const histories = new PeerHistories();
  const publish = publishTo(histories.sink);
  for (const peer of refs) {
    publish({ type: 'peerAdded', at: connectedEvent.at, peer, facts: FACTS });
    publish(connectedOf(peer, 0));
    publish({ type: 'sampled', at: connectedEvent.at + 5, peer, tcp, newRetransmits: 0, silences });
  }
  const atRest = heapAfterCollection() - before;
  for (let round = 1; round <= FULL_ROUNDS; round += 1) {
    for (const peer of refs) roundOf(peer, round).forEach(publish);
  }
  const full = heapAfterCollection() - before;
  // What is measured must live until here.
  if (histories.summaryOf(0)?.changes.length !== 32 || refs.length !== peers) throw new Error('nothing was kept');
  return { atRest: Math.round(atRest / peers), full: Math.round(full / peers) };
}

const FACTS = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };

type Ref = (typeof connectedEvent)['peer'];

/** Strings are made anew, as they are for each connection. */
const address = ({ id }: Ref) => `10.0.${id >> 8}.${id & 255}`;
const connectionId = ({ id }: Ref, round: number) => `k3x9q1-${(1_000_000 * round + id).toString(36)}`;
const traceId = ({ id }: Ref, round: number) => (1_000_000 * round + id).toString(16).padStart(32, '4bf92f3577b34da6');
const roundAt = ({ id }: Ref, round: number) => connectedEvent.at + round * 3_600_000 + id * 7;

function connectedOf(peer: Ref, round: number): FinrstEvent {
  const at = roundAt(peer, round);
  const tried = [{ address: address(peer), startedMs: 2.5, durationMs: 4.125 }];
  return { ...connectedEvent, peer, at, startedAt: at - 12, connectionId: connectionId(peer, round), tried };
}

function roundOf(peer: Ref, round: number): readonly FinrstEvent[] {
  const at = roundAt(peer, round) - 90_000;
  const remote = { address: address(peer), port: 6379 };
  const ended = {
    ...disconnectedEvent,
    peer,
    at,
    connectionId: connectionId(peer, round - 1),
    remote,
    tcp,
    keepaliveIdleMs: 53_000,
    durationMs: 3_510_000.25,
    receivedBytes: 1_234_567,
    hint: { name: 'path_dead' },
    trace: { traceId: traceId(peer, round), spanId: 's', recorded: true },
  } as const;
  const tried = [{ ...connectFailedEvent.tried[0], address: address(peer), startedMs: 0.5, durationMs: 1.75 }] as const;
  const failed = { ...connectFailedEvent, peer, at: at + 1000, startedAt: at + 900, tried, timings: { totalMs: 2.25 } };
  return [ended, failed, { ...connectedOf(peer, round) }] as readonly FinrstEvent[];
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

if (import.meta.main) {
  const { atRest, full } = measureHistories(15_000);
  process.stdout.write(`at rest ${atRest} B, full ${full} B a peer\n`);
}
