import { readFileSync } from 'node:fs';

/** The parts of a classic dashboard that the tests look at, as they stand in the committed file. */
export type DashboardJson = {
  readonly uid: string;
  readonly title: string;
  readonly id?: unknown;
  readonly __inputs?: unknown;
  readonly editable: boolean;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly refresh: string;
  readonly links: readonly LinkJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list: readonly AnnotationJson[] };
  readonly panels: readonly PanelJson[];
};

export type LinkJson = {
  readonly title: string;
  readonly type: string;
  readonly url?: string;
  readonly tags?: readonly string[];
};

export type VariableJson = {
  readonly type: 'datasource' | 'query' | 'custom';
  readonly name: string;
  readonly label: string;
  readonly query: string;
  readonly regex?: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly hide?: number;
  readonly refresh?: number;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly current?: { readonly value: string | readonly string[] };
};

export type AnnotationJson = {
  readonly name: string;
  readonly expr: string;
  readonly iconColor: string;
  readonly useValueForTime?: boolean;
  readonly datasource: { readonly type: string; readonly uid: string };
};

export type TargetJson = {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  /** PromQL or LogQL. */
  readonly expr?: string;
  /** TraceQL. */
  readonly query?: string;
  readonly format?: 'table' | 'time_series' | 'heatmap';
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly exemplar?: boolean;
  readonly legendFormat?: string;
};

export type PropertyJson = { readonly id: string; readonly value: unknown };
export type OverrideJson = {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly PropertyJson[];
};

export type PanelJson = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly maxDataPoints?: number;
  readonly collapsed?: boolean;
  readonly panels?: readonly PanelJson[];
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly TargetJson[];
  readonly transformations?: readonly TransformationJson[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fieldConfig?: {
    readonly defaults: Readonly<Record<string, unknown>> & {
      readonly unit?: string;
      readonly links?: readonly LinkJson[];
    };
    readonly overrides: readonly OverrideJson[];
  };
};

export type TransformationJson = { readonly id: string; readonly options: Readonly<Record<string, unknown>> };

export const DASHBOARD_NAMES = ['overview', 'peer', 'fleet', 'self'] as const;
export type DashboardName = (typeof DASHBOARD_NAMES)[number];

export function dashboardUrl(name: DashboardName): URL {
  return new URL(`../../../grafana/dashboards/${name}.json`, import.meta.url);
}

/** The committed file, parsed. */
export function readDashboard(name: DashboardName): DashboardJson {
  return JSON.parse(readFileSync(dashboardUrl(name), 'utf8')) as DashboardJson;
}

/** Every panel that draws something, those of folded rows too. */
export function drawingPanels({ panels }: DashboardJson): PanelJson[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? [...(panel.panels ?? [])] : [panel]));
}

/** Every query of Prometheus: where it stands and what it asks. */
export function prometheusQueries(
  name: DashboardName,
): { readonly where: string; readonly panel: PanelJson; readonly target: TargetJson; readonly expr: string }[] {
  return drawingPanels(readDashboard(name)).flatMap((panel) =>
    (panel.targets ?? [])
      .filter(({ datasource }) => datasource.type === 'prometheus')
      .map((target) => ({
        where: `${name} / ${panel.title} / ${target.refId}`,
        panel,
        target,
        expr: target.expr ?? '',
      })),
  );
}
