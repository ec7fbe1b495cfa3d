import { describe, expect, test } from 'vitest';
import type { Hint } from '../../../src/domain/hint.ts';
import { hintsOf, type SimulatedEnd, type SimulatedLife } from '../../support/simulated-group.ts';
import { seededRandom } from '../../support/seeded-random.ts';

type Random = () => number;

const between = (random: Random, least: number, most: number) => least + (most - least) * random();
const exponential = (random: Random, meanMs: number) => -meanMs * Math.log(1 - random());
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const wait = (random: Random) => () => between(random, 500, 2000);

/** Payload at random times until then. */
function payload(random: Random, meanMs: number, untilMs: number): readonly number[] {
  const times: number[] = [];
  for (let at = exponential(random, meanMs); at < untilMs; at += exponential(random, meanMs)) times.push(at);
  return times;
}

/** A box ends the connection at the first silence that is as long. */
function beforeSilence(times: readonly number[], limitMs: number): readonly number[] {
  const longAt = times.findIndex((at, index) => at - (times[index - 1] ?? 0) >= limitMs);
  return longAt < 0 ? times : times.slice(0, longAt);
}

const isLimit = (hint: Hint | null): hint is Extract<Hint, { name: 'idle_limit' | 'age_limit' }> =>
  hint?.name === 'idle_limit' || hint?.name === 'age_limit';

describe('a box that speaks when its time is over is found within 2 % after at most 8 ends', () => {
  const boxes = Array.from({ length: 40 }, (_, seed) => {
    const random = seededRandom(seed);
    const limitMs = Math.round(Math.exp(between(random, Math.log(3000), Math.log(3_600_000))));
    return {
      seed,
      limitMs,
      counts: seed % 2 === 0 ? 'payload' : 'packets',
      end: seed % 3 === 0 ? 'reset' : 'fin',
    } as const;
  });

  test.each(boxes)('$limitMs ms of $counts, $end', ({ seed, limitMs, counts, end }) => {
    const random = seededRandom(1000 + seed);
    // Against one that counts packets keepalive would keep the connections.
    const keepaliveMs = counts === 'payload' ? 1000 * Math.ceil(between(random, 48, 60)) : null;
    const nextLife = (): SimulatedLife => {
      const busyMs = random() < 0.3 ? 0 : exponential(random, 2 * limitMs);
      const payloadAt = beforeSilence(payload(random, limitMs / 5, busyMs), limitMs);
      // Its timer is late by up to 1 %.
      const endsAt = (payloadAt.at(-1) ?? 0) + limitMs * between(random, 1, 1.01);
      return { payloadAt, keepaliveMs, endsAt, end };
    };
    // Those of several peers can share a moment, and count once then.
    const peers = 1 + (seed % 5);
    const hints = hintsOf({ peers, ends: peers === 1 ? 8 : 12, nextLife, nextWaitMs: wait(random) });
    const found = hints.find(isLimit);
    expect(found).toMatchObject({ name: 'idle_limit', limit: { kind: 'silence' } });
    if (found?.name !== 'idle_limit' || found.limit.kind !== 'silence') return;
    const range = found.limit.payload ?? found.limit.packets;
    expect(range?.leastMs).toBeGreaterThanOrEqual(0.98 * limitMs);
    expect(range?.mostMs).toBeLessThanOrEqual(1.02 * limitMs);
  });
});

test('the limit of a box that forgets in silence is inside the bracket that is claimed, each time', () => {
  let groups = 0;
  for (let seed = 0; seed < 40; seed += 1) {
    const random = seededRandom(2000 + seed);
    const limitMs = Math.round(between(random, 20_000, 600_000));
    const idleSeconds = Math.ceil((limitMs / 1000) * between(random, 1, 1.5));
    const nextLife = (): SimulatedLife => ({
      payloadAt: beforeSilence(payload(random, limitMs / 4, exponential(random, limitMs)), limitMs),
      keepaliveMs: 1000 * Math.ceil(between(random, 0.8 * idleSeconds, idleSeconds)),
      // A draw below the limit lives, until something else ends it.
      endsAt: exponential(random, 20 * limitMs),
      end: 'fin',
      forgottenAfterMs: limitMs,
    });
    const hints = hintsOf({ peers: 1 + (seed % 7), ends: 40, nextLife, nextWaitMs: wait(random) });
    let isFound = false;
    for (const hint of hints) {
      if (hint?.name !== 'idle_limit' || hint.limit.kind !== 'silenceAtMost') continue;
      isFound = true;
      expect(hint.limit.survivedMs).toBeLessThan(limitMs);
      expect(hint.limit.atMostMs).toBeGreaterThanOrEqual(limitMs);
    }
    if (isFound) groups += 1;
  }
  expect(groups).toBeGreaterThanOrEqual(25);
});

describe('groups whose connections end at random', () => {
  /** Of 1,000 groups of each law at most 2 may make a claim (0 and 1 did); here fewer, of the same seeds. */
  const GROUPS = Number(process.env['FINRST_SIMULATED_GROUPS'] ?? 10);
  const ENDS = 1000;
  const laws = {
    exponential: (random: Random, meanMs: number) => exponential(random, meanMs),
    lognormal: (random: Random, meanMs: number) => meanMs * Math.exp(normal(random)),
  };
  const ENDINGS: readonly SimulatedEnd[] = ['fin', 'fin', 'reset', 'pathDead'];

  test.each(Object.entries(laws))(
    'show no limit: %s lives',
    (_, lifeMs) => {
      let groups = 0;
      for (let seed = 0; seed < GROUPS; seed += 1) {
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
        if (hintsOf({ peers, ends: ENDS, nextLife, nextWaitMs: wait(random) }).some(isLimit)) groups += 1;
      }
      expect(groups).toBeLessThanOrEqual((2 * GROUPS) / 1000);
    },
    600_000,
  );
});
