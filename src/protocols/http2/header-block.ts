import { joinBytes } from '../join-bytes.ts';

/** The largest number that stands in its first byte, beside this many bits of that byte. */
const largestIn = (bits: number): number => 2 ** bits - 1;

/**
 * Header fields as HPACK has them (RFC 7541), in the plainest of its forms: names and values as they are, no table used.
 * Names are in lower case; values hold printable ASCII.
 */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const parts = fields.flatMap(([name, value]) => [NOT_INDEXED, ...text(name), ...text(value)]);
  return joinBytes(NO_TABLE, ...parts);
}

/**
 * The peer need not keep a table of what we sent. Said in each block, since a peer that makes its table smaller insists on
 * hearing that at the begin of the next one (RFC 7541, 4.2).
 */
const NO_TABLE = [0x20];
/** A field that no table holds, nor shall hold, with its name written out. */
const NOT_INDEXED = [0x00];

function text(value: string): readonly (readonly number[] | Uint8Array)[] {
  const bytes = joinBytes(value);
  return [prefixed(bytes.length, 7), bytes];
}

/** RFC 7541, 5.1: a number that begins within a byte, whose other bits are 0. */
function prefixed(value: number, bits: number): readonly number[] {
  if (value < largestIn(bits)) return [value];
  const encoded = [largestIn(bits)];
  let rest = value - largestIn(bits);
  for (; rest >= 128; rest >>= 7) encoded.push((rest & 0x7f) | 0x80);
  return [...encoded, rest];
}
