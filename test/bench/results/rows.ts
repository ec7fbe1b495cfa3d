/** What is measured. The order is that of the tables. */
export const ROWS = {
  rss_at_0: { title: 'process at 0 peers, RSS', unit: 'MB', digits: 0 },
  memory_idle: { title: 'memory per peer, at rest', unit: 'KiB', digits: 1 },
  memory_scraped: { title: 'memory per peer, after scrapes', unit: 'KiB', digits: 1 },
  memory_stormed: { title: 'memory per peer, after scrapes and a storm', unit: 'KiB', digits: 1 },
  memory_kept: { title: 'memory per peer in use, at rest, after a collection', unit: 'KiB', digits: 2 },
  pss_idle: { title: 'memory per peer as PSS, at rest', unit: 'KiB', digits: 1 },
  rss: { title: 'process with all peers, RSS, at the end', unit: 'MB', digits: 0 },
  ramp_cpu: { title: 'connecting, CPU of each peer', unit: 'us', digits: 0 },
  ramp_wall: { title: 'connecting all at 2,000 a second', unit: 's', digits: 1 },
  idle_cpu: { title: 'idle, share of one core', unit: '%', digits: 2 },
  sample_cpu: { title: 'idle, CPU of each sample of TCP_INFO', unit: 'us', digits: 1 },
  scrape_first: { title: 'the first scrape, CPU', unit: 'ms', digits: 0 },
  scrape_cpu: { title: 'scrape, CPU, mean of ten', unit: 'ms', digits: 0 },
  scrape_wall: { title: 'scrape, time', unit: 'ms', digits: 0 },
  scrape_bytes: { title: 'scrape, size', unit: 'MB', digits: 2 },
  scrape_turn: { title: 'scrape, longest turn of the event loop, CPU', unit: 'ms', digits: 1 },
  gzip_cpu: { title: 'scrape with gzip, CPU, mean of ten', unit: 'ms', digits: 0 },
  gzip_wall: { title: 'scrape with gzip, time', unit: 'ms', digits: 0 },
  gzip_bytes: { title: 'scrape with gzip, size', unit: 'MB', digits: 2 },
  end_median: { title: 'end to counter, quiet, median', unit: 'ms', digits: 3 },
  end_p99: { title: 'end to counter, quiet, p99', unit: 'ms', digits: 2 },
  end_scraped_median: { title: 'end to counter, back-to-back scrapes, median', unit: 'ms', digits: 3 },
  end_scraped_p99: { title: 'end to counter, back-to-back scrapes, p99', unit: 'ms', digits: 2 },
  end_wrong: { title: 'those ends that were lost, misnamed or invented', unit: '', digits: 0 },
  storm_counted: { title: 'storm, all counted after', unit: 's', digits: 2 },
  storm_wrong: { title: 'storm, ends lost, misnamed or invented', unit: '', digits: 0 },
  storm_median: { title: 'storm, end to counter, median', unit: 'ms', digits: 1 },
  storm_cpu: { title: 'storm, CPU of each end and reconnect', unit: 'us', digits: 0 },
  storm_turn: { title: 'storm, longest turn of the event loop, CPU', unit: 'ms', digits: 1 },
  storm_turn_busy: { title: 'storm, longest turn of the event loop, time', unit: 'ms', digits: 1 },
  storm_health: { title: 'storm, slowest answer of /-/healthy', unit: 'ms', digits: 0 },
  storm_back: { title: 'storm, all established again after', unit: 's', digits: 1 },
  storm_burst: { title: 'storm, most reconnects within 100 ms', unit: '', digits: 0 },
  kill_counted: { title: 'server killed, all counted after', unit: 's', digits: 2 },
  kill_wrong: { title: 'server killed, ends lost, misnamed or invented', unit: '', digits: 0 },
  kill_turn: { title: 'server killed, longest turn of the event loop, CPU', unit: 'ms', digits: 1 },
  kill_turn_busy: { title: 'server killed, longest turn of the event loop, time', unit: 'ms', digits: 1 },
  reload_turn: { title: 'reload, longest turn of the event loop, CPU', unit: 'ms', digits: 1 },
  reload_turn_busy: { title: 'reload, longest turn of the event loop, time', unit: 'ms', digits: 1 },
  reload_wall: { title: 'reload, until it is applied', unit: 'ms', digits: 0 },
  reload_wrong: { title: 'reload, connections that it ended', unit: '', digits: 0 },
  stream_p99_alone: { title: 'storm, end to counter, p99, nobody reads the stream', unit: 'ms', digits: 1 },
  stream_p99_read: {
    title: 'storm, end to counter, p99, with 20 readers and what a page asks for',
    unit: 'ms',
    digits: 1,
  },
  stream_ratio: { title: 'storm, p99 with 20 readers of the stream by p99 without, medians', unit: '', digits: 2 },
  stream_missed: { title: 'storm, ends that a reader of the stream did not get', unit: '', digits: 0 },
  churn_cpu: { title: 'CPU of each end and reconnect at 500 a second', unit: 'us', digits: 0 },
  false_ends: { title: 'ends of connections whose peers were well', unit: '', digits: 0 },
  false_dropped: { title: 'packets that the kernel dropped meanwhile', unit: '', digits: 0 },
  false_warned: { title: 'the log warned of bursts (1: yes)', unit: '', digits: 0 },
  false_minutes: { title: 'silent for', unit: 'min', digits: 1 },
  probe_cpu: { title: 'probing every 15 s, share of one core', unit: '%', digits: 2 },
  probe_missed: { title: 'resets of held connections that no probe showed', unit: '%', digits: 0 },
} as const satisfies Readonly<Record<string, RowFacts>>;

type RowFacts = { readonly title: string; readonly unit: string; readonly digits: number };

export type RowName = keyof typeof ROWS;

export const ROW_NAMES = Object.keys(ROWS) as readonly RowName[];

/** The figure with its unit, as tables print it. */
export function formatFigure(row: RowName, value: number): string {
  const { unit, digits } = ROWS[row];
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}
