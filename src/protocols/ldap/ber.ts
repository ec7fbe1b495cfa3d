import type { ByteReader } from '../byte-reader.ts';
import { joinBytes } from '../join-bytes.ts';

/** One element: its tag, and what it holds, not copied. */
export type Element = { readonly tag: number; readonly body: Uint8Array };

/** Tags of what LDAP is made of. */
export const TAG = { boolean: 0x01, integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30 } as const;

/** Tag, length and content; texts in UTF-8. LDAP allows definite lengths alone (RFC 4511, 5.1). */
export function element(tag: number, ...content: readonly (Uint8Array | string | readonly number[])[]): Uint8Array {
  const body = joinBytes(...content);
  return joinBytes([tag], lengthBytes(body.length), body);
}

/** A whole number from 0 to 2^31 - 1. */
export function integer(value: number): Uint8Array {
  const bytes = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first === -1 ? [0] : bytes.slice(first);
  // The highest bit would make it negative.
  return element(TAG.integer, (shortest[0] ?? 0) > 0x7f ? [0, ...shortest] : shortest);
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

const LONG_FORM = 0x80;
const MOST_LENGTH_BYTES = 4;

/** The size of a whole element by its first bytes, of which there are at least two; `longer`: its length goes on; null: no length that LDAP allows. */
export function elementSize(header: Uint8Array): number | 'longer' | null {
  const [, first = 0, ...rest] = header;
  if (first < LONG_FORM) return 2 + first;
  const count = first - LONG_FORM;
  if (count === 0 || count > MOST_LENGTH_BYTES) return null;
  return rest.length < count ? 'longer' : header.length + rest.reduce((sum, byte) => sum * 0x100 + byte, 0);
}

/** The next element, cut where the bytes are; null: there is none. */
export function readElement(reader: ByteReader): Element | null {
  const tag = reader.uint8();
  const first = reader.uint8();
  if (tag === null || first === null) return null;
  const count = first < LONG_FORM ? 0 : first - LONG_FORM;
  const long = count === 0 ? null : readUnsigned(reader.take(count));
  const length = first < LONG_FORM ? first : long;
  const body = length === null ? null : reader.take(Math.min(length, reader.left));
  return body === null ? null : { tag, body };
}

/** Of at most five bytes; null: more, or none. */
export function readUnsigned(bytes: Uint8Array | null): number | null {
  if (bytes === null || bytes.length === 0 || bytes.length > 5) return null;
  return bytes.reduce((sum, byte) => sum * 0x100 + byte, 0);
}
