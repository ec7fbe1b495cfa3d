import type { EndedConnection } from './ended-connection.ts';

/** The lengths that ended connections share. Milliseconds. */
export type LimitRange = { readonly leastMs: number; readonly mostMs: number };

/** `ends` of `of` ends show it. */
type Shown = { readonly ends: number; readonly of: number };

/** A limit of time that the ends of one peer show. */
export type Limit =
  /** They came after the same silence, at different ages. */
  | (Shown & { readonly kind: 'silence'; readonly silence: LimitRange })
  /** They came at the same age, after different silences. */
  | (Shown & { readonly kind: 'age'; readonly age: LimitRange })
  /** Both are the same each time: which of the two it is cannot be told. */
  | (Shown & { readonly kind: 'silenceOrAge'; readonly silence: LimitRange; readonly age: LimitRange })
  /** Packets of ours found the path dead, each after at least this much silence, and no silence as long was survived. */
  | (Shown & { readonly kind: 'silenceAtMost'; readonly atMostMs: number });

/** Older ones may be of another time. */
export const MOST_CONNECTIONS = 30;
/** A timer is exact; what lies further apart is not one value. */
const SPREAD = 1.02;
/** Shorter ones are a peer that hangs up at once, whose lengths are those of a handshake. */
const LEAST_MS = 1000;
/** Provoked ends that agree by chance are rarer than that of values, as all of them must be at the first silence of their connection. */
const LEAST_PROVOKED = 3;

/**
 * The limit that connections of one peer show, in the order in which they ended; null: the figures allow no claim. One or two
 * ends never do. An end by value takes at least as many within 2 % as random ends reach once in a thousand (exponential,
 * lognormal; simulated), and no connection that lived beyond. A provoked end only bounds.
 */
export function findLimit(connections: readonly EndedConnection[]): Limit | null {
  const last = connections.slice(-MOST_CONNECTIONS);
  const of = last.filter(({ met }) => met !== 'survived').length;
  const silence = cluster(last, of, ({ met, quietMs }) => (met === 'unclear' ? null : quietMs));
  const age = cluster(last, of, ({ ageMs }) => ageMs);
  if (silence !== null && age !== null) {
    const ends = Math.min(silence.ends, age.ends);
    return { kind: 'silenceOrAge', silence: silence.range, age: age.range, ends, of };
  }
  if (silence !== null) return { kind: 'silence', silence: silence.range, ends: silence.ends, of };
  if (age !== null) return { kind: 'age', age: age.range, ends: age.ends, of };
  return bracket(last, of);
}

/**
 * The unasked ends within 2 % below the longest of all lengths. Only there can a limit be: a connection that lived longer
 * refutes every shorter one.
 */
function cluster(
  connections: readonly EndedConnection[],
  of: number,
  lengthOf: (connection: EndedConnection) => number | null,
): { readonly range: LimitRange; readonly ends: number } | null {
  const longest = Math.max(...connections.map((connection) => lengthOf(connection) ?? 0));
  const near = connections
    .filter(({ met }) => met === 'unasked')
    .flatMap((connection) => lengthOf(connection) ?? [])
    .filter((length) => length >= LEAST_MS && length * SPREAD >= longest);
  if (near.length < leastEnds(of)) return null;
  return { range: { leastMs: Math.min(...near), mostMs: Math.max(...near) }, ends: near.length };
}

/**
 * How many of so many ends must agree within 2 % so that chance makes it once in a thousand; between the simulated numbers the
 * stricter.
 */
function leastEnds(of: number): number {
  if (of <= 5) return 3;
  return of <= 15 ? 4 : 5;
}

function bracket(connections: readonly EndedConnection[], of: number): Limit | null {
  const provoked = connections.filter(({ met }) => met === 'provoked');
  if (provoked.length < LEAST_PROVOKED) return null;
  const atMostMs = Math.min(...provoked.map(({ quietMs }) => quietMs));
  const survivedMs = Math.max(...connections.map(({ aliveMs }) => aliveMs));
  if (atMostMs < LEAST_MS || survivedMs >= atMostMs) return null;
  return { kind: 'silenceAtMost', atMostMs, ends: provoked.length, of };
}
