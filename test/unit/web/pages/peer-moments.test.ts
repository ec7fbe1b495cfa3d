import { expect, test } from 'vitest';
import type { Disconnected } from '../../../../src/domain/events/connection-events.ts';
import { endOf, type PeerHistory } from '../../../../src/sinks/status/peer-history.ts';
import { momentsSection } from '../../../../src/web/pages/peer-moments.ts';
import { disconnectedEvent, localClosedEvent } from '../../../support/sample-finrst-events.ts';

const at = Date.UTC(2026, 10, 26, 14, 27, 55, 302);
const tcp = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 0,
} as const;

/** What the list says, one entry each. */
function moments(more: Partial<Disconnected>, changes: PeerHistory['changes'] = []): readonly string[] {
  const end = endOf({
    ...disconnectedEvent,
    at,
    durationMs: 900_000,
    idleMs: 400_000,
    payloadQuietMs: 400_000,
    quietMs: 394_000,
    receivedBytes: 214,
    tcp,
    ...more,
  } as Disconnected);
  const section = momentsSection({ since: 0, changes, ends: [end], attempts: [], survivedMs: 0 }, '');
  const text = section?.pieces.join('') ?? '';
  return [...text.matchAll(/<li[^>]*>([^]*?)<\/li>/g)].map(([, inner = '']) =>
    inner
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

test('say who sent what before the silence, what of ours was under way, how it ended and when it was back', () => {
  const back = [{ at: at + 1544, kind: 'connected' as const }];
  expect(moments({ reason: 'reset', errno: 'ECONNRESET', initiator: 'remote' }, back)).toEqual([
    '14:21:15.302 ← the last byte of the peer',
    '14:21:21.302 the last packet either way, without payload',
    '6 m 34 s without a packet either way.',
    'nothing of ours was under way',
    '14:27:55.302 ← reset : ECONNRESET',
    '14:27:56.846 connected again; was down for 1.5 s',
  ]);
});

test('name our payload where it came last, and what of it was not acknowledged', () => {
  const shown = moments({ payloadQuietMs: 394_000, tcp: { ...tcp, outstandingBytes: 24, pendingRetransmits: 7 } });
  expect(shown[1]).toBe('14:21:21.302 → the last payload of ours');
  expect(shown).toContain('→ 24 B of ours, not acknowledged; sent again 7 times');
});

test('name probes, and a peer that never said a byte', () => {
  const shown = moments({ receivedBytes: 0, idleMs: 900_000, tcp: { ...tcp, pendingProbes: 3 } });
  expect(shown[0]).toContain('established; not a byte of the peer came');
  expect(shown).toContain('→ 3 keepalive probes, not answered');
});

test('are of ends that others made', () => {
  const ends = [endOf({ ...localClosedEvent, at })];
  expect(momentsSection({ since: 0, changes: [], ends, attempts: [], survivedMs: 0 }, '')).toBeNull();
  expect(momentsSection({ since: 0, changes: [], ends: [], attempts: [], survivedMs: 0 }, '')).toBeNull();
});

test('a reset after the keepalive was due answered a probe, most likely', () => {
  const probed = moments({ reason: 'reset', keepaliveIdleMs: 394_000 });
  expect(probed).toContain('→ a keepalive probe of our kernel was due, nothing else of ours');
  expect(moments({ reason: 'reset', keepaliveIdleMs: 500_000 })).toContain('nothing of ours was under way');
});
