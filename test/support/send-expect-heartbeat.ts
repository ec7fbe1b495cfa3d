import type { Heartbeat } from '../../src/settings/heartbeat.ts';

/** A heartbeat as a test writes it: what is sent, how often, and the answer that is awaited, if any. */
export type SendExpect = {
  readonly send: Uint8Array;
  readonly intervalMs: number;
  readonly answer: { readonly expect: Uint8Array; readonly timeoutMs: number } | null;
};

/** The settings that a configuration with these bytes and times gives. */
export function sendExpectHeartbeat({ send, intervalMs, answer }: SendExpect): Heartbeat {
  const settings = { send, expect: answer?.expect ?? null };
  return { protocol: { name: 'send_expect', settings }, intervalMs, timeoutMs: answer?.timeoutMs ?? null };
}
