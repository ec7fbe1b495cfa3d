import {
  type DashboardJson,
  type DashboardName,
  type TargetJson,
  type VariableJson,
  drawingPanels,
  readDashboard,
} from '../support/dashboard-json.ts';
import { interpolate, type QueryContext } from '../support/interpolate.ts';
import { namesIn, resultQuery } from '../support/query-result.ts';
import type { Prometheus } from './prometheus.ts';
import type { RecordedAnnotation, RecordedDashboard, RecordedTarget } from './recording.ts';

export type Window = { readonly start: number; readonly end: number; readonly step: number; readonly scrape: number };
type Choices = Readonly<Record<string, string | readonly string[]>>;

/** What a person has chosen; everything else stays at All. */
const CHOSEN: Readonly<Record<DashboardName, Choices>> = {
  overview: { show: '20' },
  peer: { group: 'edge-tls', peer: 'gateway-1.edge:443' },
  fleet: { label: 'zone' },
  self: { job: ['finrst'], instance: ['127.0.0.1:10346'] },
};

const ALL: Choices = { datasource: 'Prometheus', cluster: '.*', job: '.+', instance: '.+', group: '.+' };

type Asked = { readonly prometheus: Prometheus; readonly window: Window; readonly context: QueryContext };

/** Asks every query of the dashboard as Grafana would, over the window; `chosen` are further values of its variables. */
export async function recordDashboard(
  name: DashboardName,
  {
    prometheus,
    window,
    chosen,
  }: { readonly prometheus: Prometheus; readonly window: Window; readonly chosen?: Choices },
): Promise<RecordedDashboard> {
  const dashboard = readDashboard(name);
  const { start, end, step, scrape } = window;
  const variables: Record<string, string | readonly string[]> = { ...ALL, ...CHOSEN[name], ...chosen };
  const context = { rangeSeconds: end - start, stepSeconds: step, scrapeSeconds: scrape, variables };
  const asked: Asked = { prometheus, window, context };
  const options = await recordOptions(dashboard, asked);
  // What stands for all of a variable without a value for it: every option.
  for (const { name: variable, includeAll, allValue } of dashboard.templating.list) {
    if (includeAll === true && allValue === undefined) variables[variable] = options[variable] ?? [];
  }
  const panels: Record<number, RecordedTarget[]> = {};
  for (const panel of drawingPanels(dashboard)) {
    for (const target of (panel.targets ?? []).filter(({ datasource }) => datasource.type === 'prometheus')) {
      (panels[panel.id] ??= []).push(await recordTarget(target, asked));
    }
  }
  return {
    variables,
    options,
    panels,
    annotations: await recordAnnotations(dashboard, asked),
  };
}

async function recordTarget(target: TargetJson, { prometheus, window, context }: Asked): Promise<RecordedTarget> {
  const { start, end, step } = window;
  const expr = interpolate(target.expr ?? '', context);
  const series =
    target.instant === true ? await prometheus.instant(expr, end) : await prometheus.range(expr, { start, end, step });
  const exemplars = target.exemplar === true ? await prometheus.exemplars(expr, start, end) : [];
  return { refId: target.refId, expr, series, exemplars };
}

async function recordOptions({ templating }: DashboardJson, asked: Asked): Promise<Record<string, readonly string[]>> {
  const options: Record<string, readonly string[]> = {};
  for (const variable of templating.list.filter(({ type }) => type === 'query')) {
    options[variable.name] = await optionsOf(variable, asked);
  }
  return options;
}

async function optionsOf(
  { query, regex }: VariableJson,
  { prometheus, window, context }: Asked,
): Promise<readonly string[]> {
  const asked = resultQuery(query);
  if (asked !== null) return namesIn(await prometheus.instant(interpolate(asked, context), window.end), regex);
  const values = /^label_values\((.*), ([a-z]+)\)$/.exec(query);
  if (values !== null) return prometheus.labelValues(values[2] ?? '', interpolate(values[1] ?? '', context));
  const names = /^label_names\((.*)\)$/.exec(query);
  const all = await prometheus.labelNames(interpolate(names?.[1] ?? '', context));
  const wanted = new RegExp((regex ?? '/.*/').slice(1, -1));
  return all.filter((name) => wanted.test(name));
}

async function recordAnnotations(
  { annotations }: DashboardJson,
  { prometheus, window, context }: Asked,
): Promise<RecordedAnnotation[]> {
  const { start, end, step } = window;
  const recorded: RecordedAnnotation[] = [];
  for (const { name, expr, iconColor, useValueForTime } of annotations.list) {
    const series = await prometheus.range(interpolate(expr, context), { start, end, step });
    const samples = series.flatMap(({ values }) => values ?? []);
    const marked = samples.filter(([, value]) => Number(value) > 0); // as Grafana does
    const times = marked.map(([at, value]) => (useValueForTime === true ? Number(value) / 1000 : at));
    recorded.push({
      name,
      colour: iconColor,
      timesSeconds: [...new Set(times)].filter((time) => time >= start && time <= end),
    });
  }
  return recorded;
}
