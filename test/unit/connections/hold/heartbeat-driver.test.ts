import { describe, expect, test } from 'vitest';
import { HeartbeatDriver, type HeartbeatNews } from '../../../../src/connections/hold/heartbeat-driver.ts';
import { TimerWheel } from '../../../../src/connections/hold/timer-wheel.ts';
import type { Session } from '../../../../src/protocols/session.ts';
import { createProtocol } from '../../../../src/protocols/registry.ts';
import { createFakeClock, type FakeClock, settled } from '../../../support/fake-clock.ts';
import { type SendExpect, sendExpectHeartbeat } from '../../../support/send-expect-heartbeat.ts';
import { sessionContext } from '../../../support/session-context.ts';

type Beating = {
  readonly clock: FakeClock;
  readonly driver: HeartbeatDriver;
  /** What happened, with the moment. */
  readonly saw: string[];
  receive(text: string): void;
  /** The kernel's buffer is full from now on, or not any more. */
  block(blocked: boolean): void;
  /** So many bytes of ours are not acknowledged from now on; null: nobody knows. */
  leave(outstanding: number | null): void;
  /** For how long stalls were to be seen, each time that was asked for. */
  readonly watched: readonly number[];
};

type Situation = {
  readonly justStalled?: boolean;
  readonly isBlocked?: boolean;
  readonly now?: number;
  /** What chance says, one draw after another, then 0: a whole interval. */
  readonly draws?: readonly number[];
};

/** A driver that was started. */
function beating(overrides: Partial<SendExpect> = {}, situation: Situation = {}): Beating {
  const all = driverOf(overrides, situation);
  all.driver.start();
  return all;
}

/** A driver of a session whose first heartbeat was written at `sentAt` and has been answered. */
function carriedOn({ sentAt, ...situation }: Situation & { readonly sentAt: number }): Beating {
  const { session, ...all } = driverOf({}, situation);
  session.start();
  session.received(Buffer.from('PONG'));
  all.driver.carryOn(sentAt);
  return all;
}

function driverOf(
  overrides: Partial<SendExpect>,
  { justStalled = false, isBlocked = false, now = 0, draws = [] }: Situation,
): Beating & { readonly session: Session } {
  const clock = createFakeClock();
  clock.advance(now);
  const saw: string[] = [];
  const watched: number[] = [];
  const left = [...draws];
  let blocked = isBlocked;
  let outstanding: number | null = 0;
  const { protocol, intervalMs, timeoutMs } = sendExpectHeartbeat({
    send: Buffer.from('PING'),
    intervalMs: 10_000,
    answer: { expect: Buffer.from('PONG'), timeoutMs: 5000 },
    ...overrides,
  });
  const session = createProtocol(protocol).open(sessionContext());
  const driver = new HeartbeatDriver({
    session,
    beat: { intervalMs, timeoutMs },
    context: {
      clock,
      random: () => left.shift() ?? 0,
      stalls: { justStalled, watchFor: (ms) => void watched.push(ms) },
      wheel: new TimerWheel(clock),
    },
    link: { queuedBytes: () => (blocked ? 1 : 0), outstandingBytes: () => outstanding },
    holder: {
      writeWords: (bytes, how) =>
        saw.push(how === 'write' ? `sent ${String(bytes)} at ${clock.monotonic()}` : `replied ${String(bytes)}`) > 0,
      take: (news) => saw.push(wordsOf(news)),
    },
  });
  return {
    clock,
    driver,
    session,
    saw,
    receive: (text) => driver.received(Buffer.from(text)),
    block: (isNow) => (blocked = isNow),
    leave: (left) => (outstanding = left),
    watched,
  };
}

function wordsOf(news: HeartbeatNews): string {
  switch (news.kind) {
    case 'answered':
      return `answered after ${news.rttMs}`;
    case 'missed':
      return `missed: ${news.reason}`;
    case 'goodbye':
      return `goodbye ${news.goodbye}`;
    case 'broken':
      return `broken: ${news.expected}`;
  }
}

test('the first is sent at once, the others from send to send', () => {
  const { clock, saw } = beating({ answer: null });
  clock.advance(30_000);
  expect(saw).toEqual(['sent PING at 0', 'sent PING at 10000', 'sent PING at 20000', 'sent PING at 30000']);
});

test('stalls are watched for as long as an answer may take', () => {
  expect(beating({ answer: null }).watched).toEqual([]);
  const { clock, watched, receive } = beating();
  expect(watched).toEqual([5000]);
  receive('PONG');
  clock.advance(10_000);
  expect(watched).toEqual([5000, 5000]);
});

test('a heartbeat whose waits are drawn from less than a turn of the wheel has a timer of its own', () => {
  const { clock, saw } = beating({ intervalMs: 90, answer: null }, { draws: [0.5, 1] });
  clock.advance(250);
  expect(saw).toEqual(['sent PING at 0', 'sent PING at 81', 'sent PING at 153', 'sent PING at 243']);
});

test('what is due between two turns of the wheel never comes before the shortest wait', () => {
  const { clock, saw } = beating({ answer: null }, { now: 50, draws: [1] });
  clock.advance(8100);
  expect(saw).toEqual(['sent PING at 50', 'sent PING at 8100']);
});

test('each wait is drawn anew, from 0.8 of the interval to all of it', () => {
  const { clock, saw } = beating({ answer: null }, { draws: [0.5, 1, 0, 0.25] });
  clock.advance(40_000);
  expect(saw).toEqual([
    'sent PING at 0',
    'sent PING at 9000',
    'sent PING at 17000',
    'sent PING at 27000',
    'sent PING at 36500',
  ]);
});

test('the first wait of a session that the attempt opened is drawn as well', () => {
  const { clock, saw } = carriedOn({ sentAt: 1000, now: 4000, draws: [0.5] });
  clock.advance(5999);
  expect(saw).toEqual([]);
  clock.advance(1);
  expect(saw).toEqual(['sent PING at 10000']);
});

test('a wait that is over when the session is carried on ends with the next turn', () => {
  const { clock, saw } = carriedOn({ sentAt: 1000, now: 12_000 });
  clock.advance(99);
  expect(saw).toEqual([]);
  clock.advance(1);
  expect(saw).toEqual(['sent PING at 12100']);
});

test('a session that the attempt opened is carried on: the next is due one interval after the first was written', () => {
  const { clock, driver, saw, receive } = carriedOn({ sentAt: 1000, now: 4000 });
  clock.advance(6999);
  expect(saw).toEqual([]);
  clock.advance(1);
  receive('PONG');
  expect(saw).toEqual(['sent PING at 11000', 'answered after 0']);
  driver.stop();
  expect(clock.pending).toBe(0);
});

describe('a session that begins on an established connection', () => {
  test('waits with its first words until earlier bytes have drained', () => {
    const { clock, saw, block, receive } = beating({}, { isBlocked: true });
    clock.advance(10_000);
    expect(saw).toEqual([]);
    block(false);
    clock.advance(10_000);
    receive('PONG');
    clock.advance(10_000);
    expect(saw).toEqual(['sent PING at 20000', 'answered after 0', 'sent PING at 30000']);
  });

  test('is missed as any heartbeat is when its first answer does not come', async () => {
    const { clock, saw } = beating();
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'missed: no_reply']);
  });
});

describe('an answer', () => {
  test('counts from the write to the byte that completes it', () => {
    const { clock, saw, receive } = beating();
    clock.advance(7);
    receive('xxPO');
    clock.advance(5);
    receive('NGyy');
    expect(saw).toEqual(['sent PING at 0', 'answered after 12']);
  });

  test('to nothing that was sent is no answer to what is sent later', async () => {
    const { clock, saw, receive } = beating();
    receive('PONG');
    receive('PONG PO');
    clock.advance(10_000);
    receive('NG');
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'answered after 0', 'sent PING at 10000', 'missed: protocol']);
  });

  test('that may have waited for our own event loop proves that the peer lives, and reports no round trip', async () => {
    const { clock, saw, receive } = beating({}, { justStalled: true });
    clock.advance(3000);
    receive('PONG');
    clock.advance(6000);
    await settled();
    expect(saw).toEqual(['sent PING at 0']);
  });

  test('that is read at the second look is in time', async () => {
    const { clock, saw, receive } = beating();
    clock.advance(5000);
    receive('PONG');
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'answered after 5000']);
  });
});

describe('a peer that sends much is read in turns:', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('an answer behind what came in the turn of the second look is in time', async () => {
    const { clock, saw, receive } = beating();
    clock.advance(5000);
    receive('much');
    await turn();
    receive('PONG');
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'answered after 5000']);
  });

  test('one that never stops is not waited for without end', async () => {
    const { clock, saw, receive } = beating();
    clock.advance(5000);
    for (let turns = 0; turns < 32; turns++) {
      expect(saw, `after ${turns} turns`).toEqual(['sent PING at 0']);
      receive('much');
      await turn();
    }
    expect(saw).toEqual(['sent PING at 0', 'missed: protocol']);
  });
});

describe('a missed deadline', () => {
  test('with nothing received is no_reply, once, and no heartbeat follows a stop', async () => {
    const { clock, driver, saw } = beating();
    clock.advance(5000);
    await settled();
    driver.stop();
    clock.advance(60_000);
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'missed: no_reply']);
    expect(clock.pending).toBe(0);
  });

  test.each([
    { outstanding: 1, reason: 'no_reply' },
    { outstanding: 0, reason: 'protocol' },
    { outstanding: null, reason: 'protocol' },
  ])('with other bytes received, and $outstanding of ours not acknowledged, is $reason', async (expected) => {
    const { clock, saw, receive, leave } = beating();
    receive('push');
    leave(expected.outstanding);
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent PING at 0', `missed: ${expected.reason}`]);
  });

  test('a stop between the deadline and the second look silences it', async () => {
    const { clock, driver, saw } = beating();
    clock.advance(5000);
    driver.stop();
    await settled();
    expect(saw).toEqual(['sent PING at 0']);
  });

  test('as long as the interval is a miss, not a heartbeat more', async () => {
    const { clock, saw } = beating({ intervalMs: 5000 });
    clock.advance(5000);
    await settled();
    expect(saw).toEqual(['sent PING at 0', 'missed: no_reply']);
  });
});

test('while earlier bytes have not drained nothing is written and no deadline runs', async () => {
  const { clock, saw, receive, block } = beating();
  receive('PONG');
  block(true);
  clock.advance(20_000);
  await settled();
  block(false);
  clock.advance(10_000);
  expect(saw).toEqual(['sent PING at 0', 'answered after 0', 'sent PING at 30000']);
});

describe('asked whether a wait that ends now is its own', () => {
  test.each([
    { afterMs: 4000, received: '', says: null },
    { afterMs: 4995, received: '', says: 'no_reply' },
    { afterMs: 5000, received: '', says: 'no_reply' },
    { afterMs: 5000, received: 'what?', says: 'protocol' },
    { afterMs: 5000, received: 'PONG', says: null },
  ])('$afterMs ms after the send, having received "$received": $says', ({ afterMs, received, says }) => {
    const { clock, driver, receive } = beating();
    if (received !== '') receive(received);
    clock.advance(afterMs);
    expect(driver.verdictIfOverdue()).toBe(says);
  });

  test('one that expects no answer never claims it', () => {
    const { clock, driver } = beating({ answer: null });
    clock.advance(5000);
    expect(driver.verdictIfOverdue()).toBe(null);
  });
});
