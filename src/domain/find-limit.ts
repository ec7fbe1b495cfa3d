import type { EndedConnection } from './ended-connection.ts';
import type { Limit, LimitRange } from './limit.ts';

/** The longest lengths that connections lived to without an end, and the longest silence of packets that was survived. Milliseconds. */
export type Lived = {
  readonly ageMs: number;
  readonly payloadMs: number;
  readonly packetsMs: number;
  readonly survivedMs: number;
  readonly survivedAtMostMs: number;
};

/** An end, and what the connections of its group lived to since the one before. */
export type WindowEnd = EndedConnection & { readonly lived: Lived };

/** A timer is exact; what lies further apart is not one value. */
const TOLERANCE = 0.02;
const SPREAD = 1 + TOLERANCE;
/** Shorter ones are a peer that hangs up at once, whose lengths are those of a handshake. */
const LEAST_MS = 1000;
/** Provoked ends that agree by chance are rarer than that of values, as all of them must be longer than all that was survived. */
const LEAST_PROVOKED = 3;
/** Timers of one moment fire within this, whatever their length. */
const LEAST_MOMENT_MS = 1000;

type Judged = { readonly ends: readonly WindowEnd[]; readonly lived: Lived; readonly of: number };
type Cluster = { readonly range: LimitRange; readonly ends: number };

/**
 * The limit that the last ends of a group show, in the order in which they came; null: the figures allow no claim. A claim by
 * value takes at least as many ends at distinct times within 2 % as random ends reach once in a thousand (exponential,
 * lognormal; simulated), and no connection that lived beyond. A provoked end only bounds.
 */
export function findLimit(ends: readonly WindowEnd[], lived: Lived): Limit | null {
  const of = countOf(ends, (met) => met !== 'survived');
  const judged = { ends, lived, of };
  const packets = cluster(judged, 'packetsMs');
  const payload = cluster(judged, 'payloadMs');
  const age = cluster(judged, 'ageMs');
  if (packets === null && payload === null) {
    return age === null ? bracket(judged) : { kind: 'age', age: age.range, ends: age.ends, of };
  }
  const counts = [packets, payload, age].flatMap((found) => found?.ends ?? []);
  const ranges = { packets: packets?.range ?? null, payload: payload?.range ?? null, age: age?.range ?? null };
  return { kind: 'silence', ...ranges, ends: Math.min(...counts), of };
}

/** Whether two lengths are one value. */
export function isNear(one: number, other: number): boolean {
  return Math.max(one, other) <= SPREAD * Math.min(one, other);
}

/** How far apart ends after such a length have to be, so that one moment cannot be what they share. */
export function momentMs(lengthMs: number): number {
  return Math.max(LEAST_MOMENT_MS, lengthMs * TOLERANCE);
}

type Length = 'ageMs' | 'payloadMs' | 'packetsMs';

/**
 * The unasked ends within 2 % below the longest of all lengths. Only there can a limit be: a connection that lived longer
 * refutes every shorter one. Asked with each end, so that it makes no lists, which took a fifth of a storm, nor what `for of`
 * makes for each element until it is compiled: a seventh of all garbage of an end.
 */
function cluster({ ends, lived, of }: Judged, length: Length): Cluster | null {
  const wanted = leastEnds(of);
  if (ends.length < wanted) return null;
  const longest = longestOf(ends, lived, length);
  let near = 0;
  let leastMs = Infinity;
  let mostMs = 0;
  let countedAt = -Infinity;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i];
    if (end === undefined) continue;
    const own = lengthOf(end, length);
    if (end.met !== 'unasked' || own < LEAST_MS || own * SPREAD < longest) continue;
    if (end.at - countedAt < momentMs(own)) continue;
    countedAt = end.at;
    near++;
    leastMs = Math.min(leastMs, own);
    mostMs = Math.max(mostMs, own);
  }
  return near < wanted ? null : { range: { leastMs, mostMs }, ends: near };
}

function longestOf(ends: readonly WindowEnd[], lived: Lived, length: Length): number {
  let longest = lived[length];
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i];
    if (end !== undefined) longest = Math.max(longest, lengthOf(end, length), end.lived[length]);
  }
  return longest;
}

/** Of an end that says nothing of silence the age counts all the same. */
function lengthOf(end: WindowEnd, length: Length): number {
  return end.met === 'unclear' && length !== 'ageMs' ? 0 : (end[length] ?? 0);
}

/**
 * How many of so many ends must agree within 2 %. Of one length 3 of 5, 4 of 15 and 5 of 30 are as rare by chance as one in a
 * thousand; as three lengths are judged, after each end anew, 3 of 5 and 5 of 30 would be too many false claims by far.
 */
function leastEnds(of: number): number {
  if (of < 5) return Infinity;
  return of <= 15 ? 4 : 6;
}

function bracket({ ends, lived, of }: Judged): Limit | null {
  // Most groups have none, and this is asked with each end.
  if (countOf(ends, (met) => met === 'provoked') < LEAST_PROVOKED) return null;
  const provoked = ends.flatMap(({ met, packetsMs }) => (met === 'provoked' ? (packetsMs ?? []) : []));
  // Where most connections end before they were ever silent for long, few survive a long silence anyway.
  if (provoked.length < LEAST_PROVOKED || 2 * provoked.length < of) return null;
  const atMostMs = Math.min(...provoked);
  const survived = [lived, ...ends.map((end) => end.lived)];
  // The packet of an unasked end came through.
  const heard = ends.map(({ met, packetsMs }) => (met === 'unasked' ? (packetsMs ?? 0) : 0));
  const survivedAtMostMs = Math.max(...heard, ...survived.map((each) => each.survivedAtMostMs));
  if (atMostMs < LEAST_MS || survivedAtMostMs >= atMostMs) return null;
  const survivedMs = Math.max(...heard, ...survived.map((each) => each.survivedMs));
  return { kind: 'silenceAtMost', survivedMs, atMostMs, ends: provoked.length, of };
}

function countOf(ends: readonly WindowEnd[], isCounted: (met: WindowEnd['met']) => boolean): number {
  let count = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i];
    if (end !== undefined && isCounted(end.met)) count++;
  }
  return count;
}
