import { describe, expect, test } from 'vitest';
import { SilenceTracker } from '../../../src/domain/silences.ts';

const tracker = () => new SilenceTracker(1000.4);

describe('silences', () => {
  test('of a connection that nothing came over last since it was established', () => {
    expect(tracker().take(61_000)).toEqual({
      ageMs: 60_000,
      payloadMs: 60_000,
      packetsAtMostMs: 60_000,
      survivedMs: 0,
      survivedAtMostMs: 0,
    });
  });

  test('of payload are broken by bytes either way, and the longest counts once', () => {
    const silences = tracker();
    silences.sending(21_000, 1000);
    silences.received(21_005);
    silences.received(51_005);
    expect(silences.take(61_005)).toMatchObject({ payloadMs: 30_000 });
    expect(silences.take(61_006)).toMatchObject({ payloadMs: 10_001 });
  });

  test('of packets are broken by what the kernel saw: how long they were lies between two looks', () => {
    const silences = tracker();
    silences.looked(16_000, 1000);
    silences.looked(46_000, 1000);
    // An answered probe: it came between the looks, and another one may have come before it.
    silences.looked(61_000, 55_000);
    expect(silences.take(61_000)).toEqual({
      ageMs: 60_000,
      payloadMs: 60_000,
      packetsAtMostMs: 54_000,
      survivedMs: 45_000,
      survivedAtMostMs: 54_000,
    });
    expect(silences.take(63_000)).toMatchObject({ packetsAtMostMs: 8000, survivedMs: 0, survivedAtMostMs: 0 });
  });

  test('a stamp that is one tick younger is the same packet', () => {
    const silences = tracker();
    silences.looked(30_000, 1010);
    expect(silences.take(30_000)).toMatchObject({ survivedAtMostMs: 0, packetsAtMostMs: 29_000 });
    silences.looked(30_001, 1011);
    expect(silences.take(30_001)).toMatchObject({ survivedAtMostMs: 11 });
  });

  test('before a packet of ours is survived when something comes after it, not when it is sent', () => {
    const silences = tracker();
    silences.sending(41_000, 1000);
    expect(silences.take(41_000)).toMatchObject({ survivedMs: 0, survivedAtMostMs: 0, packetsAtMostMs: 40_000 });
    silences.received(41_020);
    expect(silences.take(41_020)).toMatchObject({ survivedMs: 40_000, survivedAtMostMs: 40_000 });
  });

  test('a write behind one that is under way asks nothing anew', () => {
    const silences = tracker();
    silences.sending(11_000, 1000);
    silences.sending(41_000, null);
    silences.received(41_500);
    expect(silences.take(41_500)).toMatchObject({ survivedMs: 10_000 });
  });

  test('are whole milliseconds', () => {
    const silences = new SilenceTracker(0.6);
    silences.sending(10_000.7, 3000.2);
    silences.received(10_050.9);
    for (const length of Object.values(silences.take(20_000.4))) expect(Number.isInteger(length)).toBe(true);
  });
});
