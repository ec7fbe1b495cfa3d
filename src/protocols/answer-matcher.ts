/** Finds a byte sequence in a stream that comes in pieces, remembering only how far the match has got. */
export type AnswerMatcher = {
  /** Looks at the next bytes. True once the sequence was completed, from then on always. */
  feed(bytes: Uint8Array): boolean;
  /** How many of the bytes that were fed last belong to the sequence or came before its end. */
  readonly consumed: number;
  /** Begins anew. */
  reset(): void;
};

/**
 * Knuth-Morris-Pratt: each byte is looked at once and nothing of the stream is kept, so an endless answer costs no memory
 * and `expect` may straddle any number of pieces.
 *
 * @param expect at least one byte
 */
export function createAnswerMatcher(expect: Uint8Array): AnswerMatcher {
  const fallback = failureTable(expect);
  let matched = 0;
  let consumed = 0;
  return {
    get consumed() {
      return consumed;
    },
    feed(bytes) {
      let i = 0;
      for (; i < bytes.length && matched < expect.length; i++) {
        while (matched > 0 && bytes[i] !== expect[matched]) matched = fallback[matched - 1] ?? 0;
        if (bytes[i] === expect[matched]) matched++;
      }
      consumed = i;
      return matched === expect.length;
    },
    reset() {
      matched = 0;
    },
  };
}

/** For each prefix, the length of its longest proper prefix that is also its suffix. */
function failureTable(expect: Uint8Array): readonly number[] {
  const table = Array.from<number>({ length: expect.length }).fill(0);
  let length = 0;
  for (let i = 1; i < expect.length; i++) {
    while (length > 0 && expect[i] !== expect[length]) length = table[length - 1] ?? 0;
    if (expect[i] === expect[length]) length++;
    table[i] = length;
  }
  return table;
}
