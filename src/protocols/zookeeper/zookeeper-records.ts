import { ByteReader } from '../byte-reader.ts';
import { joinBytes, uint32Bytes } from '../join-bytes.ts';

/** What each record has in front: its length, which does not count itself. */
export const LENGTH_BYTES = 4;
/** Of a reply: number of the request, transaction, error. */
export const SHORTEST_REPLY = LENGTH_BYTES + 16;

/** Numbers of requests that have a meaning of their own, and kinds of request. zookeeper.jute and ZooDefs.OpCode. */
const PING_NUMBER = 0xfffffffe; // -2
const PING = 11;
const CLOSE_SESSION = 0xfffffff5; // -11

const NO_PASSWORD = new Uint8Array(16);
const EIGHT_ZEROS = new Uint8Array(8);

/** A ConnectRequest: a new session, of which a server without a quorum wants nothing to know. */
export function connectRequest(sessionTimeoutMs: number): Uint8Array {
  const session = [...uint32Bytes(sessionTimeoutMs), ...EIGHT_ZEROS, ...uint32Bytes(NO_PASSWORD.length)];
  const isReadOnly = 0;
  return record([...uint32Bytes(0), ...EIGHT_ZEROS, ...session, ...NO_PASSWORD, isReadOnly]);
}

/** A heartbeat of the session. */
export const PING_REQUEST = record([...uint32Bytes(PING_NUMBER), ...uint32Bytes(PING)]);
/** Ends the session, which lives on until its timeout otherwise. */
export const CLOSE_REQUEST = record([...uint32Bytes(1), ...uint32Bytes(CLOSE_SESSION)]);

/** The timeout of the session in a ConnectResponse, in milliseconds; 0: there is no session; null: it is no such answer. */
export function readConnectResponse(bytes: Uint8Array): number | null {
  const reader = new ByteReader(bytes);
  reader.take(LENGTH_BYTES + 4); // the version
  const timeoutMs = reader.uint32();
  const password = reader.take(8) && reader.uint32();
  if (timeoutMs === null || password === null || reader.take(password) === null) return null;
  return timeoutMs > MOST_POSITIVE ? 0 : timeoutMs;
}

/** The error of the answer to a ping, 0: none; null: it answers something else. */
export function readPingReply(bytes: Uint8Array): number | null {
  const reader = new ByteReader(bytes);
  reader.take(LENGTH_BYTES);
  if (reader.uint32() !== PING_NUMBER) return null;
  reader.take(8); // the transaction
  const error = reader.uint32();
  return error === null ? null : error | 0;
}

/** Numbers are signed. */
const MOST_POSITIVE = 0x7fffffff;

/** Its length, then it. */
export function record(body: readonly number[]): Uint8Array {
  return joinBytes(uint32Bytes(body.length), body);
}
