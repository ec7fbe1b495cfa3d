import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ObservedStep } from '../../src/observe/observed-step.ts';
import { SharedValues } from '../../src/observe/shared-values.ts';
import { SocketFold } from '../../src/observe/socket-fold.ts';
import { StepEvents } from '../../src/observe/step-events.ts';
import { TCP_STATE, type TraceRecord } from '../../src/os/tracefs/trace-record.ts';
import { peerKey } from '../../src/settings/peer-settings.ts';
import { ObservedSeries } from '../../src/sinks/metrics/observed-series.ts';
import { ObservedConnections } from '../../src/sinks/status/observed-connections.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { publishTo } from '../support/publish-to.ts';
import { connectedEvent } from '../support/sample-finrst-events.ts';

/** As many as one message between the threads has. */
const STEPS_A_MESSAGE = 100;
/** One in so many was closed by its peer, and not by its process. */
const LEAK_EVERY = 100;
/** Who reads the trace has each address as text once. */
const ADDRESSES = Array.from({ length: 200 }, (_, n) => `10.0.0.${n}`);

/** Bytes of heap for each connection of another process that is known, in the thread that reads the trace and in the other one together. */
export function measureObserved(connections: number): number {
  const { peer } = connectedEvent;
  const before = heapAfterCollection();
  const clock = createFakeClock();
  const listed = new ObservedConnections();
  const series = new ObservedSeries(clock);
  const publish = publishTo(listed.sink, {
    peer: (event) => series.peer(event),
    observed: (event) => series.observed(event),
  });
  series.peer({ type: 'peerAdded', at: 0, peer, facts: FACTS });
  const events = new StepEvents({ clock, publish, peerOf: () => peer });
  const shared = new SharedValues();
  const peers = [peerKey(peer)];
  let steps: ObservedStep[] = [];
  const fold = new SocketFold((step) => void steps.push(step));
  for (let n = 0; n < connections; n++) {
    const owner = shared.owner({ pid: 4000 + (n % 100), executable: 'java', pod: null });
    for (const record of linesOf(n)) fold.record(record, { peers, owner });
    if (steps.length < STEPS_A_MESSAGE && n < connections - 1) continue;
    for (const step of structuredClone(steps)) events.publish(step, 0);
    steps = [];
  }
  const bytes = heapAfterCollection() - before;
  // What is measured must live until here.
  const { established, closeWait } = listed.of(peer.id, 1);
  const kept = Array.from(fold.held()).length;
  if (established + closeWait !== connections || kept !== connections || series.families.length === 0)
    throw new Error(`${established} + ${closeWait} and ${kept} are kept, not ${connections}`);
  events.stop();
  return Math.round(bytes / connections);
}

const FACTS = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };

function linesOf(n: number): readonly TraceRecord[] {
  const common = { kind: 'state', timeNs: n * 1e6, socket: 0x8880_0000_0000 + n * 2048, threadId: 4000 } as const;
  const ends = { localAddress: ADDRESSES[n % ADDRESSES.length]!, remoteAddress: '192.0.2.7', remotePort: 6379 };
  const stands = { ...ends, localPort: 20_000 + Math.floor(n / ADDRESSES.length) };
  const { close, synSent, established, closeWait } = TCP_STATE;
  const begins: readonly TraceRecord[] = [
    { ...common, from: close, to: synSent, flow: { ...ends, localPort: 0 } },
    { ...common, from: synSent, to: established, flow: stands },
  ];
  return n % LEAK_EVERY === 0 ? [...begins, { ...common, from: established, to: closeWait, flow: stands }] : begins;
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

if (import.meta.main) process.stdout.write(`${measureObserved(100_000)} B a connection\n`);
