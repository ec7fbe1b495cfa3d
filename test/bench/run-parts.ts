import type { Holder, HolderName } from './holder.ts';
import { BENCH_PROTOCOLS, type ConfigOptions } from './finrst-config.ts';
import { buildNative, type Native } from './native.ts';
import { phasesOf, type Options } from './options.ts';
import { holdFleet } from './parts/hold-plain.ts';
import { measureChurn } from './parts/measure-churn.ts';
import { measureFalseEnds } from './parts/measure-false-ends.ts';
import { measureProbes } from './parts/measure-probes.ts';
import { measureReload } from './parts/measure-reload.ts';
import { measureStreams } from './parts/measure-streams.ts';
import type { Keep } from './parts/measure-fleet.ts';
import type { Reading } from './results/readings.ts';

const TLS_PEERS = 2000;
const PROTOCOL_PEERS = 5000;
const SPAN_PEERS = 3000;
const PROBED_PEERS = 5000;
const LARGEST = 15_000;
const HEARTBEAT_MS = 10_000;
const PROBE_SECONDS = 45;

/** Does the parts that are asked for, one after the other. */
export async function runParts(options: Options): Promise<{
  readonly readings: readonly Reading[];
  readonly missing: readonly string[];
}> {
  const { parts } = options;
  const readings: Reading[] = [];
  const native = buildNative({
    go: phasesOf(parts).length > 0 || parts.includes('tls') || parts.includes('heartbeats'),
    blackbox: parts.includes('blackbox'),
  });
  const bench = new Bench(native, options, readings);
  if (phasesOf(parts).length > 0) await bench.plain();
  if (parts.includes('stream')) await bench.stream();
  if (parts.includes('reload')) await bench.reload();
  if (parts.includes('tls')) await bench.tls();
  if (parts.includes('heartbeats')) await bench.heartbeats();
  if (parts.includes('protocols')) await bench.protocols();
  if (parts.includes('discovery')) await bench.discovery();
  if (parts.includes('spans')) await bench.spans();
  if (parts.includes('blackbox')) await bench.blackbox();
  if (parts.includes('false-ends')) await bench.falseEnds();
  return { readings, missing: native.missing };
}

class Bench {
  readonly #native: Native;
  readonly #options: Options;
  readonly #readings: Reading[];

  constructor(native: Native, options: Options, readings: Reading[]) {
    this.#native = native;
    this.#options = options;
    this.#readings = readings;
  }

  /** Every number of peers, as often as it is to be repeated. */
  async plain(): Promise<void> {
    const { peers: numbers, repeats, idleSeconds, parts } = this.#options;
    for (const peers of numbers) {
      const passes = repeats ?? (peers === LARGEST ? 3 : 1);
      for (let pass = 0; pass < passes; pass++) {
        const keep = this.#keep('plain', peers);
        await holdFleet({ native: this.#native, peers, idleSeconds, phases: phasesOf(parts), keep, report });
      }
    }
  }

  async stream(): Promise<void> {
    const peers = this.#largest(LARGEST);
    await measureStreams({ native: this.#native, peers, keep: this.#keep('streams', peers), report });
  }

  async reload(): Promise<void> {
    const peers = this.#largest(LARGEST);
    report(`${peers} peers: reload`);
    await measureReload({ native: this.#native, peers, keep: this.#keep('plain', peers) });
  }

  async tls(): Promise<void> {
    await this.#idle('tls', { peers: TLS_PEERS, holders: ['finrst', 'go', 'bare'], more: { tls: true } });
  }

  async heartbeats(): Promise<void> {
    const more = { heartbeatMs: HEARTBEAT_MS };
    await this.#idle('heartbeats', { peers: this.#largest(LARGEST), holders: ['finrst', 'go'], more });
  }

  /** Beside plain peers, at the same number and in turn with them: what a login adds is the difference. */
  async protocols(): Promise<void> {
    for (let pass = 0; pass < (this.#options.repeats ?? 1); pass++) {
      await this.#alone('beside protocols', PROTOCOL_PEERS, {});
      for (const protocol of BENCH_PROTOCOLS) await this.#alone(`protocol: ${protocol}`, PROTOCOL_PEERS, { protocol });
    }
  }

  /** Plain peers first, at the same number: what discovery adds is the difference. */
  async discovery(): Promise<void> {
    const peers = this.#largest(LARGEST);
    await this.#alone('beside discovery', peers, {});
    await this.#alone('discovery', peers, { discovered: true });
  }

  async spans(): Promise<void> {
    report(`${SPAN_PEERS} peers: ends without and with spans`);
    await measureChurn({
      native: this.#native,
      peers: SPAN_PEERS,
      keepOff: this.#keep('spans off', SPAN_PEERS),
      keepOn: this.#keep('spans on', SPAN_PEERS),
    });
  }

  async blackbox(): Promise<void> {
    const { blackbox } = this.#native;
    if (blackbox === null) return;
    const peers = PROBED_PEERS;
    report(`${peers} peers: probes`);
    const run = runName();
    const keep = (row: Reading['row'], value: number): void => {
      this.#readings.push({ run, setting: 'probes', peers, holder: 'blackbox', row, value });
    };
    await measureProbes({ native: this.#native, blackbox, peers, seconds: PROBE_SECONDS, keep });
  }

  async falseEnds(): Promise<void> {
    const { minutes, silences } = this.#options;
    const peers = this.#largest(LARGEST);
    await measureFalseEnds({
      native: this.#native,
      peers,
      minutes,
      silences,
      report,
      keep: ({ path, keepalive }) => this.#keep(`${path}, ${keepalive}`, peers),
    });
  }

  /**
   * Finrst alone. Heartbeats leave garbage, and nothing does so in a plain fleet at rest: the size of the process says when
   * the collector ran last, so what is in use is measured beside it.
   */
  async #alone(setting: string, peers: number, config: ConfigOptions): Promise<void> {
    const { idleSeconds } = this.#options;
    const keep = this.#keep(setting, peers);
    const fleet = { native: this.#native, peers, idleSeconds, phases: ['idle', 'scrape'] as const };
    await holdFleet({ ...fleet, holders: ['finrst'], kept: true, more: { config }, keep, report });
  }

  async #idle(
    setting: string,
    { peers, holders, more }: { peers: number; holders: readonly HolderName[]; more: object },
  ): Promise<void> {
    const { idleSeconds } = this.#options;
    const keep = this.#keep(setting, peers);
    await holdFleet({ native: this.#native, peers, idleSeconds, phases: ['idle'], holders, more, keep, report });
  }

  /** The largest number that was asked for. A default run asks for 15,000. */
  #largest(most: number): number {
    return Math.min(most, Math.max(...this.#options.peers));
  }

  #keep(setting: string, peers: number): Keep {
    const run = runName();
    return ({ name: holder }: Holder, row, value) => {
      this.#readings.push({ run, setting, peers, holder, row, value });
    };
  }
}

let runs = 0;

/** Unlike that of any other pass, also of another process. */
function runName(): string {
  return `${new Date().toISOString()}-${process.pid}-${runs++}`;
}

function report(what: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${what}`);
}
