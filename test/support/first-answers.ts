import type { Duplex } from 'node:stream';
import type { Heartbeat } from '../../src/settings/heartbeat.ts';
import { type SendExpect, sendExpectHeartbeat } from './send-expect-heartbeat.ts';

/** A heartbeat that expects an answer within 5 s, every 10 s. */
export function answeredHeartbeat(overrides: Partial<SendExpect> = {}): Heartbeat {
  return sendExpectHeartbeat({
    send: Buffer.from('PING\r\n'),
    intervalMs: 10_000,
    answer: { expect: Buffer.from('+PONG'), timeoutMs: 5000 },
    ...overrides,
  });
}

/** A peer that answers the first heartbeat, and nothing after it. */
export function answersOnce(socket: Duplex): void {
  socket.once('data', () => socket.write('+PONG\r\n'));
  socket.resume();
}
