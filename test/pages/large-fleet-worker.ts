import { parentPort } from 'node:worker_threads';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { connectedEvent, disconnectedEvent, incidentEvent, silences } from '../support/sample-finrst-events.ts';
import { startWeb } from '../support/web-under-test.ts';

/** The peers that the project measures with. */
const PEERS = 15_000;
const HOUR_MS = 3_600_000;
const tcp = {
  state: 'established',
  rttMs: 1.25,
  minRttMs: 0.75,
  totalRetransmits: 1,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 900,
} as const;

/** What one turn of this thread's event loop took at most, in milliseconds. */
export type Turns = { readonly cpuMs: number; readonly wallMs: number };

/**
 * A web server over 15,000 peers, every hundredth of them down, in a thread of its own: what its turns take is the server's
 * then, and not the test's. Posts its address; each message `look` is answered with the longest turn since the one before.
 */
async function serveFleet(): Promise<void> {
  const lives = Array.from({ length: PEERS }, (_, id) => lifeOf(id));
  const web = await startWeb({ events: [...lives.flat(), ...incident()], isRealTime: true });
  let longest: Turns = { cpuMs: 0, wallMs: 0 };
  let [cpuBefore, wallBefore] = [cpuNow(), performance.now()];
  const turn = (): void => {
    const [cpu, wall] = [cpuNow(), performance.now()];
    longest = {
      cpuMs: Math.max(longest.cpuMs, cpu - cpuBefore),
      wallMs: Math.max(longest.wallMs, wall - wallBefore),
    };
    [cpuBefore, wallBefore] = [cpu, wall];
    setImmediate(turn);
  };
  turn();
  parentPort?.on('message', () => {
    parentPort?.postMessage(longest);
    longest = { cpuMs: 0, wallMs: 0 };
  });
  parentPort?.postMessage(web.addresses[0]);
}

/** One that all of them had, over by now, with 60 groups beside one another. */
function incident(): readonly FinrstEvent[] {
  const at = Date.now();
  const shares = Array.from({ length: 60 }, (_, index) => ({ value: `group-${index}`, ended: 250, of: 250 }));
  const values = { kind: 'group', shares, rest: { values: 40, ended: 0, of: 0 } } as const;
  const over = {
    ...incidentEvent,
    at,
    state: 'over',
    over: at,
    began: at - 60_000,
    ended: PEERS,
    of: PEERS,
    values,
  } as const;
  const ends = Array.from({ length: PEERS }, (_, id): FinrstEvent => {
    const peer = { ...connectedEvent.peer, id, group: `group-${id % 9}`, peer: nameOf(id) };
    const what = { class: 'error', reason: 'reset', by: 'incident', incident: incidentEvent.id } as const;
    return { type: 'explained', at, peer, connectionId: `c-${id}`, ...what, endedAt: at - 60_000 + id };
  });
  return [over, ...ends];
}

function nameOf(id: number): string {
  return `redis-${id}.payments.svc.cluster.local:6379`;
}

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function lifeOf(id: number): readonly FinrstEvent[] {
  const at = Date.now();
  const peer = { ...connectedEvent.peer, id, group: `group-${id % 9}`, peer: nameOf(id) };
  const labels = { team: 'payments', rack: `b${id % 59}` };
  const facts = { labels, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
  const connectionId = `c-${id}`;
  const up: readonly FinrstEvent[] = [
    { type: 'peerAdded', at: at - 3 * HOUR_MS, peer, facts },
    { ...connectedEvent, at: at - 2 * HOUR_MS, peer, connectionId },
    { type: 'stateEntered', at: at - 2 * HOUR_MS, peer, from: 'handshaking', state: 'established' },
    { type: 'sampled', at, peer, tcp, newRetransmits: 1, silences },
  ];
  if (id % 100 !== 0) return up;
  return [
    ...up,
    { ...disconnectedEvent, at: at - 1000, peer, connectionId, tcp },
    { type: 'stateEntered', at: at - 1000, peer, from: 'established', state: 'backoff' },
  ];
}

void serveFleet();
