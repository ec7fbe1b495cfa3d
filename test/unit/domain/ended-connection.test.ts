import { describe, expect, test } from 'vitest';
import { DISCONNECT_REASONS, type DisconnectReason } from '../../../src/domain/disconnect.ts';
import { endedConnection, type EndMet } from '../../../src/domain/ended-connection.ts';
import type { Disconnected } from '../../../src/domain/events/connection-events.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';
import { disconnectedEvent, localClosedEvent } from '../../support/sample-finrst-events.ts';

const tcp: TcpSample = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 20_000,
};
const classOf = (reason: DisconnectReason) =>
  Object.entries(DISCONNECT_REASONS).find(([, reasons]) => (reasons as readonly string[]).includes(reason))?.[0];
const ended = (reason: DisconnectReason, more: Partial<Disconnected> = {}) =>
  ({ ...disconnectedEvent, class: classOf(reason), reason, tcp, quietMs: 20_000, ...more }) as Disconnected;

/** Every reason, so that a new one does not go without a thought. */
const MET: Record<DisconnectReason, EndMet> = {
  fin: 'unasked',
  close_notify: 'unasked',
  reset: 'unasked',
  keepalive_timeout: 'provoked',
  retransmit_timeout: 'provoked',
  timeout: 'provoked',
  host_unreachable: 'provoked',
  network_unreachable: 'provoked',
  port_unreachable: 'provoked',
  prohibited: 'provoked',
  aborted: 'unclear',
  local_resource: 'unclear',
  tls_truncated: 'unasked',
  tls_alert: 'unclear',
  tls_error: 'unclear',
  protocol: 'unclear',
  other: 'unclear',
  no_data: 'survived',
  no_reply: 'unclear',
  write_stalled: 'unclear',
};

test.each(Object.entries(MET))('%s, with nothing of ours under way, is %s', (reason, met) => {
  expect(endedConnection(ended(reason as DisconnectReason), 60_000).met).toBe(met);
});

describe('a reset is provoked', () => {
  test('by bytes of ours that were under way', () => {
    expect(endedConnection(ended('reset', { tcp: { ...tcp, outstandingBytes: 1 } }), null).met).toBe('provoked');
  });

  test.each([
    { quietMs: 47_989, idle: 48_000, met: 'unasked' },
    { quietMs: 47_990, idle: 48_000, met: 'provoked' },
    { quietMs: 400_000, idle: null, met: 'unasked' },
  ])('by a probe that may have been sent: $quietMs ms of silence, keepalive $idle', ({ quietMs, idle, met }) => {
    expect(endedConnection(ended('reset', { quietMs }), idle).met).toBe(met);
  });

  test('where the kernel cannot be asked what was under way', () => {
    const { tcp: _, ...unknown } = ended('reset');
    expect(endedConnection(unknown as Disconnected, null).met).toBe('provoked');
  });
});

test('an answer that did not come is provoked only where the kernel says that our bytes never arrived', () => {
  expect(endedConnection(ended('no_reply', { tcp: { ...tcp, outstandingBytes: 6 } }), null).met).toBe('provoked');
});

test('a connection that we closed survived until then', () => {
  expect(endedConnection(localClosedEvent, 60_000)).toEqual({
    met: 'survived',
    ageMs: localClosedEvent.durationMs,
    quietMs: localClosedEvent.quietMs,
    aliveMs: localClosedEvent.durationMs,
  });
});

test('what we closed in the middle of a silence was alive until the last packet came in', () => {
  const closed = { ...localClosedEvent, durationMs: 14_500, tcp: { ...tcp, silenceMs: 14_490 } };
  expect(endedConnection(closed, 6000).aliveMs).toBe(10);
});

test('what was found dead was alive until the last packet came in; without the kernel, until its end', () => {
  const dead = ended('keepalive_timeout', { durationMs: 90_000, tcp: { ...tcp, silenceMs: 85_000 } });
  expect(endedConnection(dead, 60_000).aliveMs).toBe(5000);
  const { tcp: _, ...unknown } = dead;
  expect(endedConnection(unknown as Disconnected, 60_000).aliveMs).toBe(90_000);
});
