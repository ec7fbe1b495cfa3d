import { ByteReader } from '../byte-reader.ts';
import { joinBytes, uint16Bytes, uint32Bytes } from '../join-bytes.ts';

/** Section 2.4 of native_protocol_v4.spec. */
export const OPCODE = {
  error: 0x00,
  startup: 0x01,
  ready: 0x02,
  authenticate: 0x03,
  options: 0x05,
  supported: 0x06,
  authChallenge: 0x0e,
  authResponse: 0x0f,
  authSuccess: 0x10,
} as const;

/** Version, flags, stream, opcode, and the length of what is behind. */
export const HEADER_BYTES = 9;
/** Version 4, which every server since Cassandra 2.2 speaks, as requests and answers say it. */
export const VERSION = { request: 0x04, answer: 0x84 } as const;
/** All requests are on one stream, since one at a time is out. Errors about nothing that was asked have another one. */
export const STREAM = 1;

/** What we need of a frame. */
export type CqlFrame = {
  readonly stream: number;
  readonly opcode: number;
  /** Of an error; null: it is none, or something stands before its code. */
  readonly code: number | null;
};

/** Of a frame with a whole header. */
export function readCqlFrame(bytes: Uint8Array): CqlFrame {
  const reader = new ByteReader(bytes);
  reader.uint8(); // the version
  const flags = reader.uint8();
  const stream = reader.uint16() ?? 0;
  const opcode = reader.uint8() ?? 0;
  reader.uint32(); // the length
  // A flag puts texts in front of the code, and we ask for none of them.
  return { stream, opcode, code: opcode === OPCODE.error && flags === 0 ? reader.uint32() : null };
}

/** Asks what the server supports: it answers anybody. */
export const OPTIONS_REQUEST = request(OPCODE.options);

/** The first request of a login. */
export const STARTUP_REQUEST = request(
  OPCODE.startup,
  joinBytes(uint16Bytes(2), text('CQL_VERSION'), text('3.0.0'), text('DRIVER_NAME'), text('finrst')),
);

/** Name and password, as PasswordAuthenticator wants them. */
export function authResponse(username: string, password: string): Uint8Array {
  const token = joinBytes(`\0${username}\0${password}`);
  return request(OPCODE.authResponse, joinBytes(uint32Bytes(token.length), token));
}

function request(opcode: number, body: Uint8Array = new Uint8Array()): Uint8Array {
  return cqlFrame({ version: VERSION.request, stream: STREAM, opcode }, body);
}

/** What stands in front of each body, beside its length. */
export type CqlHead = { readonly version: number; readonly stream: number; readonly opcode: number };

/** A frame without flags. */
export function cqlFrame({ version, stream, opcode }: CqlHead, body: Uint8Array): Uint8Array {
  return joinBytes([version, 0, ...uint16Bytes(stream), opcode, ...uint32Bytes(body.length)], body);
}

function text(words: string): Uint8Array {
  return joinBytes(uint16Bytes(words.length), words);
}
