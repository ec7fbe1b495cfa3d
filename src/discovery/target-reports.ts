import type { Clock } from '../clock/clock.ts';
import { TokenBucket } from '../clock/token-bucket.ts';
import type { DiscoveryEvent } from '../domain/events/discovery-events.ts';
import type { TargetListener } from './group-targets.ts';
import type { KnownTarget } from './target-set.ts';

/** One wrong rule can refuse every target: at most this many lines, and then one each 3 seconds. */
const REFUSALS = { intervalMs: 3000, burst: 20 } as const;
/** Targets and reasons that are remembered, so that none is reported twice; the oldest are forgotten first. */
const MOST_REMEMBERED = 10_000;

/** No HOST:PORT is longer. */
const LONGEST_ADDRESS = 300;

/** Reports what is wrong with targets of one group: each target and reason once, 20 a minute. */
export class TargetReports implements TargetListener {
  readonly #group: string;
  readonly #clock: Clock;
  readonly #publish: (event: DiscoveryEvent) => void;
  readonly #reported = new Set<string>();
  readonly #bucket: TokenBucket;
  #unreported = 0;
  #isCutReported = false;

  constructor(group: string, clock: Clock, publish: (event: DiscoveryEvent) => void) {
    this.#group = group;
    this.#clock = clock;
    this.#publish = publish;
    this.#bucket = new TokenBucket(clock, REFUSALS);
  }

  invalid({ set, outcome }: KnownTarget, why: string): void {
    const target = outcome.kind === 'invalid' ? shortened(outcome.address) : '';
    if (!this.#remember(`${set.name}\u0000${target}\u0000${why}`)) return;
    if (!this.#bucket.take()) {
      this.#unreported++;
      return;
    }
    const about = { group: this.#group, source: set.name, target, why, unreported: this.#unreported };
    this.#unreported = 0;
    this.#publish({ type: 'targetRefused', at: this.#clock.now(), ...about });
  }

  cut({ outcome }: KnownTarget): void {
    if (this.#isCutReported) return;
    this.#isCutReported = true;
    const target = outcome.kind === 'peer' ? outcome.settings.peer : '';
    this.#publish({ type: 'labelsLeftOut', at: this.#clock.now(), group: this.#group, target });
  }

  #remember(key: string): boolean {
    if (this.#reported.has(key)) return false;
    const [oldest] = this.#reported;
    if (oldest !== undefined && this.#reported.size >= MOST_REMEMBERED) this.#reported.delete(oldest);
    this.#reported.add(key);
    return true;
  }
}

/** What is remembered and logged of a target: a source may send megabytes as one, and others at each refresh. */
function shortened(address: string): string {
  return address.length <= LONGEST_ADDRESS ? address : `${address.slice(0, LONGEST_ADDRESS)}...`;
}
