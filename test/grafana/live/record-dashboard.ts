import type { DashboardJson, DashboardName, TargetJson, VariableJson } from '../support/dashboard-json.ts';
import { drawingPanels, readDashboard } from '../support/dashboard-json.ts';
import { interpolate, type QueryContext } from '../support/interpolate.ts';
import type { Prometheus } from './prometheus.ts';
import type { RecordedAnnotation, RecordedDashboard, RecordedTarget } from './recording.ts';

export type Window = { readonly start: number; readonly end: number; readonly step: number; readonly scrape: number };

/** What a person has chosen; everything else stays at All. */
const CHOSEN: Readonly<Record<DashboardName, Readonly<Record<string, string>>>> = {
  overview: { show: '0' },
  peer: { group: 'edge-tls', peer: 'gateway-1.edge:443' },
  fleet: { label: 'zone' },
  self: {},
};

/** Asks every query of the dashboard as Grafana would, over the window. */
export async function recordDashboard(
  name: DashboardName,
  prometheus: Prometheus,
  window: Window,
): Promise<RecordedDashboard> {
  const dashboard = readDashboard(name);
  const variables: Record<string, string> = {
    datasource: 'Prometheus',
    job: '.+',
    instance: '.+',
    group: '.+',
    ...CHOSEN[name],
  };
  const context: QueryContext = {
    rangeSeconds: window.end - window.start,
    stepSeconds: window.step,
    scrapeSeconds: window.scrape,
    variables,
  };
  const panels: Record<number, RecordedTarget[]> = {};
  for (const panel of drawingPanels(dashboard)) {
    const targets = (panel.targets ?? []).filter(({ datasource }) => datasource.type === 'prometheus');
    if (targets.length === 0) continue;
    panels[panel.id] = [];
    for (const target of targets) panels[panel.id]?.push(await recordTarget(target, prometheus, window, context));
  }
  return {
    variables,
    options: await recordOptions(dashboard, prometheus, context),
    panels,
    annotations: await recordAnnotations(dashboard, prometheus, window, context),
  };
}

async function recordTarget(
  target: TargetJson,
  prometheus: Prometheus,
  { start, end, step }: Window,
  context: QueryContext,
): Promise<RecordedTarget> {
  const expr = interpolate(target.expr ?? '', context);
  const series =
    target.instant === true ? await prometheus.instant(expr, end) : await prometheus.range(expr, start, end, step);
  const exemplars = target.exemplar === true ? await prometheus.exemplars(expr, start, end) : [];
  return { refId: target.refId, expr, series, exemplars };
}

async function recordOptions(
  { templating }: DashboardJson,
  prometheus: Prometheus,
  context: QueryContext,
): Promise<Record<string, readonly string[]>> {
  const options: Record<string, readonly string[]> = {};
  for (const variable of templating.list.filter(({ type }) => type === 'query')) {
    options[variable.name] = await optionsOf(variable, prometheus, context);
  }
  return options;
}

async function optionsOf(
  { query, regex }: VariableJson,
  prometheus: Prometheus,
  context: QueryContext,
): Promise<readonly string[]> {
  const values = /^label_values\((.*), ([a-z]+)\)$/.exec(query);
  if (values !== null) return prometheus.labelValues(values[2] ?? '', interpolate(values[1] ?? '', context));
  const names = /^label_names\((.*)\)$/.exec(query);
  const all = await prometheus.labelNames(interpolate(names?.[1] ?? '', context));
  const wanted = new RegExp((regex ?? '/.*/').slice(1, -1));
  return all.filter((name) => wanted.test(name));
}

async function recordAnnotations(
  { annotations }: DashboardJson,
  prometheus: Prometheus,
  { start, end, step }: Window,
  context: QueryContext,
): Promise<RecordedAnnotation[]> {
  const recorded: RecordedAnnotation[] = [];
  for (const { name, expr, iconColor, useValueForTime } of annotations.list) {
    const series = await prometheus.range(interpolate(expr, context), start, end, step);
    const samples = series.flatMap(({ values }) => values ?? []);
    const times = samples.map(([at, value]) => (useValueForTime === true ? Number(value) / 1000 : at));
    recorded.push({
      name,
      colour: iconColor,
      timesSeconds: [...new Set(times)].filter((time) => time >= start && time <= end),
    });
  }
  return recorded;
}
