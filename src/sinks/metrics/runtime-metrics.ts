import { readdir } from 'node:fs/promises';
import { statSync } from 'node:fs';
import type { Clock, Timer } from '../../clock/clock.ts';
import { Gauge, Registry, collectDefaultMetrics, type Metric } from './prom-client.ts';

/**
 * prom-client's defaults that list every handle, request or descriptor of the process: with 17,000 sockets they held the
 * event loop for 35 ms at each scrape, the others together for 1 ms. `process_open_fds` is brought back below.
 */
const COSTLY = /^(nodejs_active_|process_open_fds$)/;

/**
 * How often the runtime looks at its own lag, for `nodejs_eventloop_lag_*`. prom-client's 10 ms cost 0.5 % of a core in an
 * idle process, this a tenth of that. Stalls are measured apart, in `finrst_event_loop_stall_seconds`.
 */
const LAG_PRECISION_MS = 100;

/** How old `process_open_fds` may be: one common scrape interval. */
const OPEN_FDS_REFRESH_MS = 15_000;

let shared: readonly Metric[] | undefined;

/** prom-client's default `process_*` and `nodejs_*` metrics but the costly ones. They observe the process, so there is one set of them. */
export function runtimeMetrics(): readonly Metric[] {
  if (shared) return shared;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  shared = (registry.getMetricsAsArray() as unknown as (Metric & { readonly name: string })[]).filter(
    (metric) => !COSTLY.test(metric.name),
  );
  return shared;
}

/** `process_open_fds`, read off the scrape by a timer that `stop` cancels. Absent where there is no /proc. */
export class OpenFds {
  readonly metric = new Gauge({ name: 'process_open_fds', help: 'Number of open file descriptors.', registers: [] });
  readonly #clock: Pick<Clock, 'after'>;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
    this.metric.reset();
    void this.#refresh();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #refresh(): Promise<void> {
    const count = await countOpenFds();
    if (this.#stopped) return;
    if (count === null) this.metric.remove();
    else this.metric.set(count);
    this.#timer = this.#clock.after(OPEN_FDS_REFRESH_MS, () => void this.#refresh());
  }
}

const FD_DIRECTORY = '/proc/self/fd';

/**
 * Linux 6.2 and later give the number of descriptors as the size of the directory (fs/proc/fd.c, proc_fd_getattr), at a
 * cost that 15,000 sockets do not change. Older kernels have 0 there: there the directory is listed, off the event loop.
 */
async function countOpenFds(): Promise<number | null> {
  try {
    const { size } = statSync(FD_DIRECTORY);
    return size > 0 ? size : (await readdir(FD_DIRECTORY)).length;
  } catch {
    // Not Linux, or /proc is hidden from us: nothing to count, and nothing that an operator could do about it.
    return null;
  }
}
