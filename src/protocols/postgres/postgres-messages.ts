import { joinBytes, uint32Bytes } from '../join-bytes.ts';

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const SSL_REQUEST = joinBytes(uint32Bytes(8), uint32Bytes(80_877_103));
/** It restarts the server's idle clocks, and runs no transaction: nothing is logged or counted. */
export const SYNC = message('S', new Uint8Array());
/** Ends a session in order: nothing is logged. */
export const TERMINATE = message('X', new Uint8Array());

/** Protocol 3.0. Only parameters that poolers know, too. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Uint8Array {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [name, [0], value, [0]]);
  const body = joinBytes([0, 3, 0, 0], ...pairs, [0]);
  return joinBytes(uint32Bytes(4 + body.length), body);
}

/** The answer to a request for a password, an MD5 digest, or a message of SASL. */
export function passwordMessage(text: string): Uint8Array {
  return message('p', joinBytes(text, [0]));
}

/** Chooses a mechanism of SASL, with its first message. */
export function saslInitialResponse(mechanism: string, response: string): Uint8Array {
  const bytes = joinBytes(response);
  return message('p', joinBytes(mechanism, [0], uint32Bytes(bytes.length), bytes));
}

/** A further message of the mechanism. */
export function saslResponse(response: string): Uint8Array {
  return message('p', joinBytes(response));
}

function message(type: string, body: Uint8Array): Uint8Array {
  return joinBytes(type, uint32Bytes(4 + body.length), body);
}
