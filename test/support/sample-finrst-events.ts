import type {
  Connected,
  ConnectFailed,
  Disconnected,
  Explained,
  LocalClosed,
} from '../../src/domain/events/connection-events.ts';
import type { IncidentChanged } from '../../src/domain/events/incident-event.ts';
import type { ObservedConnected, ObservedEnded } from '../../src/domain/events/observed-events.ts';

/** Literal events to vary: `{ ...connectedEvent, connectionId: 'b' }`. All are about one peer. */
const peer = {
  id: 1,
  group: 'payments-redis',
  peer: 'redis-0.payments:6379',
  host: 'redis-0.payments',
  port: 6379,
  isLiteral: false,
  labels: {},
} as const;
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const remote = { address: '192.0.2.7', port: 6379 } as const;
const local = { address: '192.0.2.1', port: 50_123 } as const;

/** What a sample shows of a connection that was never silent. */
export const silences = { ageMs: 0, payloadMs: 0, packetsAtMostMs: 0, survivedMs: 0, survivedAtMostMs: 0 } as const;

export const connectedEvent: Connected = {
  type: 'connected',
  at,
  peer,
  connectionId: 'connection-1',
  startedAt: at - 12,
  timings: { dnsMs: 2, tcpMs: 4, tlsStartedMs: 6.5, tlsMs: 5.5, totalMs: 12 },
  tried: [{ address: '192.0.2.7', startedMs: 2.5, durationMs: 4 }],
  remote,
  local,
  failuresBefore: 0,
};

export const connectFailedEvent: ConnectFailed = {
  type: 'connectFailed',
  at,
  peer,
  connectionId: 'connection-1',
  startedAt: at - 7,
  timings: { dnsMs: 2, totalMs: 7 },
  tried: [{ address: '192.0.2.7', startedMs: 2, durationMs: 5, reason: 'refused', errno: 'ECONNREFUSED' }],
  phase: 'tcp',
  reason: 'refused',
  errno: 'ECONNREFUSED',
  failuresInARow: 1,
  retryInMs: 1000,
  downMs: 0,
};

const ending = {
  at: at + 60_000,
  peer,
  connectionId: 'connection-1',
  remote,
  local,
  establishedAt: at,
  durationMs: 60_000.25,
  idleMs: 1500,
  quietMs: 500,
  payloadQuietMs: 1500,
  receivedBytes: 70,
  sentBytes: 140,
} as const;

export const disconnectedEvent: Disconnected = {
  ...ending,
  type: 'disconnected',
  class: 'error',
  reason: 'reset',
  errno: 'ECONNRESET',
  initiator: 'remote',
};

export const localClosedEvent: LocalClosed = { ...ending, type: 'localClosed', reason: 'max_age' };

export const explainedEvent: Explained = {
  type: 'explained',
  at: ending.at + 3000,
  peer,
  connectionId: 'connection-1',
  by: 'announced',
  announced: 'terminating',
  class: 'error',
  reason: 'reset',
};

export const incidentEvent: IncidentChanged = {
  type: 'incident',
  at,
  id: '1767323040',
  state: 'running',
  isObserved: false,
  scope: { kind: 'group', value: 'payments-redis' },
  also: [],
  began: at - 4000,
  ended: 41,
  of: 52,
  reasons: { reset: 40, no_reply: 1 },
  stillDown: 3,
  common: {
    hints: { path_dead: 1 },
    droppedPackets: 0,
    stalledMs: 0,
    ages: { leastMs: 60_000, mostMs: 3_600_000 },
    silences: { leastMs: 100, mostMs: 84_000 },
  },
  elsewhere: { ended: 0, of: 9 },
  values: {
    kind: 'group',
    shares: [
      { value: 'orders-postgres', ended: 0, of: 9 },
      { value: 'payments-redis', ended: 41, of: 52 },
    ],
    rest: { values: 0, ended: 0, of: 0 },
  },
  spared: [{ group: 'payments-redis', peer: 'redis-51.payments:6379' }],
  judged: [
    { scope: { kind: 'group', value: 'payments-redis' }, ended: 41, of: 52, isHit: true },
    { scope: { kind: 'process', value: '' }, ended: 41, of: 61, isHit: true },
    { scope: { kind: 'prefix', value: '10.0.0.0/24' }, ended: 12, of: 120, isHit: false },
  ],
  sentence:
    '41 of 52 peers of payments-redis ended within 1.8 s, 40 reset, 1 no_reply: look at it; the other 9 peers are unharmed',
  traces: [{ traceId: 'trace-1', spanId: 'span-1', recorded: true }],
};

const observed = {
  at,
  peer: connectedEvent.peer,
  connection: {
    id: 7,
    local: { address: '10.244.1.5', port: 48_214 },
    remote: { address: '10.244.3.17', port: 6379 },
    owner: { pid: 4711, executable: 'java', pod: null },
  },
} as const;

export const observedConnectedEvent: ObservedConnected = {
  ...observed,
  type: 'observedConnected',
  isFound: false,
  isCloseWait: false,
};

export const observedErrorEvent: ObservedEnded = {
  ...observed,
  type: 'observedEnded',
  class: 'error',
  reason: 'reset',
  errno: 'ECONNRESET',
  durationMs: 60_000.25,
  isCloseWait: false,
  errorsInARow: 1,
};

export const observedFinEvent: ObservedEnded = {
  ...observed,
  type: 'observedEnded',
  class: 'eof',
  reason: 'fin',
  durationMs: 1000,
  isCloseWait: true,
  errorsInARow: 0,
};
