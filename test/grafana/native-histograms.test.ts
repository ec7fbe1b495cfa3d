import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';
import { lackOf } from '../deploy/lack-of.ts';
import { buildPrometheus3, PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS } from '../deploy/prometheus-3.ts';
import { type DashboardName, drawingPanels, prometheusQueries, readDashboard } from './support/dashboard-json.ts';
import { ANY_CONTEXT, interpolate } from './support/interpolate.ts';

const lack = lackOf(PROMETHEUS_3_NEEDS);

/** Ends of one group in ten minutes, by how long the connection had been idle, or how old it was. */
const ENDS_SECONDS = [3, 61, 61.5] as const;
const LABELS = 'job="finrst",instance="127.0.0.1:10346",group="redis",class="eof"';

type InputSeries = { readonly series: string; readonly values: string };

/** All ends lie between the third and the fourth of eleven samples. */
const overTime = (before: string, after: string): string => `${before} `.repeat(4) + Array(7).fill(after).join(' ');

function classic(family: string): InputSeries[] {
  const upTo = (bound: number): number => ENDS_SECONDS.filter((seconds) => seconds <= bound).length;
  const buckets = [...LIFETIME_BUCKETS_SECONDS, Infinity].map((bound) => ({
    series: `${family}_bucket{${LABELS},le="${bound === Infinity ? '+Inf' : bound}"}`,
    values: overTime('0', `${upTo(bound)}`),
  }));
  return [...buckets, { series: `${family}_count{${LABELS}}`, values: overTime('0', `${ENDS_SECONDS.length}`) }];
}

/** As Prometheus 3 stores the same with `convert_classic_histograms_to_nhcb`. */
function native(family: string): InputSeries[] {
  const bounds = LIFETIME_BUCKETS_SECONDS.join(' ');
  const inBucket = [...LIFETIME_BUCKETS_SECONDS, Infinity].map(
    (bound, index, all) =>
      ENDS_SECONDS.filter((seconds) => seconds <= bound && seconds > (all[index - 1] ?? -Infinity)).length,
  );
  const histogram = (counts: readonly number[]): string =>
    `{{schema:-53 sum:1 count:${counts.reduce((sum, count) => sum + count, 0)} custom_values:[${bounds}] buckets:[${counts.join(' ')}]}}`;
  const values = overTime(histogram(inBucket.map(() => 0)), histogram(inBucket));
  return [{ series: `${family}{${LABELS}}`, values }];
}

describe.skipIf(lack.skip)(`histograms that Prometheus 3 has converted${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-native-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['as they are scraped', classic],
    ['converted to native ones', native],
  ])(
    'tell of limits, medians and counts what was put in, %s',
    async (_, series) => {
      const { promtool } = await buildPrometheus3();
      const families = ['finrst_idle_at_disconnect_seconds', 'finrst_connection_duration_seconds'];
      const asked = {
        interval: '1m',
        input_series: families.flatMap(series),
        promql_expr_test: [
          {
            expr: `round(${queryOf('overview', 'Idle at disconnect: whose limit was it?')})`,
            eval_time: '10m',
            exp_samples: [
              { labels: '{limit="all ends"}', value: 3 },
              { labels: '{limit="57–63 s: AWS ALB, nginx proxy"}', value: 2 },
            ],
          },
          {
            expr: `round(${queryOf('fleet', 'Age at the end, by group: median')})`,
            eval_time: '5m',
            exp_samples: [{ labels: '{group="redis"}', value: 59 }], // a quarter of the way from 57 to 63
          },
          {
            expr: `round(${queryOf('fleet', 'Groups compared', 'I')})`,
            eval_time: '10m',
            exp_samples: [{ labels: '{group="redis"}', value: 59 }],
          },
        ],
      };
      const file = join(folder, 'histograms.test.json');
      writeFileSync(file, JSON.stringify({ tests: [asked] }));
      expect(() => execFileSync(promtool, ['test', 'rules', file], { stdio: 'pipe' })).not.toThrow();
    },
    PROMETHEUS_3_BUILD_MS,
  );

  test(
    'every query is one that Prometheus 3 takes',
    async () => {
      const { promtool } = await buildPrometheus3();
      const queries = (['overview', 'peer', 'fleet', 'self'] as const).flatMap(prometheusQueries);
      const rules = queries.map(({ expr }, index) => ({
        record: `query:${index}`,
        expr: interpolate(expr, ANY_CONTEXT),
      }));
      const file = join(folder, 'queries.rules.json');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
      const printed = execFileSync(promtool, ['check', 'rules', file], { encoding: 'utf8' });
      expect(printed).toContain(`SUCCESS: ${queries.length} rules found`);
    },
    PROMETHEUS_3_BUILD_MS,
  );
});

/** A query of a panel, over the ten minutes in which the ends lie. */
function queryOf(name: DashboardName, title: string, refId = 'A'): string {
  const panel = drawingPanels(readDashboard(name)).find((candidate) => candidate.title === title);
  const target = panel?.targets?.find((candidate) => candidate.refId === refId);
  const variables = { ...ANY_CONTEXT.variables, job: '.+', instance: '.+', group: '.+' };
  return interpolate(target?.expr ?? '', { rangeSeconds: 600, stepSeconds: 60, scrapeSeconds: 60, variables });
}
