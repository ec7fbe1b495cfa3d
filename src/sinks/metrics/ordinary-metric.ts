import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import { labelPairs, valueText } from './exposition-text.ts';
import { familyNamed, type LabelsOf, type MetricName } from './metric-catalogue.ts';
import { Counter, Gauge, Histogram, type Metric } from './prom-client.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** One sample as prom-client knows it; `metricName` where it differs from the family's (`_bucket`, `_sum`, `_count`). */
export type Sample = {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
};

/** prom-client's metrics with the labels that the catalogue asks for: a missing or a wrong one does not compile. */
export type OrdinaryCounter<N extends MetricName> = Metric & { inc(labels: LabelsOf<N>, by?: number): void };
export type OrdinaryGauge<N extends MetricName> = Metric & {
  set(labels: LabelsOf<N>, value: number): void;
  inc(labels: LabelsOf<N>, by?: number): void;
};
export type OrdinaryHistogram<N extends MetricName> = Metric & {
  observe(labels: LabelsOf<N>, value: number): void;
  /** Makes the series exist, with nothing observed. */
  zero(labels: LabelsOf<N>): void;
};

/** A counter of the catalogue, in no registry. */
export function ordinaryCounter<N extends MetricName>(name: N): OrdinaryCounter<N> {
  return new Counter(optionsOf(name));
}

/** A gauge of the catalogue, in no registry. */
export function ordinaryGauge<N extends MetricName>(name: N): OrdinaryGauge<N> {
  return new Gauge(optionsOf(name));
}

/** A histogram of the catalogue, in no registry. */
export function ordinaryHistogram<N extends MetricName>(name: N): OrdinaryHistogram<N> {
  const { buckets = [] } = familyNamed(name);
  return new Histogram({ ...optionsOf(name), buckets: [...buckets] });
}

function optionsOf(name: MetricName) {
  const { help, labels } = familyNamed(name);
  return { name, help, labelNames: labels, registers: [] };
}

/** What a prom-client metric holds now. Reading some of the runtime's metrics starts their next interval: read once per scrape. */
export async function samplesOf(metric: Metric): Promise<readonly Sample[]> {
  return (await metric.get()).values as readonly Sample[];
}

/** A whole prom-client metric as one slice: for families that do not grow with the configuration. */
export function ordinaryFamily(metric: Metric): SlicedFamily {
  // prom-client's classes have these three; its types do not say so.
  const { name, help, type } = metric as unknown as Pick<SlicedFamily, 'name' | 'help' | 'type'>;
  async function* slices(format: ExpositionFormat): AsyncIterable<string> {
    yield samplesText({ name, samples: await samplesOf(metric) }, format);
  }
  return { name, help, type, slices };
}

type NamedSamples = { readonly name: string; readonly samples: readonly Sample[] };

/** Sample lines. */
export function samplesText({ name, samples }: NamedSamples, format: ExpositionFormat): string {
  let text = '';
  for (const { metricName = name, labels, value } of samples) {
    const pairs = labelPairs(labels, format);
    text += `${metricName}${pairs === '' ? '' : `{${pairs}}`} ${valueText(value)}\n`;
  }
  return text;
}
