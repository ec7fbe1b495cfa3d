import { describe, expect, test } from 'vitest';
import { DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../../src/domain/disconnect.ts';
import { quietMs, type SilenceFacts } from '../../../src/domain/quiet.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';

type Reason = SilenceFacts['reason'];

/** Nothing outstanding; the last packet came in 7 s before the end. */
const tcp: TcpSample = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 7000,
};

/** Established at 0, over at 100 s. We wrote 20 s before the end; the peer sent payload 30 s before it, and nothing since. */
const facts: Omit<SilenceFacts, 'reason'> = {
  establishedAt: 0,
  endedAt: 100_000,
  lastReceivedAt: 70_000,
  lastPayloadInAt: 70_000,
  lastSentAt: 80_000,
  oldestWrite: { writtenAt: 80_000, packetBeforeAt: 75_000 },
  keepaliveIdleMs: 57_000,
  tcp,
};

/** What each reason is about, where nothing is outstanding. Adding a reason without filling this in does not compile. */
const QUIET: Readonly<Record<Reason, number>> = {
  keepalive_timeout: 57_000, // the idle time in force
  fin: 20_000, // since the last payload, ours
  close_notify: 20_000,
  goodbye: 20_000,
  tls_truncated: 20_000,
  tls_alert: 20_000,
  tls_error: 20_000,
  reset: 7000, // since the last packet that came in
  retransmit_timeout: 7000,
  timeout: 7000,
  host_unreachable: 7000,
  network_unreachable: 7000,
  port_unreachable: 7000,
  prohibited: 7000,
  aborted: 7000,
  local_resource: 7000,
  protocol: 7000,
  other: 7000,
  no_data: 7000,
  no_reply: 7000,
  write_stalled: 7000,
  shutdown: 7000,
  removed: 7000,
  reconfigured: 7000,
  max_age: 7000,
  resharded: 7000,
};
const reasons = Object.keys(QUIET) as Reason[];

test('the table has every reason', () => {
  expect(reasons.toSorted()).toEqual([...Object.values(DISCONNECT_REASONS).flat(), ...LOCAL_CLOSE_REASONS].toSorted());
});

test.each(Object.entries(QUIET))('%s with nothing outstanding: %i ms', (reason, expected) => {
  expect(quietMs({ ...facts, reason: reason as Reason })).toBe(expected);
});

test.each(reasons)('%s with bytes of ours outstanding: the silence before the oldest of them was written', (reason) => {
  expect(quietMs({ ...facts, reason, tcp: { ...tcp, outstandingBytes: 1 } })).toBe(5000);
});

const cases: readonly { when: string; reason: Reason; saw: Partial<SilenceFacts>; quiet: number }[] = [
  {
    when: 'our heartbeat met a box that forgot, six silent seconds later',
    reason: 'reset',
    saw: {
      lastSentAt: 99_999,
      oldestWrite: { writtenAt: 99_999, packetBeforeAt: 93_999 },
      tcp: { ...tcp, outstandingBytes: 2, silenceMs: 6001 },
    },
    quiet: 6000,
  },
  {
    when: 'the peer said goodbye and closed, a minute after its last answer',
    reason: 'fin',
    saw: { lastReceivedAt: 99_990, lastPayloadInAt: 40_000, lastSentAt: 39_999, tcp: { ...tcp, silenceMs: 2 } },
    quiet: 60_000,
  },
  {
    when: 'a reset stands right behind data',
    reason: 'reset',
    saw: { lastReceivedAt: 99_901, lastPayloadInAt: 60_000, lastSentAt: 50_000, tcp: { ...tcp, silenceMs: 99 } },
    quiet: 40_000,
  },
  {
    when: 'a reset comes 100 ms behind data',
    reason: 'reset',
    saw: { lastReceivedAt: 99_900, lastPayloadInAt: 99_900, tcp: { ...tcp, silenceMs: 100 } },
    quiet: 100,
  },
  {
    when: 'a reset comes 100 ms behind data, and a packet without data passed between them',
    reason: 'reset',
    saw: { lastReceivedAt: 99_900, lastPayloadInAt: 99_900, tcp: { ...tcp, silenceMs: 40 } },
    quiet: 40,
  },
  {
    when: 'a reset comes after a long silence of packets, and our write provoked it before the kernel sent it',
    reason: 'reset',
    saw: { lastSentAt: 100_000, tcp: { ...tcp, silenceMs: 30_000 } },
    quiet: 30_000,
  },
  {
    when: 'the kernel has counted a tick more than passed since the last byte',
    reason: 'no_data',
    saw: { lastReceivedAt: 98_000, lastPayloadInAt: 98_000, tcp: { ...tcp, silenceMs: 2004 } },
    quiet: 2000,
  },
  { when: 'a reset comes and the kernel cannot be asked', reason: 'reset', saw: { tcp: null }, quiet: 20_000 },
  {
    when: 'a deadline of ours passes after our write, which the peer acknowledged at once',
    reason: 'no_reply',
    saw: { lastSentAt: 95_000, tcp: { ...tcp, silenceMs: 4999 } },
    quiet: 4999,
  },
  {
    when: 'a deadline passes and the kernel cannot be asked',
    reason: 'no_data',
    saw: { tcp: null },
    quiet: 20_000,
  },
  {
    when: 'the kernel cannot be asked, and the peer was the last',
    reason: 'timeout',
    saw: { tcp: null, lastReceivedAt: 90_000 },
    quiet: 10_000,
  },
  {
    when: 'bytes are outstanding that no write of this connection noted',
    reason: 'retransmit_timeout',
    saw: { oldestWrite: null, tcp: { ...tcp, outstandingBytes: 9 } },
    quiet: 7000,
  },
  {
    when: 'keepalive was on and nobody knows its idle time',
    reason: 'keepalive_timeout',
    saw: { keepaliveIdleMs: null },
    quiet: 20_000,
  },
  {
    when: 'the last packet came before it was established',
    reason: 'reset',
    saw: { establishedAt: 99_000 },
    quiet: 1000,
  },
  { when: 'the stamps lie a tick in the future', reason: 'no_data', saw: { lastSentAt: 100_003 }, quiet: 0 },
];

describe('when', () => {
  test.each(cases)('$when: $quiet ms', ({ reason, saw, quiet }) => {
    expect(quietMs({ ...facts, reason, ...saw })).toBe(quiet);
  });
});
