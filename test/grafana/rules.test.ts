import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, test } from 'vitest';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import {
  type DashboardJson,
  type PanelJson,
  DASHBOARD_NAMES,
  drawingPanels,
  prometheusQueries,
  readDashboard,
} from './support/dashboard-json.ts';
import { ANY_CONTEXT, interpolate } from './support/interpolate.ts';
import { promqlNames } from './support/promql-names.ts';

/** The rules of grafana/dashboard-linter, and some of our own. */
describe.each(DASHBOARD_NAMES)('%s', (name) => {
  const dashboard = readDashboard(name);
  const panels = drawingPanels(dashboard);
  const variables = dashboard.templating.list;
  const text = JSON.stringify(dashboard);
  const each = panels.map((panel): [string, PanelJson] => [panel.title, panel]);

  test('is a classic dashboard with a fixed uid, without an id, inputs or an editor', () => {
    expect(dashboard).toMatchObject({ uid: `finrst-${name}`, editable: false, schemaVersion: 42, tags: ['finrst'] });
    expect(dashboard.id).toBeUndefined();
    expect(dashboard.__inputs).toBeUndefined();
  });

  test('has one variable for the data source, and every panel and query uses a variable', () => {
    expect(variables[0]).toMatchObject({
      type: 'datasource',
      name: 'datasource',
      label: 'Data source',
      query: 'prometheus',
    });
    const uids = new Set(
      panels.flatMap(({ datasource, targets }) => [
        datasource?.uid,
        ...(targets ?? []).map((target) => target.datasource.uid),
      ]),
    );
    const known = variables.filter(({ type }) => type === 'datasource').map((variable) => `\${${variable.name}}`);
    expect(known).toEqual(expect.arrayContaining([...uids]));
  });

  /** `.*` for all clusters: where there is no such label, it must match, too. */
  test.each([
    ['cluster', '.*'],
    ['job', '.+'],
    ['instance', '.+'],
  ])('lets one choose many of %s, or all', (label, allValue) => {
    expect(variables.find((variable) => variable.name === label)).toMatchObject({
      type: 'query',
      datasource: { uid: '${datasource}' },
      multi: true,
      includeAll: true,
      allValue,
      refresh: 2,
    });
  });

  test('looks every variable up again when the time range changes', () => {
    for (const variable of variables.filter(({ type }) => type === 'query')) {
      expect(variable, variable.name).toMatchObject({ refresh: 2, datasource: { uid: '${datasource}' } });
    }
  });

  test('uses every variable that it defines and defines every one that it uses', () => {
    const defined = variables.map((variable) => variable.name);
    const used = [...text.matchAll(/\$\{?([a-z]+)\b(?![._])/g)].map((match) => match[1] ?? '');
    expect(new Set(used)).toEqual(new Set(defined));
  });

  test.each(each)('panel "%s" has a description, a known unit and a query', (_, panel) => {
    expect(panel.description?.length ?? 0).toBeGreaterThan(15);
    expect(Object.values(units)).toContain(panel.fieldConfig?.defaults.unit);
    expect(panel.targets?.length ?? 0).toBeGreaterThan(0);
    expect(panel.type).toMatch(/^(stat|table|timeseries|state-timeline|bargauge|heatmap|logs)$/);
  });

  test('gives every panel an id and every query a letter of its own', () => {
    const ids = dashboard.panels.flatMap((panel) => [panel.id, ...(panel.panels ?? []).map(({ id }) => id)]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every(Number.isInteger)).toBe(true);
    for (const { title, targets } of panels) {
      const letters = (targets ?? []).map(({ refId }) => refId);
      expect(new Set(letters).size, title).toBe(letters.length);
    }
  });

  test.each(layouts(dashboard))('covers the 24 columns without gaps or overlaps: $what', ({ laidOut, from }) => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of laidOut) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x},${y}`), `${title} lies on another panel`).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
    }
    const below = Math.max(...laidOut.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(Math.min(...laidOut.map(({ gridPos }) => gridPos.y))).toBe(from);
    expect(taken.size).toBe(24 * (below - from));
  });

  test('links only to dashboards that exist, with variables that they know', () => {
    for (const [, target, query] of text.matchAll(/\/d\/([a-z-]+)\?([^"\\]*)/g)) {
      const other = DASHBOARD_NAMES.find((candidate) => `finrst-${candidate}` === target);
      expect(other, target).toBeDefined();
      const known = readDashboard(other ?? 'overview').templating.list.map((variable) => variable.name);
      const handed = [...(query ?? '').matchAll(/(?:var-([a-z]+)=|\$\{([a-z]+):queryparam\})/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
      expect(known).toEqual(expect.arrayContaining(handed));
      expect(handed).toEqual(expect.arrayContaining(['datasource', 'cluster', 'job', 'instance']));
    }
    expect(dashboard.links).toEqual([
      expect.objectContaining({ type: 'dashboards', tags: ['finrst'], keepTime: true, includeVars: true }),
    ]);
  });

  test('leaves names in heatmaps to transformations, because Grafana ignores overrides there', () => {
    const heatmaps = panels.filter(({ type }) => type === 'heatmap');
    expect(heatmaps.flatMap(({ fieldConfig }) => fieldConfig?.overrides)).toEqual([]);
  });

  test('marks starts, loaded and refused configurations', () => {
    expect(dashboard.annotations.list.map((annotation) => annotation.name)).toEqual([
      'Finrst started',
      'Configuration loaded',
      'Reload refused',
      ...(variables.some((variable) => variable.name === 'group') ? ['Many peers dropped', 'Incident'] : []),
    ]);
  });

  test.each(prometheusQueries(name))('query $where keeps the rules', ({ expr, target, panel }) => {
    const { selectors } = promqlNames(interpolate(expr, ANY_CONTEXT));
    for (const { metric, matched, inside, offset } of selectors) {
      expect(matched, 'the variables narrow it').toEqual(expect.arrayContaining([...narrowedBy(metric)]));
      if (matched.includes('le')) expect(expr, 'bounds of buckets in both spellings').toMatch(BOTH_SPELLINGS);
      if (!isCounter(metric)) continue;
      const subtracted =
        offset !== undefined || selectors.some((other) => other.metric === metric && other.offset !== undefined);
      expect(subtracted || /^(rate|increase)$/.test(inside[0] ?? ''), `${metric} is no gauge`).toBe(true);
    }
    for (const [, window] of expr.matchAll(/\[([^\].]*)\]/g)) {
      expect(target.instant === true ? ['$__range', '$__rate_interval'] : ['$__rate_interval']).toContain(window);
    }
    if (panel.type === 'timeseries' && panel.fieldConfig?.defaults['custom'] !== undefined) countsInSteps(panel, expr);
    if (target.range) expect(target.exemplar, 'exemplars are asked for').toBe(true);
  });
});

/** What the variables narrow: rules have summed over instances, and alerts may be about a job that is gone. */
function narrowedBy(metric: string): readonly string[] {
  const recorded = metric.includes(':') || metric.startsWith('ALERTS');
  return recorded ? ['cluster', 'job', 'group'] : ['cluster', 'job', 'instance'];
}

const BOTH_SPELLINGS = /le=~"(\d+)\|\1\[\.\]0"/;

/** By the catalogue; a histogram also under its own name, as Prometheus 3 may keep it. */
function isCounter(metric: string): boolean {
  const family = METRIC_CATALOGUE.find(({ name }) => name === metric.replace(/_(bucket|count|sum)$/, ''));
  return family === undefined ? /_(total|sum)$/.test(metric) : family.type !== 'gauge';
}

/** Bars stand for things that happen: whole numbers in each step, and few enough steps to see one. */
function countsInSteps({ fieldConfig, maxDataPoints, title }: PanelJson, expr: string): void {
  const custom = fieldConfig?.defaults['custom'] as { readonly drawStyle?: string } | undefined;
  if (custom?.drawStyle !== 'bars') return;
  expect(expr, title).toMatch(/ offset \$__interval/);
  expect({ maxDataPoints, ...fieldConfig?.defaults }, title).toMatchObject({
    maxDataPoints: 200,
    unit: 'none',
    decimals: 0,
  });
}

test.each(['overview', 'peer'] as const)(
  '%s marks the well-known limits in its heatmap, in both spellings of a bound',
  (name) => {
    const heatmap = drawingPanels(readDashboard(name)).find(({ type }) => type === 'heatmap');
    expect(heatmap?.transformations?.[0]?.options['renameByName']).toMatchObject({
      '63': '◀ 60 s',
      '63.0': '◀ 60 s',
      '250.0': '◀ 240 s',
      '365.0': '◀ 350 s',
      '630.0': '◀ 600 s',
      '945.0': '◀ 900 s',
      '3780': '◀ 3600 s',
      '3780.0': '◀ 3600 s',
    });
  },
);

/** What lies beside and below each other: the dashboard with its rows folded, and each row opened. */
function layouts(dashboard: DashboardJson): { what: string; laidOut: readonly PanelJson[]; from: number }[] {
  const rows = dashboard.panels.filter(({ type }) => type === 'row');
  const opened = rows.map((row) => ({ what: row.title, laidOut: row.panels ?? [], from: row.gridPos.y + 1 }));
  return [{ what: 'folded', laidOut: dashboard.panels, from: 0 }, ...opened];
}
