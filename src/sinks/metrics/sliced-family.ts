import { familyNamed } from './metric-catalogue.ts';
import type { MetricFamily } from './metric-catalogue.ts';
import type { ExpositionFormat } from '../../settings/exposition-format.ts';
import type { Metric, MetricObjectWithValues, MetricValue } from './prom-client.ts';

/** One sample as prom-client knows it; `metricName` where it differs from the family's (`_bucket`, `_sum`, `_count`). */
export type Sample = {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
};

/** A family that writes itself a few dozen lines at a time, so that a scrape can stop between two slices. */
export type SlicedFamily = Pick<MetricFamily, 'name' | 'type' | 'help'> & {
  /** Sample lines without the header. Whoever is removed while the slices are read is left out from there on. */
  slices(format: ExpositionFormat): Iterable<string> | AsyncIterable<string>;
  /** Everything at once, for `registry.metrics()` and small numbers. */
  get(): Promise<MetricObjectWithValues<MetricValue<string>>>;
};

/** A family of the catalogue, with the two ways to read it. */
export function slicedFamily(
  name: string,
  slices: SlicedFamily['slices'],
  samples: () => Promise<readonly Sample[]>,
): SlicedFamily {
  const { type, help } = familyNamed(name);
  const get = async () =>
    ({ name, type, help, aggregator: 'sum', values: await samples() }) as unknown as MetricObjectWithValues<
      MetricValue<string>
    >;
  return { name, type, help, slices, get };
}

/** prom-client takes anything with a name, a type and get() into a registry; its types ask for one of its own classes. */
export function asMetric(family: SlicedFamily): Metric {
  return family as unknown as Metric;
}
