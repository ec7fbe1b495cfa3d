import type { RecordedTarget, Series } from '../live/recording.ts';
import type { PanelJson, TargetJson } from '../support/dashboard-json.ts';

/** One line of a chart or one number of a stat; `points` are [seconds, value], without the gaps. */
export type NamedSeries = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [number, number])[];
};

/** Everything that the panels are drawn from. */
export type PanelData = {
  readonly panel: PanelJson;
  readonly targets: readonly { readonly asked: TargetJson; readonly recorded: RecordedTarget }[];
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly stepSeconds: number;
  readonly annotations: readonly { readonly colour: string; readonly timesSeconds: readonly number[] }[];
};

function pointsOf({ values, value }: Series): readonly (readonly [number, number])[] {
  const samples = values ?? (value === undefined ? [] : [value]);
  return samples.map(([at, text]) => [at, Number(text)] as const).filter(([, number]) => Number.isFinite(number));
}

/** Puts labels into `{{label}}`, as Grafana does with a legend. */
export function legendName(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '').trim();
}

/** The series of all queries that are not tables, with their names from the legends. */
export function namedSeries({ targets }: PanelData): readonly NamedSeries[] {
  return targets.flatMap(({ asked, recorded }) =>
    recorded.series.map((series) => ({
      name: legendName(asked.legendFormat ?? '', series.metric),
      labels: series.metric,
      points: pointsOf(series),
    })),
  );
}

/** Buckets in ascending order with the counts of each alone: Prometheus' buckets contain the smaller ones. */
export function separateBuckets(panelData: PanelData): readonly NamedSeries[] {
  const sorted = namedSeries(panelData).toSorted((one, other) => bound(one.name) - bound(other.name));
  return sorted.map((bucket, index) => {
    const smaller = new Map(sorted[index - 1]?.points);
    const points = bucket.points.map(([at, count]) => [at, Math.max(0, count - (smaller.get(at) ?? 0))] as const);
    return { ...bucket, points };
  });
}

const bound = (name: string): number => (name === '+Inf' ? Infinity : Number(name));
