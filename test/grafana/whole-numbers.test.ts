import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { inStep } from '../../grafana/blocks/selector.ts';
import { ANY_CONTEXT, interpolate } from './support/interpolate.ts';
import { drawingPanels, readDashboard } from './support/dashboard-json.ts';
import { testWithTools } from './support/tools.ts';

const CONTEXT = { ...ANY_CONTEXT, rangeSeconds: 600, stepSeconds: 60, scrapeSeconds: 60 };

type Case = {
  readonly what: string;
  /** Samples a minute apart, in promtool's notation. */
  readonly values: string;
  readonly at: string;
  /** How many ends the bar at that time stands for; null: there is none. */
  readonly ends: number | null;
};

const CASES: readonly Case[] = [
  { what: 'one end is 1', values: '0 0 1 1', at: '2m', ends: 1 },
  { what: 'and 0 in the next bar', values: '0 0 1 1', at: '3m', ends: 0 },
  { what: 'seven at once are 7', values: '3 3 10', at: '2m', ends: 7 },
  { what: 'after a restart, all since then', values: '0 5 2 2', at: '2m', ends: 2 },
  { what: 'nothing happened since a restart', values: '0 5 0 0', at: '2m', ends: 0 },
  {
    what: 'a gap in the scrapes is no burst of ends when it is over',
    values: '500 500 stale 500',
    at: '3m',
    ends: null,
  },
];

describe('counted by promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-whole-numbers-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const { what, values, at, ends } of CASES) {
    testWithTools(['promtool'])(what, () => {
      passes(
        { series: 'ends_total{class="error"}', values },
        { expr: `sum ${inStep('ends_total')}`, at, ends, labels: '{}' },
      );
    });
  }

  testWithTools(['promtool'])('the first end of a peer for a reason counts among its reasons', () => {
    const panel = drawingPanels(readDashboard('peer')).find(({ title }) => title === 'Reasons of this peer');
    const labels = `job="finrst",instance="127.0.0.1:10346",group="redis",peer="[::1]:6379",class="error",reason="reset"`;
    const expr = interpolate(panel?.targets?.[0]?.expr ?? '', CONTEXT);
    passes(
      { series: `finrst_peer_disconnects_by_reason_total{${labels}}`, values: '_ _ _ 1 1 2' },
      { expr, at: '5m', ends: 2, labels: '{class="error",reason="reset"}' },
    );
  });

  function passes(
    input: { readonly series: string; readonly values: string },
    {
      expr,
      at,
      ends,
      labels,
    }: { readonly expr: string; readonly at: string; readonly ends: number | null; readonly labels: string },
  ): void {
    const file = join(folder, 'steps.test.json');
    const expected = ends === null ? [] : [{ labels, value: ends }];
    const asked = [{ expr: interpolate(expr, CONTEXT), eval_time: at, exp_samples: expected }];
    writeFileSync(
      file,
      JSON.stringify({ tests: [{ interval: '1m', input_series: [input], promql_expr_test: asked }] }),
    );
    expect(() => execFileSync('promtool', ['test', 'rules', file], { stdio: 'pipe' })).not.toThrow();
  }
});
