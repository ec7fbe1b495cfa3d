import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { quantile } from './figures.ts';
import { INSIGHT } from './insight/run-insight.ts';
import { judge } from './judge.ts';
import { conformanceReport } from './report.ts';
import { missingRequirements } from './requirements.ts';
import type { Row } from './rows.ts';
import { judgePeer } from './mixed-judge.ts';
import { runLab, type Lab } from './run-lab.ts';
import { MIXED } from './run-mixed.ts';
import { STALLS } from './run-stalls.ts';
import { ATTEMPTS, FAULTS, isChosen, ONLY, STALLED, titled } from './scenarios/all.ts';
import { expectedOfTwin } from './witness.ts';

const missing = missingRequirements();
const lacks = missing.length === 0 ? '' : ` (skipped, it needs: ${missing.join('; ')})`;
const REPORT = path.join(import.meta.dirname, '../../docs/conformance.md');

test.runIf(process.env['CI'] === 'true')('a CI machine has all that the lab needs', () => {
  expect(missing).toEqual([]);
});

describe.skipIf(missing.length > 0)(`the truth lab${lacks}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await runLab();
    if (ONLY === undefined) writeFileSync(REPORT, conformanceReport(lab));
  });
  const row = (rows: readonly Row[], id: string): Row => rows.find(({ scenario }) => scenario.id === id)!;
  const allRight = (found: Row): void => {
    const faults = found.judged.flatMap(({ faults: list }, k) => list.map((fault) => `repeat ${k}: ${fault}`));
    expect(faults).toEqual([]);
    expect(found.right).toBe(found.scenario.repeat);
  };

  test.each(titled(FAULTS))('$title', ({ id }) => allRight(row(lab.quiet, id)));
  test.each(titled(FAULTS))('under load: $title', ({ id }) => allRight(row(lab.loaded, id)));
  test.each(titled(STALLED))('while we are stopped: $title', ({ id }) => allRight(row(lab.stalls, id)));
  test.each(titled(ATTEMPTS))('$title', ({ id }) => allRight(row(lab.attempts, id)));
  test('ends that we choose are local closes, and the peers see a FIN', () => {
    expect(lab.localCloses).not.toEqual([]);
    lab.localCloses.forEach(allRight);
  });
  test.each(['M01', 'M02', 'M03', 'M04', 'M05'])('a limit of this host is an honest connect failure: %s', (id) =>
    allRight(row(lab.limits, id)),
  );

  test.each(INSIGHT.map(({ id, injected }) => ({ id, title: `${id} ${injected}` })))(
    'what is behind the ends: $title',
    ({ id }) => expect(lab.insight.find(({ row: { id: its } }) => its === id)?.faults).toEqual([]),
  );

  test.each(titled(FAULTS.filter(({ twin }) => twin !== false)))(
    'the kernel did say so to a poll() client: $title',
    ({ id }) => {
      for (const { scenario, twinSaw } of [row(lab.quiet, id), row(lab.loaded, id)]) {
        expect(twinSaw).toEqual(expectedOfTwin(scenario));
      }
    },
  );
  test('nothing ended that was left alone, and /metrics agrees with the events', () => {
    expect(lab.othersEnded).toBe(0);
    expect(lab.disagreements).toEqual([]);
  });
  test.runIf(isChosen(MIXED))(
    'faults of all kinds at random, under load, are each counted once with their reason',
    () => {
      expect(lab.mixed!.faults, `LAB_SEED=${lab.mixed!.seed}`).toEqual([]);
      expect(lab.mixed!.verdicts.length).toBeGreaterThan(MIXED.atLeast);
      expect(lab.mixed!.othersEnded).toBe(0);
      expect(lab.mixed!.scrapes).toBeGreaterThan(0);
    },
  );
  test('every stall was measured', () => expect(lab.stallsMeasured).toBe(STALLS));
  // A part of the rows says nothing about delays.
  test.runIf(ONLY === undefined).each(['quiet', 'loaded'] as const)(
    'an end is told within 10 ms (median) and 100 ms (p99) of the kernel, %s',
    (part) => {
      const delays = lab[part].flatMap((each) => each.delays);
      expect(delays.length).toBeGreaterThan(1000);
      expect(quantile(delays, 0.5)).toBeLessThan(10);
      expect(quantile(delays, 0.99)).toBeLessThan(100);
    },
  );
});

describe('the judge', () => {
  const at = 1000;
  const event = (type: 'connected' | 'disconnected', more: object = {}) =>
    ({ id: 1, at, type, group: 'g', peer: 'p', connection_id: 'a', ...more }) as const;
  const fin = { class: 'eof', reason: 'fin' };
  const expected = { kind: 'disconnect', verdict: 'eof/fin', withinMs: [0, 100] } as const;
  test.each([
    { when: 'the end is missing', events: [event('connected')] },
    {
      when: 'the reason is wrong',
      events: [event('connected'), event('disconnected', { class: 'error', reason: 'reset' })],
    },
    {
      when: 'a connection ends twice',
      events: [event('connected'), event('disconnected', fin), event('disconnected', fin)],
    },
    {
      when: 'the end comes before the fault',
      events: [event('connected'), event('disconnected', { ...fin, at: at - 1 })],
    },
    { when: 'the end comes too late', events: [event('connected'), event('disconnected', { ...fin, at: at + 101 })] },
    {
      when: 'a later connection ends too',
      events: [
        event('connected'),
        event('disconnected', fin),
        event('connected', { connection_id: 'b' }),
        event('disconnected', { ...fin, connection_id: 'b' }),
      ],
    },
    { when: 'what ended was never established', events: [event('disconnected', fin)] },
  ])('finds fault when $when', ({ events }) => {
    expect(judge({ expect: expected, injectedAt: at, events }).faults).not.toEqual([]);
  });
  test('finds fault with an end where none was injected', () => {
    const events = [event('connected'), event('disconnected', fin)];
    expect(judge({ expect: { kind: 'none', forMs: 0 }, injectedAt: at, events }).faults).not.toEqual([]);
  });
  test('finds none with one right end in time', () => {
    const events = [event('connected'), event('disconnected', { ...fin, at: at + 5 })];
    expect(judge({ expect: expected, injectedAt: at, events }).faults).toEqual([]);
  });
});

describe('the judge of faults at random', () => {
  const fault = { name: 'FIN', harm: { server: ['fin'] }, verdicts: ['eof/fin'] } as const;
  const path = {
    name: 'black hole',
    harm: { firewall: 'black_hole' },
    verdicts: ['error/retransmit_timeout'],
  } as const;
  const record = [{ kind: 'silent', peer: 'p', fault, at: 1000 }];
  const event = (type: 'connected' | 'connect_failed' | 'disconnected', at: number, more: object = {}) =>
    ({ id: 1, at, type, group: 'g', peer: 'p', connection_id: 'a', ...more }) as const;
  const fin = { class: 'eof', reason: 'fin' };
  const held = event('connected', 0);
  const end = event('disconnected', 1001, fin);
  test('finds none where each fault has its one end', () => {
    expect(judgePeer(record, [held, end, event('connected', 1100, { connection_id: 'b' })]).faults).toEqual([]);
  });
  test.each([
    { when: 'an end is missing', events: [held] },
    {
      when: 'the verdict is another one',
      events: [held, event('disconnected', 1001, { class: 'error', reason: 'reset' })],
    },
    { when: 'the end comes before the fault', events: [held, event('disconnected', 990, fin)] },
    { when: 'a connection ends twice', events: [held, end, end] },
    {
      when: 'an end comes that nobody injected',
      events: [
        held,
        end,
        event('connected', 1100, { connection_id: 'b' }),
        event('disconnected', 1200, { ...fin, connection_id: 'b' }),
      ],
    },
    {
      when: 'what ended is another connection',
      events: [held, event('disconnected', 1001, { ...fin, connection_id: 'b' })],
    },
    { when: 'an attempt fails with nothing in its way', events: [held, end, event('connect_failed', 1100)] },
  ])('finds fault when $when', ({ events }) => {
    expect(judgePeer(record, events).faults).not.toEqual([]);
  });
  test('finds none with an attempt that fails while the path is broken', () => {
    const end2 = event('disconnected', 1001, { class: 'error', reason: 'retransmit_timeout' });
    const events = [held, end2, event('connect_failed', 1100, { connection_id: 'b' })];
    expect(judgePeer([{ kind: 'silent', peer: 'p', fault: path, at: 1000 }], events).faults).toEqual([]);
  });
});
