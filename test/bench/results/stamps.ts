/**
 * One end, as a program of the bench reports it: `KEY:NANOS:WORD`. The key names the connection on both sides; the
 * nanoseconds are those of the machine's monotonic clock, which all processes share.
 */
export type Stamp = { readonly key: number; readonly ms: number; readonly word: string };

/** Reads the answer `COUNT KEY:NANOS:WORD ...`. Milliseconds keep their fractions: a double counts nanoseconds for 100 days. */
export function parseStamps(answer: string): readonly Stamp[] {
  const [count = '', ...stamps] = answer.split(' ').filter((word) => word !== '');
  if (stamps.length !== Number(count)) throw new Error(`${count} stamps announced, ${stamps.length} came`);
  return stamps.map((stamp) => {
    const [key, nanos, word = ''] = stamp.split(':');
    return { key: Number(key), ms: Number(nanos) / 1e6, word };
  });
}

/** What became of the ends that a server made. */
export type Matched = {
  /** From the server's system call to the counter, one for each end that was counted. */
  readonly delaysMs: readonly number[];
  /** Counted under another reason than it had. */
  readonly misnamed: number;
  /** Never counted. */
  readonly lost: number;
  /** Counted, though no server made them, or twice. */
  readonly invented: number;
};

/** Joins what a server did with what a holder counted. A key that comes twice is joined in the order of time. */
export function matchStamps(made: readonly Stamp[], counted: readonly Stamp[]): Matched {
  const waiting = new Map<number, Stamp[]>();
  for (const stamp of counted) waiting.set(stamp.key, [...(waiting.get(stamp.key) ?? []), stamp]);
  const delaysMs: number[] = [];
  let misnamed = 0;
  for (const { key, ms, word } of made) {
    const found = waiting.get(key)?.shift();
    if (found === undefined) continue;
    delaysMs.push(found.ms - ms);
    if (found.word !== word) misnamed++;
  }
  return {
    delaysMs,
    misnamed,
    lost: made.length - delaysMs.length,
    invented: counted.length - delaysMs.length,
  };
}
