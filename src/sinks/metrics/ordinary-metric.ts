import { familyNamed } from './metric-catalogue.ts';
import { exemplarText, labelPairs, valueText } from './exposition-text.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Exemplar } from './exposition-text.ts';
import { Counter, Gauge, Histogram } from './prom-client.ts';
import type { Metric, MetricObjectWithValues, MetricValue } from './prom-client.ts';
import type { Sample, SlicedFamily } from './sliced-family.ts';

/** Runs before the metric is read, `this` being the metric. */
type Collect<M> = { readonly collect?: (this: M) => void };

/** A counter of the catalogue, in no registry. */
export function ordinaryCounter(name: string, options: Collect<Counter> = {}): Counter {
  const { help, labels } = familyNamed(name);
  return new Counter({ name, help, labelNames: labels, registers: [], ...options });
}

/** A gauge of the catalogue, in no registry. */
export function ordinaryGauge(name: string, options: Collect<Gauge> = {}): Gauge {
  const { help, labels } = familyNamed(name);
  return new Gauge({ name, help, labelNames: labels, registers: [], ...options });
}

/** A histogram of the catalogue, in no registry. */
export function ordinaryHistogram(name: string): Histogram {
  const { help, labels, buckets = [] } = familyNamed(name);
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [] });
}

/** What a prom-client metric holds now. Reading some of the runtime's metrics starts their next interval: read once per scrape. */
export async function samplesOf(metric: Metric): Promise<readonly Sample[]> {
  return (await read(metric)).values as readonly Sample[];
}

/** A whole prom-client metric as one slice: for families that do not grow with the configuration. */
export function ordinaryFamily(metric: Metric): SlicedFamily {
  // prom-client's classes have these three; its types do not say so.
  const { name, help, type } = metric as unknown as Pick<SlicedFamily, 'name' | 'help' | 'type'>;
  async function* slices(format: ExpositionFormat): AsyncIterable<string> {
    yield samplesText({ name, samples: await samplesOf(metric) }, format);
  }
  return { name, help, type, slices, get: () => read(metric) };
}

function read(metric: Metric): Promise<MetricObjectWithValues<MetricValue<string>>> {
  return metric.get();
}

/** A sample's name and labels as the format writes them; also the key of its exemplar. */
export function seriesText(name: string, labels: Sample['labels'], format: ExpositionFormat): string {
  const pairs = labelPairs(labels, format);
  return pairs === '' ? name : `${name}{${pairs}}`;
}

type NamedSamples = {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly exemplars?: ReadonlyMap<string, Exemplar>;
};

/** Sample lines; exemplars, keyed by their series in OpenMetrics, are shown there only: the text format has none. */
export function samplesText({ name, samples, exemplars }: NamedSamples, format: ExpositionFormat): string {
  let text = '';
  for (const { metricName = name, labels, value } of samples) {
    const series = seriesText(metricName, labels, format);
    const exemplar = format === 'openmetrics' ? exemplars?.get(series) : undefined;
    text += `${series} ${valueText(value)}${exemplar ? exemplarText(exemplar) : ''}\n`;
  }
  return text;
}
