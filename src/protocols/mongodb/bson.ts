import { ByteReader } from '../byte-reader.ts';
import { joinBytes, uint32leBytes } from '../join-bytes.ts';

/** https://bsonspec.org/spec.html */
const TYPE = { double: 0x01, text: 0x02, document: 0x03, binary: 0x05, boolean: 0x08, int32: 0x10 } as const;

/** What we say. Numbers are whole and of 32 bits. */
export type BsonValue = number | string | boolean | Uint8Array | BsonDocument;
/** Names in the order of the wire. */
export type BsonDocument = { readonly [name: string]: BsonValue };

/** A document; its fields stay in their order. */
export function bsonDocument(fields: BsonDocument): Uint8Array {
  const elements = Object.entries(fields).map(([name, value]) => {
    const [type, bytes] = element(value);
    return joinBytes([type], name, [0], bytes);
  });
  const body = joinBytes(...elements, [0]);
  return joinBytes(uint32leBytes(4 + body.length), body);
}

function element(value: BsonValue): readonly [type: number, bytes: Uint8Array] {
  if (typeof value === 'number') return [TYPE.int32, Uint8Array.from(uint32leBytes(value))];
  if (typeof value === 'boolean') return [TYPE.boolean, Uint8Array.of(value ? 1 : 0)];
  if (typeof value === 'string') {
    const text = joinBytes(value, [0]);
    return [TYPE.text, joinBytes(uint32leBytes(text.length), text)];
  }
  if (value instanceof Uint8Array) return [TYPE.binary, joinBytes(uint32leBytes(value.length), [0], value)];
  return [TYPE.document, bsonDocument(value)];
}

/** How long values are that have one length. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  [TYPE.double]: 8,
  0x06: 0, // undefined
  0x07: 12, // the id of an object
  [TYPE.boolean]: 1,
  0x09: 8, // a date
  0x0a: 0, // null
  [TYPE.int32]: 4,
  0x11: 8, // a timestamp
  0x12: 8, // 64 bits
  0x13: 16, // a decimal
  0x7f: 0, // the greatest
  0xff: 0, // the least
};
/** And what the length in front of the others leaves out. */
const LENGTH_MISSES: Readonly<Record<number, number>> = {
  [TYPE.text]: 0,
  [TYPE.document]: -4,
  0x04: -4, // an array
  [TYPE.binary]: 1, // its kind
  0x0c: 12, // a pointer: a text, and the id of an object
  0x0d: 0, // code
  0x0e: 0, // a symbol
  0x0f: -4, // code with its variables
};

/** What a document says of these names, in its outermost part: numbers, `true` as 1, and binaries. Null: it is no document. */
export function readBson(
  bytes: Uint8Array,
  wanted: readonly string[],
): ReadonlyMap<string, number | Uint8Array> | null {
  const reader = new ByteReader(bytes);
  reader.uint32le(); // its length, which that of the message has said
  const found = new Map<string, number | Uint8Array>();
  for (;;) {
    const type = reader.uint8();
    if (type === 0) return found;
    const name = reader.text();
    if (type === null || name === null) return null;
    const value = takeValue(reader, type);
    if (value === null) return null;
    const read = wanted.includes(name) ? readValue(type, value) : null;
    if (read !== null) found.set(name, read);
  }
}

function takeValue(reader: ByteReader, type: number): Uint8Array | null {
  const fixed = FIXED_BYTES[type];
  if (fixed !== undefined) return reader.take(fixed);
  if (type === 0x0b) return reader.text() === null || reader.text() === null ? null : new Uint8Array(); // a pattern
  const missing = LENGTH_MISSES[type];
  const length = missing === undefined ? null : reader.uint32le();
  return missing === undefined || length === null ? null : reader.take(length + missing);
}

function readValue(type: number, value: Uint8Array): number | Uint8Array | null {
  switch (type) {
    case TYPE.double:
      return new DataView(value.buffer, value.byteOffset).getFloat64(0, true);
    case TYPE.boolean:
      return value[0] ?? 0;
    case TYPE.int32:
      return (new ByteReader(value).uint32le() ?? 0) | 0;
    case TYPE.binary:
      return value.subarray(1);
    default:
      return null;
  }
}
