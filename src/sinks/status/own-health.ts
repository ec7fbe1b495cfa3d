import type { ProcessEvent } from '../../domain/events/process-events.ts';
import type { SpanCounts } from '../../domain/span-counts.ts';
import type { Sink } from '../../events/bus.ts';

const SLOT_MS = 300_000;
/** An hour, and the slot that is not over. */
const SLOTS = 13;
/** What readings look back. */
const HOUR_MS = 3_600_000;

/** How this process itself does: a sick watcher's words are worth little. */
export type HealthReading = {
  /** The longest time in the last hour, at most five minutes more, that our event loop was held up. */
  readonly stallMs: number;
  /** The kernel can be asked about sockets. */
  readonly kernelEvidence: boolean;
  /** Packets that this host dropped in the last hour, at least. */
  readonly hostDrops: number;
  /** Since the start. */
  readonly spans: SpanCounts;
  /** Of the configuration in force: the first 12 digits. Empty: there is no file. */
  readonly configSha256: string;
  /** When that was loaded, wall-clock milliseconds. */
  readonly configLoadedAt: number;
  /** The last reload was refused: the configuration in force is an older one. */
  readonly isConfigRefused: boolean;
};

export type OwnHealthOptions = Pick<HealthReading, 'kernelEvidence' | 'configSha256'> & {
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  readonly spans: () => SpanCounts;
  /** Packets that this host dropped since then. */
  readonly dropsSince: (at: number) => number;
};

/** Remembers how this process does, for the bar of its pages. */
export class OwnHealth {
  readonly #options: OwnHealthOptions;
  /** The longest stall of each slot of 5 minutes. */
  readonly #stalls = new Map<number, number>();
  #configSha256: string;
  #configLoadedAt: number;
  #isConfigRefused = false;

  readonly sink: Sink = {
    process: (event) => this.#foldProcess(event),
    sample: (event) => {
      if (event.type === 'loopStalled') this.#stalled(event.at, event.durationMs);
    },
  };

  constructor(options: OwnHealthOptions) {
    this.#options = options;
    this.#configSha256 = options.configSha256;
    this.#configLoadedAt = options.startedAt;
  }

  /** @param now wall-clock milliseconds */
  read(now: number): HealthReading {
    const { kernelEvidence, spans, dropsSince } = this.#options;
    const oldest = Math.floor((now - HOUR_MS) / SLOT_MS);
    const recent = [...this.#stalls].filter(([slot]) => slot >= oldest).map(([, longest]) => longest);
    return {
      stallMs: Math.max(0, ...recent),
      kernelEvidence,
      hostDrops: dropsSince(now - HOUR_MS),
      spans: spans(),
      configSha256: this.#configSha256,
      configLoadedAt: this.#configLoadedAt,
      isConfigRefused: this.#isConfigRefused,
    };
  }

  #stalled(at: number, durationMs: number): void {
    const slot = Math.floor(at / SLOT_MS);
    const before = this.#stalls.get(slot);
    this.#stalls.set(slot, Math.max(before ?? 0, durationMs));
    const [oldest] = this.#stalls.keys();
    if (before === undefined && this.#stalls.size > SLOTS && oldest !== undefined) this.#stalls.delete(oldest);
  }

  #foldProcess(event: ProcessEvent): void {
    switch (event.type) {
      case 'reloadSucceeded':
        this.#configSha256 = event.configSha256;
        this.#configLoadedAt = event.at;
        this.#isConfigRefused = false;
        return;
      case 'reloadFailed':
        this.#isConfigRefused = true;
        return;
      case 'scraped':
      case 'streamEnded':
      case 'warned':
      case 'started':
      case 'shardsChanged':
      case 'handingOver':
      case 'stopping':
      case 'stopped':
        return;
    }
  }
}
