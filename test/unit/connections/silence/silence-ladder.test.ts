import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SilenceLadder } from '../../../../src/connections/silence/silence-ladder.ts';
import type { OpenSilent, SilentListener } from '../../../../src/connections/silence/silent-connection.ts';
import type { SilenceResult } from '../../../../src/domain/silence/silence-result.ts';
import type { LadderEnd } from '../../../../src/domain/silence/silence-ladder-state.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';

type Box = {
  readonly limitMs: number;
  /** `fin` and `rst` come at the limit; `reset` and `silent` meet the next packet. */
  readonly how: 'fin' | 'rst' | 'reset' | 'silent';
};

type Hold = {
  readonly listener: SilentListener;
  readonly open: () => boolean;
  readonly end: (how: 'fin' | 'reset' | 'silent') => void;
};

/** A path through this box: null has no limit. What is open can be ended from outside. */
function pathThrough(clock: FakeClock, box: Box | null, { dead = (): boolean => false } = {}) {
  const open = new Set<Hold>();
  let most = 0;
  const connect: OpenSilent = (listener) => {
    let isOpen = true;
    let lastPacketAt = 0;
    let timer = { cancel: () => {} };
    const end = (how: 'fin' | 'reset' | 'silent'): void => {
      if (!isOpen) return;
      isOpen = false;
      open.delete(hold);
      listener.ended(how, 0);
    };
    const arm = (): void => {
      lastPacketAt = clock.monotonic();
      timer.cancel();
      if (box?.how === 'fin' || box?.how === 'rst')
        timer = clock.after(box.limitMs, () => end(box.how === 'fin' ? 'fin' : 'reset'));
    };
    const hold: Hold = { listener, end, open: () => isOpen };
    clock.after(1, () => {
      if (!isOpen) return;
      if (dead()) {
        listener.failed('tcp/refused');
        return;
      }
      open.add(hold);
      most = Math.max(most, open.size);
      arm();
      listener.established();
    });
    return {
      ask() {
        const isForgotten = box !== null && clock.monotonic() - lastPacketAt >= box.limitMs;
        if (dead() || (isForgotten && box.how === 'silent')) clock.after(3000, () => end('silent'));
        else if (isForgotten) clock.after(1, () => end('reset'));
        else
          clock.after(1, () => {
            if (!isOpen) return;
            arm();
            listener.answered(1);
          });
      },
      close() {
        isOpen = false;
        open.delete(hold);
        timer.cancel();
      },
    };
  };
  return { connect, open, most: () => most };
}

function run(
  box: Box | null,
  of: {
    steps?: readonly number[];
    atATime?: number;
    during?: (path: ReturnType<typeof pathThrough>, clock: FakeClock) => void;
    dead?: (clock: FakeClock) => boolean;
  } = {},
) {
  const { steps = [3000, 4000, 5000, 6000, 7000, 8000], atATime = Number.POSITIVE_INFINITY } = of;
  const clock = createFakeClock();
  const path = pathThrough(clock, box, { dead: () => of.dead?.(clock) ?? false });
  const decided: SilenceResult[] = [];
  let end: LadderEnd | null = null;
  let endedAt = 0;
  const ladder = new SilenceLadder({
    clock,
    stepsMs: steps,
    atATime,
    open: path.connect,
    decided: (result) => decided.push(result),
    ended: (how) => {
      end = how;
      endedAt = clock.monotonic();
    },
  });
  ladder.start();
  of.during?.(path, clock);
  clock.advance(24 * 3_600_000);
  return { end: end as LadderEnd | null, decided, endedAt, clock, path, rows: ladder.rows };
}

const boxes = fc.record({
  limitMs: fc.integer({ min: 1500, max: 12_000 }),
  how: fc.constantFrom('fin', 'rst', 'reset', 'silent'),
});
const STEPS = Array.from({ length: 11 }, (_, at) => 1500 + at * 1000 + 137);

test.each([
  { name: 'all at a time', atATime: Number.POSITIVE_INFINITY },
  { name: 'three at a time', atATime: 3 },
])('$name: whatever the limit is, the bracket holds it, and no connection and no timer stays behind', ({ atATime }) => {
  fc.assert(
    fc.property(boxes, (box) => {
      const { end, clock, path } = run(box, { steps: STEPS, atATime });
      expect(clock.pending).toBe(0);
      expect(path.open.size).toBe(0);
      if (end?.kind !== 'found') throw new Error(`ended as ${end?.kind}: ${JSON.stringify(box)}`);
      const { finding } = end;
      if (box.limitMs > STEPS.at(-1)!) {
        expect(finding).toEqual({ kind: 'none', survivedMs: STEPS.at(-1) });
        return;
      }
      expect(finding).toMatchObject({
        kind: 'limit',
        fatalMs: STEPS.find((step) => step >= box.limitMs),
        how: box.how === 'rst' ? 'reset' : box.how,
      });
      if (finding.kind === 'limit') expect(finding.survivedMs ?? 0).toBeLessThan(box.limitMs);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test('it never takes longer than its longest step, the probes and one repetition', () => {
  fc.assert(
    fc.property(boxes, (box) => {
      const longest = STEPS.at(-1)!;
      const begins = STEPS.length * 500 + 2000;
      expect(run(box, { steps: STEPS }).endedAt).toBeLessThanOrEqual(begins + 2 * (longest + 3000) + 2000);
    }),
    { numRuns: 100, seed: 11 },
  );
});

test('the longer ones are asked as witnesses as soon as a shorter one is found dead', () => {
  const { decided, endedAt } = run({ limitMs: 4500, how: 'reset' }, { steps: [3000, 4000, 5000, 900_000] });
  expect(decided.filter(({ asked }) => asked === 'early')).toMatchObject([{ stepMs: 900_000, outcome: 'reset' }]);
  expect(endedAt).toBeLessThan(12_000);
});

test('a death of the longest step alone is repeated before it counts', () => {
  const { end, decided } = run({ limitMs: 7500, how: 'silent' });
  expect(decided.filter(({ stepMs }) => stepMs === 8000).map(({ isRepeated }) => isRepeated)).toEqual([false, true]);
  expect(end).toMatchObject({ kind: 'found', finding: { kind: 'limit', survivedMs: 7000, fatalMs: 8000, deaths: 2 } });
});

test('an accident of the longest one is contradicted by its repetition', () => {
  const { end } = run(null, {
    during: (path, clock) => {
      clock.advance(5000);
      [...path.open][1]?.end('reset');
    },
  });
  expect(end).toMatchObject({ kind: 'found', finding: { kind: 'contradicted' } });
});

test('all that end at one moment are a restart and no timer', () => {
  const { end } = run(null, {
    steps: [60_000, 70_000, 80_000, 90_000],
    during: (path, clock) => {
      clock.advance(40_000);
      for (const hold of [...path.open].slice(1)) hold.end('fin');
    },
  });
  expect(end).toMatchObject({ kind: 'found', finding: { kind: 'together', ends: 4, withinMs: 0 } });
});

test('a path that is cut takes the control connection with it: nothing is said of silence', () => {
  const { end } = run(null, { dead: (clock) => clock.monotonic() > 6000 });
  expect(end).toEqual({ kind: 'controlDied', why: 'it had no answer' });
});

test('where nothing answers it ends at once', () => {
  const { end, endedAt } = run(null, { dead: () => true });
  expect(end).toEqual({ kind: 'unreachable', why: 'tcp/refused' });
  expect(endedAt).toBeLessThan(100);
});

test('with a login three are silent at a time beside the control, and what a longer one survived is not tried', () => {
  const { decided, path, endedAt } = run(null, { steps: STEPS, atATime: 3 });
  expect(path.most()).toBe(4);
  expect(decided.map(({ stepMs }) => stepMs)).toEqual(STEPS.slice(-3));
  expect(endedAt).toBeLessThan(STEPS.at(-1)! + 5000);
});

test('with a login a timer that two have met is not waited for again', () => {
  const { decided } = run({ limitMs: 3000, how: 'fin' }, { steps: STEPS, atATime: 3 });
  expect(decided.filter(({ outcome }) => outcome === 'fin').length).toBeLessThanOrEqual(5);
});

test('a stop closes everything and nothing is reported any more', () => {
  const clock = createFakeClock();
  const path = pathThrough(clock, null);
  const ladder = new SilenceLadder({
    clock,
    stepsMs: [3000, 4000],
    atATime: 2,
    open: path.connect,
    decided: () => {},
    ended: () => expect.unreachable('it was stopped'),
  });
  ladder.start();
  clock.advance(2500);
  expect(ladder.rows.map(({ state }) => state)).toEqual(['silent', 'silent']);
  ladder.stop();
  clock.advance(60_000);
  expect([clock.pending, path.open.size]).toEqual([0, 0]);
});

test('a peer that sends by itself is never silent, and one that greets is silent from then on', () => {
  const clock = createFakeClock();
  const path = pathThrough(clock, null);
  const ends: LadderEnd[] = [];
  const decided: SilenceResult[] = [];
  const begin = (after: number, what: 'greeted' | 'spoke') =>
    new SilenceLadder({
      clock,
      stepsMs: [3000, 4000],
      atATime: 2,
      open: (listener) => {
        const connection = path.connect(listener);
        clock.after(after, () => listener[what]());
        return connection;
      },
      decided: (each) => decided.push(each),
      ended: (how) => ends.push(how),
    });
  begin(2000, 'spoke').start();
  clock.advance(60_000);
  expect(ends).toEqual([{ kind: 'neverSilent' }]);
  begin(500, 'greeted').start();
  clock.advance(60_000);
  expect(ends[1]).toEqual({ kind: 'found', finding: { kind: 'none', survivedMs: 4000 } });
  expect(decided.map(({ silentMs }) => silentMs)).toEqual([3000, 4000]);
});
