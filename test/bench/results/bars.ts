import { BENCH_PROTOCOLS } from '../finrst-config.ts';
import { figureOf, ratioOf, type Reading } from './readings.ts';
import { ROWS, type RowName, formatFigure } from './rows.ts';
import type { Spread } from '../../support/statistics.ts';

/** What the figures must be. */
export type Bar = {
  readonly row: RowName;
  readonly atMost: number;
  /** The holder whose figure of the same run is 1; absent: the figure itself is judged. */
  readonly timesThatOf?: string;
  /** The setting at the same number of peers whose figure is taken off first. */
  readonly above?: string;
  readonly peers: number;
  readonly setting?: string;
};

const FLEET = 15_000;
/** Of the part `protocols`. */
const LOGGED_IN = 5000;

/** The promises of the documentation, for Finrst. */
export const BARS: readonly Bar[] = [
  { row: 'memory_idle', peers: FLEET, atMost: 0.5, timesThatOf: 'go' },
  { row: 'memory_scraped', peers: FLEET, atMost: 0.5, timesThatOf: 'go' },
  { row: 'memory_stormed', peers: FLEET, atMost: 0.5, timesThatOf: 'go' },
  { row: 'rss', peers: 5000, atMost: 250 },
  { row: 'idle_cpu', peers: FLEET, atMost: 3, timesThatOf: 'go' },
  { row: 'end_median', peers: FLEET, atMost: 1.5, timesThatOf: 'bare' },
  { row: 'end_p99', peers: FLEET, atMost: 2, timesThatOf: 'bare' },
  { row: 'end_scraped_median', peers: FLEET, atMost: 0.5 },
  { row: 'end_scraped_p99', peers: FLEET, atMost: 5 },
  { row: 'end_wrong', peers: FLEET, atMost: 0 },
  { row: 'storm_counted', peers: FLEET, atMost: 1.3, timesThatOf: 'go' },
  { row: 'storm_wrong', peers: FLEET, atMost: 0 },
  { row: 'storm_turn', peers: FLEET, atMost: 50 },
  { row: 'storm_burst', peers: FLEET, atMost: 300 },
  { row: 'kill_turn', peers: FLEET, atMost: 3, timesThatOf: 'bare' },
  { row: 'kill_counted', peers: FLEET, atMost: 2 },
  { row: 'kill_wrong', peers: FLEET, atMost: 0 },
  { row: 'stream_ratio', peers: FLEET, atMost: 1.3, setting: 'streams' },
  { row: 'stream_missed', peers: FLEET, atMost: 0, setting: 'streams' },
  { row: 'reload_turn', peers: FLEET, atMost: 15 },
  { row: 'reload_wrong', peers: FLEET, atMost: 0 },
  { row: 'scrape_cpu', peers: FLEET, atMost: 0.05, timesThatOf: 'go' },
  ...BENCH_PROTOCOLS.map((protocol) => ({
    row: 'memory_kept' as const,
    peers: LOGGED_IN,
    atMost: 1.5,
    setting: `protocol: ${protocol}`,
    above: 'beside protocols',
  })),
  ...['loopback', 'veth'].flatMap((path) =>
    ['default', '30s/10s/3', '20s/2s/2'].map((keepalive) => ({
      row: 'false_ends' as const,
      peers: FLEET,
      atMost: 0,
      setting: `${path}, ${keepalive}`,
    })),
  ),
];

export type Judged = {
  readonly what: string;
  /** `missing`: not measured in this run. */
  readonly verdict: 'met' | 'missed' | 'missing';
  readonly measured: string;
  readonly bar: string;
};

/** Holds the medians of Finrst against the bars, or its worst figure where the bar is 0. */
export function judge(readings: readonly Reading[], bars: readonly Bar[] = BARS): readonly Judged[] {
  return bars.map((bar) => {
    const { row, peers, atMost, timesThatOf, above, setting = 'plain' } = bar;
    const cell = { setting, peers, holder: 'finrst', row };
    const figure = figureOf(readings, cell);
    // What must never happen is judged by the worst pass.
    const absolute = (atMost === 0 ? figure?.max : figure?.median) ?? null;
    const compared = timesThatOf === undefined ? absolute : ratioOf(readings, cell, timesThatOf);
    const value =
      above === undefined ? compared : difference(compared, figureOf(readings, { ...cell, setting: above }));
    const format = (number: number) =>
      timesThatOf === undefined ? formatFigure(row, number) : `${number.toFixed(2)}x of ${timesThatOf}`;
    return {
      what: `${ROWS[row].title}, ${peers} peers${setting === 'plain' ? '' : `, ${setting}`}${above === undefined ? '' : ', above plain peers'}`,
      verdict: value === null ? 'missing' : isMet(value, bar, readings) ? 'met' : 'missed',
      measured: value === null ? 'not measured' : format(value),
      bar: `at most ${format(atMost)}`,
    };
  });
}

function difference(value: number | null, base: Spread | null): number | null {
  return value === null || base === null ? null : value - base.median;
}

/** Where the kernel drops the probes of all peers at once no program can tell; then the log must have warned. */
function isMet(value: number, { row, peers, atMost, setting = 'plain' }: Bar, readings: readonly Reading[]): boolean {
  if (value <= atMost) return true;
  if (row !== 'false_ends' || !setting.endsWith('20s/2s/2')) return false;
  return figureOf(readings, { setting, peers, holder: 'finrst', row: 'false_warned' })?.min === 1;
}
