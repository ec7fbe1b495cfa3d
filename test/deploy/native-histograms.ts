/** One series of promtool's unit tests. */
export type InputSeries = { readonly series: string; readonly values: string };

/** A sample of promtool's notation: a number, or none. */
type Sample = number | 'none' | 'stale';

/**
 * The same series with every classic histogram (`_bucket`, `_count`) as one native histogram with custom buckets, which is
 * what Prometheus 3 stores with `convert_classic_histograms_to_nhcb`. Its
 * highest bucket counts all of it.
 */
export function asNativeHistograms(all: readonly InputSeries[]): readonly InputSeries[] {
  const histograms = new Map<string, Map<number, Sample[]>>();
  const others: InputSeries[] = [];
  for (const each of all) {
    const parts = /^(\w+)_(bucket|count)(\{.*\})$/.exec(each.series);
    if (parts === null) {
      others.push(each);
      continue;
    }
    const [, name = '', , labels = ''] = parts;
    const bound = /,?le="([^"]*)"/.exec(labels);
    const upTo = bound === null || bound[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound[1]);
    const key = name + labels.replace(/,?le="[^"]*"/, '');
    const buckets = histograms.get(key) ?? new Map<number, Sample[]>();
    buckets.set(upTo, samplesOf(each.values));
    histograms.set(key, buckets);
  }
  const native = [...histograms].map(([series, buckets]) => ({ series, values: histogramOver(buckets) }));
  return [...others, ...native];
}

function histogramOver(buckets: ReadonlyMap<number, readonly Sample[]>): string {
  const bounds = [...buckets.keys()].toSorted((one, other) => one - other);
  const finite = bounds.filter(Number.isFinite);
  const length = Math.max(...[...buckets.values()].map((samples) => samples.length));
  const values: string[] = [];
  for (let index = 0; index < length; index += 1) {
    const counts = bounds.map((bound) => buckets.get(bound)?.[index] ?? 'none');
    const whole = counts.filter((count) => typeof count === 'number');
    if (whole.length < counts.length) {
      values.push('_');
      continue;
    }
    const inBuckets = whole.map((count, at) => count - (whole[at - 1] ?? 0));
    values.push(
      `{{schema:-53 sum:1 count:${whole.at(-1) ?? 0} custom_values:[${finite.join(' ')}] buckets:[${inBuckets.join(' ')}]}}`,
    );
  }
  return values.join(' ');
}

/** The samples that promtool's notation means: `a`, `axN`, `a+bxN`, `_`, `_xN`, `stale`. */
function samplesOf(values: string): Sample[] {
  return values.split(' ').flatMap((word): Sample[] => {
    if (word === 'stale') return ['stale'];
    const none = /^_(?:x(\d+))?$/.exec(word);
    if (none !== null) return Array.from({ length: Number(none[1] ?? 1) }, (): Sample => 'none');
    const [, start = '', step = '0', times = '0'] = /^(-?[\d.]+)(?:([+-][\d.]+))?(?:x(\d+))?$/.exec(word) ?? [];
    if (start === '') throw new Error(`not in promtool's notation: ${word}`);
    return Array.from({ length: Number(times) + 1 }, (_, index) => Number(start) + Number(step) * index);
  });
}
