import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parser as logqlParser } from '@grafana/lezer-logql';
import { parser as traceqlParser } from '@grafana/lezer-traceql';
import type { LRParser } from '@lezer/lr';
import { describe, expect, test } from 'vitest';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { DASHBOARD_NAMES, drawingPanels, prometheusQueries, readDashboard } from './support/dashboard-json.ts';
import { ANY_CONTEXT, interpolate } from './support/interpolate.ts';
import { promqlNames } from './support/promql-names.ts';
import { testWithTools } from './support/tools.ts';

/** What the scrape, the alerting rules and prom-client add. The live run shows that each of them exists. */
const NOT_OURS: Readonly<Record<string, readonly string[]>> = {
  up: [],
  scrape_duration_seconds: [],
  scrape_samples_scraped: [],
  ALERTS: ['alertname', 'alertstate', 'severity', 'group', 'peer', 'class'],
  ALERTS_FOR_STATE: ['alertname', 'group'],
  'peer:finrst_state': ['group', 'peer'],
  process_start_time_seconds: [],
  process_cpu_seconds_total: [],
  process_open_fds: [],
  process_max_fds: [],
  process_resident_memory_bytes: [],
  nodejs_heap_size_used_bytes: [],
  nodejs_eventloop_lag_p99_seconds: [],
  nodejs_gc_duration_seconds_sum: ['kind'],
};

/** Labels that the scrape adds, or may add. */
const SCRAPED = ['cluster', 'namespace', 'job', 'instance'];
/** Labels that a query makes for its own use. */
const MADE_HERE = ['label_value', 'failure', 'limit', 'runbook'];

type Query = { readonly where: string; readonly expr: string };
const queries: readonly Query[] = DASHBOARD_NAMES.flatMap((name) => [
  ...prometheusQueries(name),
  ...readDashboard(name).annotations.list.map((annotation) => ({
    where: `${name} / ${annotation.name}`,
    expr: annotation.expr,
  })),
  ...readDashboard(name)
    .templating.list.filter(({ type }) => type === 'query')
    .map((variable) => ({
      where: `${name} / $${variable.name}`,
      expr: /^\w+\((.*?)(?:, [a-z]+)?\)$/.exec(variable.query)?.[1] ?? '',
    })),
]).map(({ where, expr }) => ({ where, expr: interpolate(expr, ANY_CONTEXT) }));

function labelsOf(metric: string): readonly string[] | undefined {
  const family = METRIC_CATALOGUE.find(
    ({ name, type }) =>
      name === metric || (type === 'histogram' && metric.replace(/_(bucket|sum|count)$/, '') === name),
  );
  if (family === undefined) return NOT_OURS[metric];
  return metric.endsWith('_bucket') ? [...family.labels, 'le'] : family.labels;
}

describe('PromQL', () => {
  test.each(queries)('$where is grammatical', ({ expr }) => {
    expect(promqlNames(expr).errors).toEqual([]);
  });

  test.each(queries)('$where names only metrics and labels that exist', ({ expr }) => {
    const { selectors, grouping } = promqlNames(expr);
    const known = new Set([...SCRAPED, ...MADE_HERE]);
    for (const { metric, matched } of selectors) {
      const labels = labelsOf(metric);
      expect(labels, metric).toBeDefined();
      expect([...SCRAPED, ...(labels ?? [])]).toEqual(expect.arrayContaining([...matched]));
      for (const label of labels ?? []) known.add(label);
      if (metric === 'finrst_peer_info') known.add(ANY_CONTEXT.variables['label'] as string);
    }
    expect([...known]).toEqual(expect.arrayContaining([...grouping]));
  });

  test('every family of the catalogue is shown somewhere', () => {
    const mentioned = new Set(
      queries.flatMap(({ expr }) =>
        promqlNames(expr).selectors.map(({ metric }) => metric.replace(/_(bucket|sum|count)$/, '')),
      ),
    );
    const missing = METRIC_CATALOGUE.map(({ name }) => name).filter((name) => !mentioned.has(name));
    expect(missing).toEqual([]);
    expect(Object.keys(NOT_OURS).filter((name) => !mentioned.has(name) && !name.endsWith('_sum'))).toEqual([]);
  });

  testWithTools(['promtool'])('promtool finds every type right', () => {
    const folder = mkdtempSync(join(tmpdir(), 'finrst-grafana-'));
    try {
      const file = join(folder, 'queries.rules.json');
      const rules = queries.map(({ where, expr }, index) => ({ record: `query:${index}`, expr, labels: { where } }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
      const said = execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
      expect(said).toContain(`SUCCESS: ${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  testWithTools(['promtool'])('promtool refuses a query whose types are wrong, so the check above can fail', () => {
    const folder = mkdtempSync(join(tmpdir(), 'finrst-grafana-'));
    try {
      const file = join(folder, 'wrong.rules.json');
      writeFileSync(
        file,
        JSON.stringify({ groups: [{ name: 'wrong', rules: [{ record: 'a:b', expr: 'rate(finrst_peer_up)' }] }] }),
      );
      expect(() => execFileSync('promtool', ['check', 'rules', file], { stdio: 'pipe' })).toThrow(
        /expected type range vector/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function grammarErrors(parser: LRParser, text: string): string[] {
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) errors.push(`at ${node.from}: ${text.slice(Math.max(0, node.from - 20), node.to + 20)}`);
    },
  });
  return errors;
}

describe('TraceQL and LogQL', () => {
  const targets = DASHBOARD_NAMES.flatMap((name) =>
    drawingPanels(readDashboard(name)).flatMap((panel) => panel.targets ?? []),
  );

  test('the query for traces is grammatical', () => {
    const traceql = targets
      .filter(({ datasource }) => datasource.type === 'tempo')
      .map(({ query }) => interpolate(query ?? '', ANY_CONTEXT));
    expect(traceql).toHaveLength(1);
    expect(grammarErrors(traceqlParser, traceql[0] ?? '')).toEqual([]);
    expect(grammarErrors(traceqlParser, '{ span.finrst.peer == = }')).not.toEqual([]);
  });

  test('the query for log lines is grammatical', () => {
    const logql = targets
      .filter(({ datasource }) => datasource.type === 'loki')
      .map(({ expr }) => interpolate(expr ?? '', ANY_CONTEXT));
    expect(logql).toHaveLength(1);
    expect(grammarErrors(logqlParser, logql[0] ?? '')).toEqual([]);
    expect(grammarErrors(logqlParser, '{a="b"} | | logfmt')).not.toEqual([]);
  });
});
