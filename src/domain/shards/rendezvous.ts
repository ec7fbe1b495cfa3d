const UTF8 = new TextEncoder();

/**
 * Which of `total` shards holds a peer: the one with the highest score; no two are equal, since `finish` maps no two numbers
 * to one. Null: there are none. When a shard comes, peers move to it alone, and when the last one goes, its peers alone move.
 * Shards of different versions have to agree: what is computed here never changes, and docs/sharding.md has it with examples.
 */
export function ownerOf({ group, peer }: Named, total: number): number | null {
  const hash = murmur3(UTF8.encode(`${group}\0${peer}`));
  let owner: number | null = null;
  let highest = -1;
  for (let ordinal = 0; ordinal < total; ordinal++) {
    const score = finish(hash ^ finish(ordinal + 1));
    if (score > highest) {
      highest = score;
      owner = ordinal;
    }
  }
  return owner;
}

type Named = { readonly group: string; readonly peer: string };

/** MurmurHash3_x86_32 with seed 0 (github.com/aappleby/smhasher, public domain). At least 0, below 2^32. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeWords = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < wholeWords; at += 4) {
    hash ^= scramble(view.getUint32(at, true));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= wholeWords; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  return finish(hash ^ scramble(tail) ^ bytes.length);
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Its finalizer (`fmix32`): each bit of the input changes half of the bits of the result. */
function finish(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}
