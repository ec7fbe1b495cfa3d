const ENCODER = new TextEncoder();

/** Bytes one behind the other; texts in UTF-8. */
export function joinBytes(...parts: readonly (Uint8Array | string | readonly number[])[]): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? ENCODER.encode(part) : Uint8Array.from(part)));
  const joined = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Two bytes, big endian. */
export function uint16Bytes(value: number): readonly number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

/** Four bytes, little endian. */
export function uint32leBytes(value: number): readonly number[] {
  return uint32Bytes(value).toReversed();
}

/** Four bytes, big endian. */
export function uint32Bytes(value: number): readonly number[] {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
