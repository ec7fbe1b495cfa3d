import type { Clock, Timer } from '../clock/clock.ts';
import type { HostCounts } from '../domain/host-counts.ts';
import type { ReadFile } from '../files/file-content.ts';
import { readSoftnetDrops } from '../os/host/softnet-drops.ts';
import { readTcpCounters } from '../os/host/tcp-counters.ts';

/** As often as a scrape usually comes. */
const EVERY_MS = 15_000;
/** Of the process' own network namespace; the first of the whole host. */
const FILES = ['/proc/net/softnet_stat', '/proc/net/netstat', '/proc/net/snmp'];

/**
 * Reads every 15 s, off the event loop, what this host itself does to connections: a scrape only takes the last reading. One that
 * does not answer is waited for, and none begins beside it.
 */
export class HostCounters {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #readFile: ReadFile;
  #last: HostCounts = { softnetDrops: null, tcp: null };
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(clock: Pick<Clock, 'after'>, readFile: ReadFile) {
    this.#clock = clock;
    this.#readFile = readFile;
  }

  get last(): HostCounts {
    return this.#last;
  }

  /** Resolves when the first reading is there. */
  async start(): Promise<void> {
    const [softnet, netstat, snmp] = await Promise.all(FILES.map((path) => this.#textOf(path)));
    this.#last = {
      softnetDrops: readSoftnetDrops(softnet ?? ''),
      tcp: readTcpCounters(netstat ?? '', snmp ?? ''),
    };
    if (!this.#isStopped) this.#timer = this.#clock.after(EVERY_MS, () => void this.start());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #textOf(path: string): Promise<string> {
    const content = await this.#readFile(path);
    return content.kind === 'read' ? Buffer.from(content.bytes).toString('latin1') : '';
  }
}
