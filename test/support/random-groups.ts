import type { Hint } from '../../src/domain/hint.ts';
import { seededRandom } from './seeded-random.ts';
import { hintsOf, type SimulatedEnd, type SimulatedLife } from './simulated-group.ts';

type Random = () => number;

export const between = (random: Random, least: number, most: number) => least + (most - least) * random();
export const exponential = (random: Random, meanMs: number) => -meanMs * Math.log(1 - random());
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** The time between two connections of a peer. */
export const wait = (random: Random) => () => between(random, 500, 2000);

/** Payload at random times until then. */
export function payload(random: Random, meanMs: number, untilMs: number): readonly number[] {
  const times: number[] = [];
  for (let at = exponential(random, meanMs); at < untilMs; at += exponential(random, meanMs)) times.push(at);
  return times;
}

export const isLimit = (hint: Hint | null): hint is Extract<Hint, { name: 'idle_limit' | 'age_limit' }> =>
  hint?.name === 'idle_limit' || hint?.name === 'age_limit';

/** How long connections live where nothing limits them, by the name of the law. */
export const LIFE_LAWS: Readonly<Record<string, (random: Random, meanMs: number) => number>> = {
  exponential,
  lognormal: (random, meanMs) => meanMs * Math.exp(normal(random)),
};

const ENDS = 1000;
const ENDINGS: readonly SimulatedEnd[] = ['fin', 'fin', 'reset', 'pathDead'];

/** Whether a limit is claimed, falsely, at any of 1,000 ends at random of a group that is drawn by this seed. */
export function claimsLimit(law: string, seed: number): boolean {
  const lifeMs = LIFE_LAWS[law];
  if (lifeMs === undefined) throw new Error(`no such law: ${law}`);
  const random = seededRandom(seed);
  const meanMs = between(random, 30_000, 1_800_000);
  const [isSilent, isKept] = [random() < 0.5, random() < 0.75];
  const nextLife = (): SimulatedLife => {
    const endsAt = lifeMs(random, meanMs);
    const end = ENDINGS[Math.floor(random() * ENDINGS.length)] ?? 'fin';
    return {
      payloadAt: isSilent ? [] : payload(random, meanMs / 4, endsAt),
      keepaliveMs: isKept ? 1000 * Math.ceil(between(random, 48, 60)) : null,
      endsAt,
      end: end === 'pathDead' && !isKept ? 'reset' : end,
    };
  };
  const peers = 1 + Math.floor(random() * 10);
  return hintsOf({ peers, ends: ENDS, nextLife, nextWaitMs: wait(random) }).some(isLimit);
}
