import type { ProtocolName, ProtocolSettings } from '../settings/protocol-settings.ts';
import { sendExpect } from './send-expect/send-expect.ts';
import type { Protocol, ProtocolKind } from './session.ts';

/** Every protocol that Finrst speaks. */
export const PROTOCOLS: { readonly [Name in ProtocolName]: ProtocolKind<Name> } = {
  send_expect: sendExpect,
};

/** The protocol that these settings ask for. */
export function createProtocol<Name extends ProtocolName>({ name, settings }: ProtocolSettings<Name>): Protocol {
  return PROTOCOLS[name].create(settings);
}
