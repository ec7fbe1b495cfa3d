import { describe, expect, test } from 'vitest';
import type { Heartbeat } from '../../../../src/settings/peer-settings.ts';
import { HeartbeatLoop } from '../../../../src/protocols/send-expect/heartbeat-loop.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';

type Beating = {
  readonly clock: FakeClock;
  readonly loop: HeartbeatLoop;
  /** What happened, with the moment. */
  readonly saw: string[];
  hear(text: string): void;
  /** The kernel's buffer is full from now on, or not any more. */
  block(blocked: boolean): void;
};

function beating(overrides: Partial<Heartbeat> = {}, justStalled = false): Beating {
  const clock = createFakeClock();
  const saw: string[] = [];
  let blocked = false;
  const loop = new HeartbeatLoop({
    heartbeat: {
      send: Buffer.from('PING'),
      intervalMs: 10_000,
      answer: { expect: Buffer.from('PONG'), timeoutMs: 5000 },
      ...overrides,
    },
    clock,
    send: () => {
      if (!blocked) saw.push(`sent ${clock.monotonic()}`);
      return !blocked;
    },
    answered: (rttMs) => saw.push(`answered after ${rttMs}`),
    missed: (reason) => saw.push(`missed: ${reason}`),
    justStalled: () => justStalled,
  });
  return {
    clock,
    loop,
    saw,
    hear: (text) => loop.received(Buffer.from(text)),
    block: (now) => (blocked = now),
  };
}

test('the first is sent at once, the others from send to send', () => {
  const { clock, saw } = beating({ answer: null });
  clock.advance(30_000);
  expect(saw).toEqual(['sent 0', 'sent 10000', 'sent 20000', 'sent 30000']);
});

describe('an answer', () => {
  test('counts from the write to the byte that completes it', () => {
    const { clock, saw, hear } = beating();
    clock.advance(7);
    hear('xxPO');
    clock.advance(5);
    hear('NGyy');
    expect(saw).toEqual(['sent 0', 'answered after 12']);
  });

  test('to nothing that was sent is no answer to what is sent later', async () => {
    const { clock, saw, hear } = beating();
    hear('PONG');
    hear('PONG PO');
    clock.advance(10_000);
    hear('NG');
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent 0', 'answered after 0', 'sent 10000', 'missed: protocol']);
  });

  test('that may have waited for our own loop proves that the peer lives, and tells no round trip', async () => {
    const { clock, saw, hear } = beating({}, true);
    clock.advance(3000);
    hear('PONG');
    clock.advance(6000);
    await settled();
    expect(saw).toEqual(['sent 0']);
  });

  test('that is read at the second look is in time', async () => {
    const { clock, saw, hear } = beating();
    clock.advance(5000);
    hear('PONG');
    await settled();
    expect(saw).toEqual(['sent 0', 'answered after 5000']);
  });
});

describe('a missed deadline', () => {
  test('with nothing heard is no_reply, once, and no heartbeat follows a stop', async () => {
    const { clock, loop, saw } = beating();
    clock.advance(5000);
    await settled();
    loop.stop();
    clock.advance(60_000);
    await settled();
    expect(saw).toEqual(['sent 0', 'missed: no_reply']);
    expect(clock.pending).toBe(0);
  });

  test('a stop between the deadline and the second look silences it', async () => {
    const { clock, loop, saw } = beating();
    clock.advance(5000);
    loop.stop();
    await settled();
    expect(saw).toEqual(['sent 0']);
  });

  test('as long as the interval is a miss, not a heartbeat more', async () => {
    const { clock, saw } = beating({ intervalMs: 5000 });
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent 0', 'missed: no_reply']);
  });
});

test('while earlier bytes have not drained nothing is written and no deadline runs', async () => {
  const { clock, saw, hear, block } = beating();
  hear('PONG');
  block(true);
  clock.advance(20_000);
  await settled();
  block(false);
  clock.advance(10_000);
  expect(saw).toEqual(['sent 0', 'answered after 0', 'sent 30000']);
});

describe('asked whether a wait that ends now is its own', () => {
  test.each([
    { afterMs: 4000, heard: '', says: null },
    { afterMs: 4995, heard: '', says: 'no_reply' },
    { afterMs: 5000, heard: '', says: 'no_reply' },
    { afterMs: 5000, heard: 'what?', says: 'protocol' },
    { afterMs: 5000, heard: 'PONG', says: null },
  ])('$afterMs ms after the send, having heard "$heard": $says', ({ afterMs, heard, says }) => {
    const { clock, loop, hear } = beating();
    if (heard !== '') hear(heard);
    clock.advance(afterMs);
    expect(loop.verdictIfOverdue()).toBe(says);
  });

  test('one that expects no answer never claims it', () => {
    const { clock, loop } = beating({ answer: null });
    clock.advance(5000);
    expect(loop.verdictIfOverdue()).toBe(null);
  });
});
