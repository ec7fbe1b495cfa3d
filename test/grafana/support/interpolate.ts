/** What Grafana knows when it sends a query. Times in seconds. */
export type QueryContext = {
  readonly rangeSeconds: number;
  readonly stepSeconds: number;
  readonly scrapeSeconds: number;
  /** The chosen values; a list is a choice of many, which Prometheus gets as one regular expression. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
};

/** Grafana's rule: long enough for four scrapes, and for the step with one scrape more. */
export function rateIntervalSeconds({ stepSeconds, scrapeSeconds }: QueryContext): number {
  return Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds);
}

/** What stands for all: it is not escaped. */
const ALL_VALUES = new Set(['.+', '.*']);

const escapeRegexp = (value: string): string => value.replaceAll(/[\\^$*+?.()|[\]{}]/g, String.raw`\\$&`);
const escapeString = (value: string): string => value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`);

/**
 * Puts values in the place of variables as Grafana's Prometheus data source does: a choice of many is escaped and joined
 * with `|`, a single value is only quoted. An unknown name is an error here, where Grafana would leave it standing.
 */
export function interpolate(text: string, context: QueryContext): string {
  const builtIn: Readonly<Record<string, string>> = {
    __rate_interval: `${rateIntervalSeconds(context)}s`,
    __interval: `${context.stepSeconds}s`,
    __range: `${context.rangeSeconds}s`,
  };
  return text.replaceAll(
    /\$\{([a-z_]+)(?::[a-z]+)?\}|\$([a-z_]+)/gi,
    (_, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare ?? '';
      const value = builtIn[name] ?? context.variables[name];
      if (value === undefined) throw new Error(`no variable $${name} in: ${text}`);
      if (typeof value === 'string') return name in builtIn || ALL_VALUES.has(value) ? value : escapeString(value);
      return value.length === 1 ? escapeRegexp(value[0] ?? '') : `(${value.map(escapeRegexp).join('|')})`;
    },
  );
}

/** Values for tests that only look at the shape of a query. */
export const ANY_CONTEXT: QueryContext = {
  rangeSeconds: 21_600,
  stepSeconds: 30,
  scrapeSeconds: 15,
  variables: {
    datasource: 'prometheus',
    cluster: '.*',
    job: ['finrst'],
    instance: ['127.0.0.1:10346'],
    group: 'redis',
    peer: '[::1]:6379',
    label: 'team',
    show: '20',
    worst: ['[::1]:6379', 'db-0.billing:5432'],
    tempo: 'tempo',
    loki: 'loki',
  },
};
