import type { Heartbeat } from '../settings/heartbeat.ts';
import { sendExpect } from './send-expect/send-expect.ts';
import type { Protocol, ProtocolKind } from './session.ts';

/** Every protocol that Finrst speaks. */
export const PROTOCOLS = [sendExpect] as const satisfies readonly ProtocolKind<never>[];

/** The protocol that these settings ask for. */
export function createProtocol({ send, answer }: Heartbeat): Protocol {
  return sendExpect.create({ send, expect: answer?.expect ?? null });
}
