import { figureOf, type Reading } from './readings.ts';
import type { RowName } from './rows.ts';
import type { Table } from './tables.ts';

/** Prometheus asks this often unless it is configured otherwise. */
const SCRAPE_SECONDS = 15;

type Measured = { readonly peers: number; readonly value: number };

/**
 * What a core carries, worked out from CPU times at the largest number of peers; lines whose figure was not measured are
 * left out.
 */
export function sizingOf(readings: readonly Reading[]): Table {
  const figure = (row: RowName, setting = 'plain'): Measured | null => {
    const found = readings.filter((reading) => reading.row === row && reading.setting === setting);
    const peers = Math.max(...found.map((reading) => reading.peers));
    const value = figureOf(readings, { setting, peers, holder: 'finrst', row })?.median;
    return value === undefined ? null : { peers, value };
  };
  const lines: readonly (readonly [string, Measured | null, (from: Measured) => string])[] = [
    ['silent peers, sampled every 15 s', figure('idle_cpu'), ({ peers, value }) => round((100 * peers) / value)],
    [
      'peers with a heartbeat every 10 s',
      figure('idle_cpu', 'heartbeats'),
      ({ peers, value }) => round((100 * peers) / value),
    ],
    ['ends and reconnects a second, in a storm', figure('storm_cpu'), ({ value }) => round(1e6 / value)],
    ['ends and reconnects a second, spread', figure('churn_cpu', 'spans off'), ({ value }) => round(1e6 / value)],
    ['the same with spans', figure('churn_cpu', 'spans on'), ({ value }) => round(1e6 / value)],
    ['connects with TLS a second', figure('ramp_cpu', 'tls'), ({ value }) => round(1e6 / value)],
    [
      `a scrape every ${SCRAPE_SECONDS} s`,
      figure('scrape_cpu'),
      ({ value }) => `takes ${((100 * value) / (1000 * SCRAPE_SECONDS)).toFixed(2)} % of it`,
    ],
  ];
  return {
    head: ['what', 'a core carries', 'worked out from'],
    rows: lines.flatMap(([what, from, limit]) => (from === null ? [] : [[what, limit(from), `${from.peers} peers`]])),
  };
}

/** Two digits: a limit that is worked out has no more. */
function round(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}
