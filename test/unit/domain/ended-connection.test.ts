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
  goodbye: 'unasked',
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
  expect(endedConnection(ended(reason as DisconnectReason)).met).toBe(met);
});

describe('a reset is provoked', () => {
  test('by bytes of ours that were under way', () => {
    expect(endedConnection(ended('reset', { tcp: { ...tcp, outstandingBytes: 1 } })).met).toBe('provoked');
  });

  test.each([
    { quietMs: 47_989, idle: 48_000, met: 'unasked' },
    { quietMs: 47_990, idle: 48_000, met: 'provoked' },
    { quietMs: 400_000, idle: null, met: 'unasked' },
  ])('by a probe that may have been sent: $quietMs ms of silence, keepalive $idle', ({ quietMs, idle, met }) => {
    const keepalive = idle === null ? {} : { keepaliveIdleMs: idle };
    expect(endedConnection(ended('reset', { quietMs, ...keepalive })).met).toBe(met);
  });

  test('where the kernel cannot be asked what was under way', () => {
    const { tcp: _, ...unknown } = ended('reset');
    expect(endedConnection(unknown as Disconnected).met).toBe('provoked');
  });
});

test('an answer that did not come is provoked only where the kernel says that our bytes never arrived', () => {
  expect(endedConnection(ended('no_reply', { tcp: { ...tcp, outstandingBytes: 6 } })).met).toBe('provoked');
});

test('a FIN while bytes of ours were under way may be the answer to them', () => {
  expect(endedConnection(ended('fin', { tcp: { ...tcp, outstandingBytes: 6 } })).met).toBe('unclear');
});

test('a connection that we closed survived until then', () => {
  const { at, durationMs, quietMs, payloadQuietMs } = localClosedEvent;
  expect(endedConnection(localClosedEvent)).toEqual({
    met: 'survived',
    at,
    ageMs: durationMs,
    packetsMs: quietMs,
    payloadMs: payloadQuietMs,
    unheardMs: quietMs,
  });
});

describe('the silence of packets before an end', () => {
  const silent = { quietMs: 50_000, payloadQuietMs: 50_000 };
  test.each([
    { when: 'a FIN, no keepalive', event: ended('fin', silent), packetsMs: 50_000 },
    {
      when: 'a FIN before the first probe',
      event: ended('fin', { ...silent, keepaliveIdleMs: 50_011 }),
      packetsMs: 50_000,
    },
    {
      when: 'a FIN when a probe may have passed',
      event: ended('fin', { ...silent, keepaliveIdleMs: 50_010 }),
      packetsMs: null,
    },
    {
      when: 'a FIN behind a write',
      event: ended('fin', { quietMs: 6000, payloadQuietMs: 50_000, keepaliveIdleMs: 5000 }),
      packetsMs: 6000,
    },
    { when: 'a reset', event: ended('reset', { ...silent, keepaliveIdleMs: 48_000 }), packetsMs: 50_000 },
    { when: 'probes unanswered', event: ended('keepalive_timeout', { ...silent, quietMs: 48_000 }), packetsMs: 48_000 },
  ])('$when', ({ event, packetsMs }) => {
    expect(endedConnection(event).packetsMs).toBe(packetsMs);
  });
});

test('the path can have gone since the last packet came in; without the kernel, since the silence began', () => {
  const dead = ended('keepalive_timeout', { durationMs: 90_000, quietMs: 60_000, tcp: { ...tcp, silenceMs: 85_000 } });
  expect(endedConnection(dead).unheardMs).toBe(85_000);
  expect(endedConnection({ ...dead, durationMs: 84_990 }).unheardMs).toBe(84_990);
  const { tcp: _, ...unknown } = dead;
  expect(endedConnection(unknown as Disconnected).unheardMs).toBe(60_000);
});
