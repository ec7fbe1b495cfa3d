import type { Series } from '../live/recording.ts';

/** What a variable asks with `query_result(...)`; null: it asks for names or values of labels. */
export function resultQuery(query: string): string | null {
  return /^query_result\((.*)\)$/.exec(query)?.[1] ?? null;
}

/** Grafana writes each series of the answer as text, and takes what the regular expression captures of it, each name once. */
export function namesIn(series: readonly Series[], regex: string | undefined): readonly string[] {
  const wanted = new RegExp((regex ?? '/(.*)/').slice(1, -1));
  const written = series.map(({ metric }) => {
    const labels = Object.entries(metric).map(([name, value]) => `${name}="${value}"`);
    return wanted.exec(`{${labels.join(', ')}}`)?.[1];
  });
  return [...new Set(written.filter((name) => name !== undefined))];
}
