import type { Clock, Timer } from '../../clock/clock.ts';
import type { KeptEvent } from '../../sinks/status/kept-event.ts';

/** A page that shows the connections of applications asks for itself again no more often than that. */
const PACE_MS = 1000;
/** In one message. Where more are concerned, it names none. */
const MOST_GROUPS = 100;

export type QuietNewsOptions = {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Null: too many groups to name. */
  readonly tell: (groups: ReadonlySet<string> | null) => void;
};

/** Says at most once a second in which groups applications connected, or ended connections in order: each by itself would be thousands. */
export class QuietNews {
  readonly #options: QuietNewsOptions;
  #groups = new Set<string>();
  #timer: Timer | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: QuietNewsOptions) {
    this.#options = options;
  }

  add({ group }: KeptEvent): void {
    if (group !== undefined && this.#groups.size <= MOST_GROUPS) this.#groups.add(group);
    const { clock } = this.#options;
    this.#timer ??= clock.after(Math.max(0, this.#toldAt + PACE_MS - clock.monotonic()), () => this.#tell());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#groups.clear();
  }

  #tell(): void {
    const groups = this.#groups;
    this.#groups = new Set();
    this.#timer = null;
    this.#toldAt = this.#options.clock.monotonic();
    this.#options.tell(groups.size > MOST_GROUPS ? null : groups);
  }
}
