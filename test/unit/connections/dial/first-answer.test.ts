import { expect, test } from 'vitest';
import { FirstAnswer } from '../../../../src/connections/dial/first-answer.ts';
import type { Link, LinkListener } from '../../../../src/connections/link/link.ts';
import type { Signal } from '../../../../src/domain/evidence.ts';
import { sendExpect } from '../../../../src/protocols/send-expect/send-expect.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { sessionContext } from '../../../support/session-context.ts';

/** A first answer over a link that only the test moves. `earlyEnd`: how the link ended before anyone listened. */
function awaiting({ earlyEnd = null, justStalled = false }: { earlyEnd?: Signal | null; justStalled?: boolean } = {}) {
  const clock = createFakeClock();
  const saw: string[] = [];
  const watched: number[] = [];
  const listeners: LinkListener[] = [];
  const endpoint = { address: '192.0.2.1', port: 1 };
  const link: Link = {
    remote: endpoint,
    local: endpoint,
    certificate: null,
    keepaliveIdleMs: null,
    write: (bytes) => saw.push(`sent ${String(bytes)}`) > 0,
    reply: () => false,
    queuedBytes: () => 0,
    outstandingBytes: () => 0,
    probe: () => false,
    sample: () => null,
    silence: { since: () => null },
    listen(listener) {
      listeners.push(listener);
      if (earlyEnd !== null) listener.ended(earlyEnd, null);
    },
    close: (_drainMs, done) => done(),
    reset: (done) => done(),
  };
  const answer = new FirstAnswer({
    link,
    session: sendExpect.create({ send: Buffer.from('PING'), expect: Buffer.from('PONG') }).open(sessionContext()),
    timeoutMs: 5000,
    clock,
    stalls: { justStalled, watchFor: (ms) => watched.push(ms) },
    opened: ({ sentAt, rttMs }) => saw.push(`answered, sent at ${sentAt}, after ${rttMs}`),
    failed: ({ failure }) => saw.push(`${failure.phase}/${failure.reason}`),
  });
  clock.advance(100);
  answer.start();
  return { clock, answer, saw, watched, link: listeners[0] as LinkListener };
}

test.each([
  { errno: 'ECONNRESET', name: 'protocol/reset' },
  { errno: 'EPIPE', name: 'protocol/eof' },
])('a connect that ends in $errno, and so was established, is $name, and nothing is sent', ({ errno, name }) => {
  const { clock, saw } = awaiting({ earlyEnd: { kind: 'errno', errno } });
  expect(saw).toEqual([name]);
  expect(clock.pending).toBe(0);
});

test('an answer is reported once, with when it was asked for and how long it took', async () => {
  const { clock, saw, link } = awaiting();
  clock.advance(7);
  link.received(Buffer.from('PONG'));
  link.received(Buffer.from('PONG'));
  link.ended({ kind: 'end', pendingError: null }, null);
  clock.advance(60_000);
  await settled();
  expect(saw).toEqual(['sent PING', 'answered, sent at 100, after 7']);
});

test('an answer that may have waited for our own event loop has no round trip', () => {
  const { saw, link, watched } = awaiting({ justStalled: true });
  expect(watched, 'stalls are to be seen for as long as it may take').toEqual([5000]);
  link.received(Buffer.from('PONG'));
  expect(saw).toEqual(['sent PING', 'answered, sent at 100, after null']);
});

test('bytes that come while the deadline is looked at put the verdict off, for 32 looks at most', async () => {
  const { clock, saw, link } = awaiting();
  clock.advance(5000);
  let looks = 0;
  while (saw.length === 1 && looks < 100) {
    link.received(Buffer.from('a flood '));
    await new Promise((resolve) => setImmediate(resolve));
    looks++;
  }
  expect(saw).toEqual(['sent PING', 'protocol/rejected']);
  expect(looks).toBe(32);
});

test('once it is stopped nothing is reported, whatever comes', async () => {
  const { clock, saw, link, answer } = awaiting();
  clock.advance(5000);
  answer.stop();
  link.received(Buffer.from('PONG'));
  link.ended({ kind: 'closeNotify' }, null);
  await settled();
  expect(saw).toEqual(['sent PING']);
  expect(clock.pending).toBe(0);
});
