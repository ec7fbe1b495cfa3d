import { describe, expect, test } from 'vitest';
import { ConnectionTraffic } from '../../../../src/connections/hold/connection-traffic.ts';
import type { TcpSample } from '../../../../src/domain/tcp-sample.ts';

const tcp: TcpSample = {
  state: 'established',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 400,
};
const link = (outstanding: number | null, sample: TcpSample | null = tcp) => ({
  outstandingBytes: () => outstanding,
  sample: () => sample,
});

describe('the last byte before an end at 10,000 ms', () => {
  type Came = readonly [at: number, how: 'asked' | 'unasked'];
  const cases: readonly { came: readonly Came[]; last: number }[] = [
    { came: [], last: 1000 },
    { came: [[4000, 'unasked']], last: 4000 },
    { came: [[9900, 'unasked']], last: 9900 },
    { came: [[9901, 'unasked']], last: 1000 },
    { came: [[10_000, 'unasked']], last: 1000 },
    { came: [[9999, 'asked']], last: 9999 },
    {
      came: [
        [4000, 'unasked'],
        [9950, 'unasked'],
        [9999, 'unasked'],
      ],
      last: 4000,
    }, // a burst
    {
      came: [
        [4000, 'asked'],
        [9950, 'unasked'],
      ],
      last: 4000,
    },
    {
      came: [
        [9930, 'asked'],
        [9990, 'unasked'],
      ],
      last: 9930,
    },
    {
      came: [
        [4000, 'unasked'],
        [4003, 'unasked'],
        [9990, 'unasked'],
      ],
      last: 4000,
    }, // one moment
  ];

  test.each(cases)('of $came is $last', ({ came, last }) => {
    const traffic = new ConnectionTraffic(1000);
    for (const [at, how] of came) traffic.received(5, at, how === 'asked');
    expect(traffic.lastPayloadInAt(10_000)).toBe(last);
  });

  test('of a stream that never paused is 100 ms old, within 10 ms', () => {
    const traffic = new ConnectionTraffic(0);
    for (let at = 0; at <= 10_000; at += 0.25) traffic.received(1, at, false);
    expect(traffic.lastPayloadInAt(10_000)).toBeGreaterThan(9889);
    expect(traffic.lastPayloadInAt(10_000)).toBeLessThanOrEqual(9900);
    expect(traffic.lastReceivedAt).toBe(10_000);
  });
});

describe('the oldest outstanding write', () => {
  test('is the last one that found nothing outstanding, with the packet before it', () => {
    const traffic = new ConnectionTraffic(0);
    traffic.writing(link(0), 6000);
    traffic.sent(9, 6000);
    traffic.writing(link(9), 8000);
    expect(traffic.oldestWrite).toEqual({ writtenAt: 6000, packetBeforeAt: 5600 });
    traffic.writing(link(0, { ...tcp, silenceMs: 3 }), 9000);
    expect(traffic.oldestWrite).toEqual({ writtenAt: 9000, packetBeforeAt: 8997 });
  });

  test('behind a FIN that was not read yet: the stamp is that of the FIN, the last byte counts', () => {
    const traffic = new ConnectionTraffic(0);
    traffic.received(1, 2000, false);
    traffic.sent(1, 2500);
    traffic.writing(link(0, { ...tcp, state: 'close_wait', silenceMs: 1 }), 9000);
    expect(traffic.oldestWrite).toEqual({ writtenAt: 9000, packetBeforeAt: 2500 });
  });

  test('is not known where the kernel cannot be asked', () => {
    const traffic = new ConnectionTraffic(0);
    traffic.writing(link(null, null), 6000);
    expect(traffic.oldestWrite).toBe(null);
  });
});

describe('silences', () => {
  test('are those of bytes, writes and the kernel together', () => {
    const traffic = new ConnectionTraffic(0);
    traffic.writing(link(0, { ...tcp, silenceMs: 6000 }), 6000);
    traffic.received(1, 6050, true);
    expect(traffic.takeSilences({ ...tcp, silenceMs: 100 }, 9000)).toEqual({
      ageMs: 9000,
      payloadMs: 6000,
      packetsAtMostMs: 6000,
      survivedMs: 6000,
      survivedAtMostMs: 6000,
    });
  });

  test('are not broken by a FIN, which touches the stamp', () => {
    const traffic = new ConnectionTraffic(0);
    expect(traffic.takeSilences({ ...tcp, state: 'close_wait', silenceMs: 2 }, 9000)).toMatchObject({
      survivedAtMostMs: 0,
      packetsAtMostMs: 9000,
    });
    expect(traffic.takeSilences({ ...tcp, state: 'close', silenceMs: 2 }, 9000)).toMatchObject({
      survivedAtMostMs: 8998,
    });
  });
});

test('what passed is counted once', () => {
  const traffic = new ConnectionTraffic(0);
  traffic.received(3, 1, false);
  traffic.sent(4, 2);
  expect(traffic.takeCount()).toEqual({ receivedBytes: 3, sentBytes: 4 });
  traffic.received(5, 3, true);
  expect(traffic.takeCount()).toEqual({ receivedBytes: 5, sentBytes: 0 });
  expect([traffic.receivedBytes, traffic.sentBytes, traffic.lastReceivedAt, traffic.lastSentAt]).toEqual([8, 4, 3, 2]);
});
