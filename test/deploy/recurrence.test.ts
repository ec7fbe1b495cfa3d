import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lackOf } from './lack-of.ts';
import { PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS, buildPrometheus3 } from './prometheus-3.ts';
import { type Programs, type RecordedSeries, backfill, startOver } from './recorded-prometheus.ts';
import { RULES } from './rule-tests.ts';

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
};
type Group = { readonly name: string; readonly rules: readonly Rule[] };

const { groups } = parse(readFileSync(join(RULES, 'finrst.rules.yaml'), 'utf8')) as {
  readonly groups: readonly Group[];
};
const recordings = groups.find(({ name }) => name === 'finrst.recurrence')?.rules ?? [];
const alerts = groups
  .flatMap(({ rules }) => rules)
  .filter(({ alert }) => alert?.startsWith('FinrstRecurring') === true);

const SCRAPE_S = 30;
const RECORD_S = 600;
const HOURS = 10;
/** Two hours are one block of a Prometheus' storage; nothing here is younger than that. */
const END = Math.floor(Date.now() / 7_200_000) * 7200 - 7200;
const START = END - HOURS * 3600;
/** When a rule group is evaluated within its interval follows from a hash of its name; in minutes. */
const OFFSETS = [1, 4, 6, 9];

const NEEDS = ['prometheus', 'promtool'] as const;
const lacks = { 2: lackOf(NEEDS), 3: lackOf(PROMETHEUS_3_NEEDS) };

describe.each([
  {
    version: 2,
    lack: lacks[2],
    programs: async (): Promise<Programs> => ({ prometheus: NEEDS[0], promtool: NEEDS[1] }),
  },
  { version: 3, lack: lacks[3], programs: buildPrometheus3 },
])('recurrence on a real Prometheus $version', ({ lack, programs }) => {
  const opened: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  test.skipIf(lack.skip)(
    `is found wherever the hash puts the rule group, and one outage is not${lack.note}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'finrst-recurrence-'));
      opened.push(() => rmSync(folder, { recursive: true }));
      const tools = await programs();

      await backfill(tools, folder, [
        ...histograms('timer', 350, everyPeriod(353)),
        ...histograms('outage', 300, once),
      ]);
      const first = await startOver(tools, folder);
      opened.push(() => first.stop());
      const recorded = await Promise.all(OFFSETS.map((offset) => recordedAt(first, offset)));
      await first.stop();

      await backfill(tools, folder, recorded.flat());
      const second = await startOver(tools, folder);
      opened.push(() => second.stop());
      for (const { alert, expr } of alerts) {
        const found = await second.instant(expr, END);
        const places = found.map(({ metric }) => `${metric.at}m ${metric.group} ${metric.limit}`).toSorted();
        expect(places, alert).toEqual(OFFSETS.map((offset) => `${offset}m timer 350s`));
      }
    },
    PROMETHEUS_3_BUILD_MS,
  );
});

/** What the recording rules give when their group is evaluated so many minutes behind each ten. */
async function recordedAt(
  prometheus: Awaited<ReturnType<typeof startOver>>,
  offset: number,
): Promise<readonly RecordedSeries[]> {
  const times = { start: START + offset * 60, end: END, step: RECORD_S };
  const all: RecordedSeries[] = [];
  for (const { record = '', expr, labels } of recordings) {
    for (const { metric, values } of await prometheus.range(expr, times))
      all.push({
        name: record,
        labels: { ...metric, ...labels, at: `${offset}` },
        samples: values.map(([time, value]: [number, string]) => [time, Number(value)]),
      });
  }
  return all;
}

const everyPeriod = (seconds: number) => (time: number) => Math.floor((time - START) / seconds);
/** Forty-nine connections that were cut together. */
const once = (time: number) => (time - START > 20_000 ? 49 : 0);

/** Both histograms of a group whose connections all end at one age, silent from the start. */
function histograms(group: string, age: number, endedBy: (time: number) => number): readonly RecordedSeries[] {
  const scrapes = Array.from({ length: (HOURS * 3600) / SCRAPE_S + 1 }, (_, at) => START + at * SCRAPE_S);
  const labels = { job: 'finrst', instance: 'i0', group, class: 'error' };
  return ['finrst_connection_duration_seconds', 'finrst_idle_at_disconnect_seconds'].flatMap((name) => [
    ...[57, 63, 285, 315, 335, 365, Number.POSITIVE_INFINITY].map((bound) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: Number.isFinite(bound) ? `${bound}` : '+Inf' },
      samples: scrapes.map((time): [number, number] => [time, age <= bound ? endedBy(time) : 0]),
    })),
    { name: `${name}_count`, labels, samples: scrapes.map((time): [number, number] => [time, endedBy(time)]) },
  ]);
}
