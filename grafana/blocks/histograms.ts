import { type Scope, selector } from './selector.ts';

/**
 * Histograms as Prometheus may keep them: one series for each bucket, which is how Finrst exposes them, or native histograms
 * with our bounds, where Prometheus 3 scrapes with `convert_classic_histograms_to_nhcb`. Each query asks for both, and one of
 * the two is empty.
 */
export type HistogramQuery = {
  readonly family: string;
  readonly scope: Scope;
  /** Further label matchers. */
  readonly further?: string;
  readonly window: '$__range' | '$__rate_interval';
};

const perBucket = ({ family, scope, further, window }: HistogramQuery): string =>
  `increase(${selector(`${family}_bucket`, scope, further)}[${window}])`;
const native = ({ family, scope, further, window }: HistogramQuery): string =>
  `increase(${selector(family, scope, further)}[${window}])`;

/** That share of the observations is at most the answer, for each value of the labels `by`. */
export function quantile(share: number, by: string, query: HistogramQuery): string {
  return `histogram_quantile(${share}, sum by (${by === '' ? 'le' : `${by}, le`}) (${perBucket(query)}))
    or histogram_quantile(${share}, sum by (${by}) (${native(query)}))`;
}

/** All buckets, for a heatmap. */
export function buckets(query: HistogramQuery): string {
  return `sum by (le) (${perBucket(query)}) or sum(${native(query)})`;
}

/**
 * How many observations lie between two bounds of buckets. `le` is matched in both spellings: "63" as exposed in text,
 * "63.0" in OpenMetrics and from Prometheus 3 on.
 */
export function between(query: HistogramQuery, from: number, upTo: number): string {
  const below = (bound: number): string => {
    const le = `le=~"${bound}|${bound}[.]0"`;
    return `sum(${perBucket({ ...query, further: query.further === undefined ? le : `${query.further}, ${le}` })})`;
  };
  return `(${below(upTo)} - ${below(from)})
    or histogram_fraction(${from}, ${upTo}, sum(${native(query)})) * histogram_count(sum(${native(query)}))`;
}

/** How many observations there were. */
export function count({ family, scope, further, window }: HistogramQuery): string {
  return `sum(increase(${selector(`${family}_count`, scope, further)}[${window}]))
    or histogram_count(sum(${native({ family, scope, window, ...(further === undefined ? {} : { further }) })}))`;
}
