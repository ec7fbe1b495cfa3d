import { describe, expect, test } from 'vitest';
import { limitHint, ownHint } from '../../../src/domain/decide-hint.ts';
import { DISCONNECT_REASONS, type DisconnectReason } from '../../../src/domain/disconnect.ts';
import { endedConnection } from '../../../src/domain/ended-connection.ts';
import type { Disconnected } from '../../../src/domain/events/connection-events.ts';
import type { HintName } from '../../../src/domain/hint.ts';
import type { Limit } from '../../../src/domain/limit.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';
import { disconnectedEvent } from '../../support/sample-finrst-events.ts';

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
const REASONS = Object.values(DISCONNECT_REASONS).flat();
const ended = (reason: DisconnectReason, more: Partial<Disconnected> = {}) =>
  ({ ...disconnectedEvent, reason, tcp, ...more }) as Disconnected;
const nameAfter = (event: Disconnected, limit: Limit | null = null, dropped = 0): HintName | null =>
  (ownHint(event, (lost) => (dropped >= lost ? dropped : 0)) ?? limitHint(event, endedConnection(event), limit))
    ?.name ?? null;

describe('without a limit, by reason', () => {
  /** With nothing outstanding, with bytes outstanding, and where the kernel cannot be asked. */
  const NAMES: Record<DisconnectReason, readonly [HintName | null, HintName | null, HintName | null]> = {
    fin: [null, null, null],
    close_notify: [null, null, null],
    goodbye: [null, null, null],
    reset: [null, null, null],
    keepalive_timeout: ['path_dead', 'path_dead', 'path_dead'],
    retransmit_timeout: ['path_dead', 'path_dead', 'path_dead'],
    timeout: ['path_dead', 'path_dead', 'path_dead'],
    host_unreachable: [null, 'path_dead', null],
    network_unreachable: [null, 'path_dead', null],
    port_unreachable: [null, 'path_dead', null],
    prohibited: [null, 'path_dead', null],
    aborted: [null, null, null],
    local_resource: [null, null, null],
    tls_truncated: [null, null, null],
    tls_alert: [null, null, null],
    tls_error: [null, null, null],
    protocol: [null, null, null],
    other: [null, null, null],
    no_data: ['peer_silent', 'peer_silent', null],
    no_reply: ['frozen_peer', 'path_dead', null],
    write_stalled: [null, null, null],
  };
  test.each(REASONS.map((reason) => ({ reason, names: NAMES[reason] })))('$reason: $names', ({ reason, names }) => {
    const { tcp: _, ...unknown } = ended(reason);
    const outstanding = ended(reason, { tcp: { ...tcp, outstandingBytes: 6 } });
    expect([ended(reason), outstanding, unknown as Disconnected].map((event) => nameAfter(event))).toEqual(names);
  });

  test.each([
    { reason: 'write_stalled', more: { stalledBy: 'peer' }, name: 'frozen_peer' },
    { reason: 'write_stalled', more: { stalledBy: 'path' }, name: 'path_dead' },
    { reason: 'no_data', more: { tcp: { ...tcp, outstandingBytes: 1, pendingRetransmits: 1 } }, name: 'path_dead' },
    { reason: 'no_data', more: { tcp: { ...tcp, pendingProbes: 2 } }, name: 'path_dead' },
    { reason: 'no_data', more: { tcp: { ...tcp, pendingProbes: 1 } }, name: 'peer_silent' },
  ] as const)('$reason with $more: $name', ({ reason, more, name }) => {
    expect(nameAfter(ended(reason, more))).toBe(name);
  });
});

describe('our own stall comes first', () => {
  /** Ends that our being late can have made. */
  const OF_TIMING: readonly DisconnectReason[] = [
    'fin',
    'close_notify',
    'goodbye',
    'reset',
    'tls_truncated',
    'tls_alert',
    'protocol',
    'no_data',
    'no_reply',
    'write_stalled',
  ];
  test.each(REASONS)('%s', (reason) => {
    const stalled = ended(reason, { stalledMs: 1000, announced: 'requested' });
    expect(nameAfter(stalled, null, 0)).toBe(OF_TIMING.includes(reason) ? 'own_stall' : 'announced');
  });

  test('not a short one', () => {
    expect(nameAfter(ended('no_data', { stalledMs: 999 }))).toBe('peer_silent');
  });
});

describe('packets that this host dropped', () => {
  test.each([
    { dropped: 1, lost: 0, name: 'host_drops' },
    { dropped: 3, lost: 3, name: 'host_drops' },
    { dropped: 2, lost: 3, name: 'announced' },
    { dropped: 0, lost: 0, name: 'announced' },
  ])('$dropped of them, $lost unanswered: $name', ({ dropped, lost, name }) => {
    const dead = { tcp: { ...tcp, pendingProbes: lost }, announced: 'requested' } as const;
    expect(nameAfter(ended('keepalive_timeout', dead), null, dropped)).toBe(name);
  });

  test('explain nothing where all was acknowledged', () => {
    expect(nameAfter(ended('fin'), null, 99)).toBeNull();
    expect(nameAfter(ended('no_reply'), null, 99)).toBe('frozen_peer');
  });
});

describe('a limit that the group shows', () => {
  const range = { leastMs: 60_000, mostMs: 60_600 };
  const silence = { kind: 'silence', packets: null, payload: range, age: null, ends: 5, of: 5 } as const;
  const bracket = { kind: 'silenceAtMost', survivedMs: 0, atMostMs: 48_000, ends: 3, of: 3 } as const;
  const age = { kind: 'age', age: range, ends: 5, of: 5 } as const;
  const silent = (lengthMs: number) => ({ quietMs: lengthMs, payloadQuietMs: lengthMs, keepaliveIdleMs: 48_000 });

  test.each([
    { name: 'an end of that silence', event: ended('fin', silent(60_300)), limit: silence, hint: 'idle_limit' },
    { name: 'one within 2 %', event: ended('fin', silent(61_200)), limit: silence, hint: 'idle_limit' },
    { name: 'not a longer one', event: ended('fin', silent(61_201)), limit: silence, hint: null },
    { name: 'not a shorter one', event: ended('fin', silent(59_411)), limit: silence, hint: null },
    { name: 'not a provoked one', event: ended('reset', silent(60_300)), limit: silence, hint: null },
    {
      name: 'one of packets',
      event: ended('reset', { ...silent(60_300), keepaliveIdleMs: 120_000, payloadQuietMs: 90_000 }),
      limit: { ...silence, packets: range, payload: null },
      hint: 'idle_limit',
    },
    { name: 'an end of that age', event: ended('fin', { durationMs: 60_100 }), limit: age, hint: 'age_limit' },
    { name: 'not of another age', event: ended('fin', { durationMs: 30_100 }), limit: age, hint: null },
    { name: 'not a provoked one', event: ended('timeout', { durationMs: 60_100 }), limit: age, hint: 'path_dead' },
    { name: 'a provoked end, by the bracket', event: ended('timeout'), limit: bracket, hint: 'idle_limit' },
    { name: 'not an unasked one', event: ended('fin', silent(48_000)), limit: bracket, hint: null },
  ] as const)('$name: $hint', ({ event, limit, hint }) => {
    expect(nameAfter(event, limit)).toBe(hint);
  });
});
