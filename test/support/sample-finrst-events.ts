import type { Connected, ConnectFailed, Disconnected, LocalClosed } from '../../src/domain/events/connection-events.ts';

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
