import { ByteReader, utf8 } from '../byte-reader.ts';
import { element, integer, readElement, readUnsigned, TAG } from './ber.ts';

/** What a message asks or answers: the tag of its operation (RFC 4511, 4.2 on). */
export const OPERATION = {
  bind: 0x60,
  bindResponse: 0x61,
  unbind: 0x42,
  search: 0x63,
  searchEntry: 0x64,
  searchDone: 0x65,
  searchReference: 0x73,
  extended: 0x77,
  extendedResponse: 0x78,
} as const;

const START_TLS = '1.3.6.1.4.1.1466.20037';
const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036';
/** Of simple authentication in a bind, of the name in an extended request, of the name in its response. */
const CONTEXT = { simple: 0x80, requestName: 0x80, responseName: 0x8a, present: 0x87 } as const;
const VERSION = 3;
/** So many messages were sent before a number comes again. */
const LAST_ID = 0x7fff_ffff;

/** The number of the message that follows. */
export function nextId(id: number): number {
  return id === LAST_ID ? 1 : id + 1;
}

function message(id: number, operation: Uint8Array): Uint8Array {
  return element(TAG.sequence, integer(id), operation);
}

/** Asks for TLS (4.14). */
export function startTlsRequest(id: number): Uint8Array {
  return message(id, element(OPERATION.extended, element(CONTEXT.requestName, START_TLS)));
}

/** A simple bind; without a name and a password nobody logs in. */
export function bindRequest(id: number, name: string, password: string): Uint8Array {
  const simple = element(CONTEXT.simple, password);
  return message(id, element(OPERATION.bind, integer(VERSION), element(TAG.octets, name), simple));
}

/** A search for the root of the server, which everybody may see, and for no attribute of it (`1.1`, 4.5.1.8). */
export function rootSearch(id: number): Uint8Array {
  const base = element(TAG.octets, '');
  const scopeAndAliases = [element(TAG.enumerated, [0]), element(TAG.enumerated, [0])];
  const limits = [integer(1), integer(0)];
  const typesOnly = element(TAG.boolean, [0]);
  const filter = element(CONTEXT.present, 'objectClass');
  const attributes = element(TAG.sequence, element(TAG.octets, '1.1'));
  return message(id, element(OPERATION.search, base, ...scopeAndAliases, ...limits, typesOnly, filter, attributes));
}

/** We leave. */
export function unbindRequest(id: number): Uint8Array {
  return message(id, Uint8Array.of(OPERATION.unbind, 0));
}

/** A message of a server. */
export type LdapMessage = {
  readonly id: number;
  readonly operation: number;
  /** Of what ends an operation; null: it ends none, or holds no code. */
  readonly code: number | null;
  /** Whether it says that the server closes (4.4.1). */
  readonly isNotice: boolean;
};

/** Null: it is none. */
export function readMessage(bytes: Uint8Array): LdapMessage | null {
  const envelope = readElement(new ByteReader(bytes));
  if (envelope?.tag !== TAG.sequence) return null;
  const reader = new ByteReader(envelope.body);
  const number = readElement(reader);
  const operation = readElement(reader);
  if (number?.tag !== TAG.integer || operation === null) return null;
  const id = readUnsigned(number.body);
  if (id === null) return null;
  const { tag } = operation;
  if (tag === OPERATION.searchEntry || tag === OPERATION.searchReference)
    return { id, operation: tag, code: null, isNotice: false };
  const { code, name } = readResult(new ByteReader(operation.body));
  const isNotice = id === 0 && tag === OPERATION.extendedResponse && name === NOTICE_OF_DISCONNECTION;
  return { id, operation: tag, code, isNotice };
}

/** The code in front, and behind two texts, which are skipped, the name of an extended response. */
function readResult(reader: ByteReader): { readonly code: number | null; readonly name: string | null } {
  let code: number | null = null;
  for (let next = readElement(reader); next !== null; next = readElement(reader)) {
    if (next.tag === CONTEXT.responseName) return { code, name: utf8(next.body) };
    if (next.tag === TAG.enumerated) code ??= readUnsigned(next.body);
  }
  return { code, name: null };
}
