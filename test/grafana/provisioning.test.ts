import { readFileSync } from 'node:fs';
import { parser as logqlParser } from '@grafana/lezer-logql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { promqlNames } from './support/promql-names.ts';

type DataSource = { readonly uid: string; readonly type: string; readonly jsonData: Readonly<Record<string, unknown>> };

const read = (name: string): string =>
  readFileSync(new URL(`../../grafana/provisioning/${name}/finrst.yaml`, import.meta.url), 'utf8');
/** Grafana takes `$$` for a `$` that is not to be expanded from its environment. */
const sources = (parse(read('datasources').replaceAll('$$', '$')) as { datasources: DataSource[] }).datasources;
const jsonData = (uid: string): Readonly<Record<string, unknown>> =>
  sources.find((source) => source.uid === uid)?.jsonData ?? {};

describe('the provisioning files', () => {
  test('point only at data sources that they define', () => {
    const uids = sources.map(({ uid }) => uid);
    const used = [...JSON.stringify(sources).matchAll(/"datasourceUid":"([^"]+)"/g)].map((match) => match[1]);
    expect(used).toEqual(['tempo', 'loki', 'prometheus', 'tempo']);
    expect(uids).toEqual(expect.arrayContaining(used));
  });

  test('escape every dollar', () => {
    expect(read('datasources').replaceAll('$$', '')).not.toMatch(/^[^#]*\$/m);
  });

  test('lead from an exemplar to its trace by the label that Finrst writes', () => {
    expect(jsonData('prometheus')['exemplarTraceIdDestinations']).toEqual([
      { name: 'trace_id', datasourceUid: 'tempo' },
    ]);
  });

  test('find the trace in a log line as Finrst writes it', () => {
    const [field] = jsonData('loki')['derivedFields'] as { matcherRegex: string }[];
    const line =
      'ts=2026-11-22T16:19:25.035Z level=info msg=disconnected unacked_bytes=0 trace_id=659d32ba41b0fa941b699c7e84c6f3bc';
    expect(new RegExp(field?.matcherRegex ?? '').exec(line)?.[1]).toBe('659d32ba41b0fa941b699c7e84c6f3bc');
  });

  test('ask Loki in LogQL', () => {
    const { query } = jsonData('tempo')['tracesToLogsV2'] as { query: string };
    const asked = query.replace(/\$\{[^}]+\}/, 's3am90-1');
    let errors = 0;
    logqlParser.parse(asked).iterate({ enter: (node) => void (errors += node.type.isError ? 1 : 0) });
    expect(errors).toBe(0);
  });

  test('ask Prometheus for metrics that exist', () => {
    const { queries, tags } = jsonData('tempo')['tracesToMetrics'] as {
      queries: { query: string }[];
      tags: { key: string; value: string }[];
    };
    expect(tags).toEqual([
      { key: 'finrst.group', value: 'group' },
      { key: 'finrst.peer', value: 'peer' },
    ]);
    for (const { query } of queries) {
      const { errors, selectors } = promqlNames(query.replace('$__tags', 'group="a", peer="b"'));
      expect(errors).toEqual([]);
      expect(METRIC_CATALOGUE.map(({ name }) => name)).toContain(selectors[0]?.metric);
    }
  });

  test('load the dashboards into a folder of their own', () => {
    const { providers } = parse(read('dashboards')) as { providers: unknown[] };
    expect(providers).toEqual([
      expect.objectContaining({ folder: 'Finrst', folderUid: 'finrst', type: 'file', allowUiUpdates: false }),
    ]);
  });
});
