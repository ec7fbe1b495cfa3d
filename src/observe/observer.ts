import type { Clock, Timer } from '../clock/clock.ts';
import type { ObservedEvent } from '../domain/events/observed-events.ts';
import type { PeerEvent } from '../domain/events/peer-events.ts';
import { followObserved } from '../domain/observed/follow-observed.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import { NameRounds, type ResolveName } from './name-rounds.ts';
import { ObservedPeers } from './observed-peers.ts';
import { StepEvents } from './step-events.ts';
import { ObserverThread } from './thread/observer-thread.ts';

export type ObserverOptions = {
  readonly clock: Clock;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly publish: (event: ObservedEvent) => void;
  readonly resolve: ResolveName;
  /** Where tracefs may be mounted, the first choice first. */
  readonly tracefs: readonly string[];
  /** Where procfs is. */
  readonly proc: string;
  /** Where the kubelet's folder of pod logs may be, the first choice first. */
  readonly podLogs: readonly string[];
};

/** Changes of one turn: it takes the event loop less than a millisecond to write them. */
const CHANGES_A_TURN = 250;
/** What comes together is handed on together. */
const GATHER_MS = 20;
/** The observer is not up before the first names were looked up, but it waits no longer than this: a question that was lost is asked again after 5 s (resolv.conf(5), timeout). */
const FIRST_NAMES_MS = 6000;

/**
 * Watches the connections of other processes to the peers of observed groups, and publishes what becomes of them. Nothing is
 * opened as long as no group is observed. Without the rights it says so once, and is over. It is up once connections to the
 * addresses of its first peers are traced, and those that were there before were published.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #groups = new Set<string>();
  readonly #peers = new ObservedPeers();
  readonly #names: NameRounds;
  readonly #events: StepEvents;
  #thread: ObserverThread | null = null;
  #state: 'opening' | 'open' | 'asked' | 'up' | 'failed' = 'opening';
  #namesDue: Timer | null = null;
  #sending: Timer | null = null;
  #lostLines = 0;
  #isStopped = false;

  constructor(options: ObserverOptions) {
    const { clock, publish, resolve } = options;
    this.#options = options;
    this.#events = new StepEvents({ clock, publish, peerOf: (key) => this.#peers.peer(key) });
    this.#names = new NameRounds({
      clock,
      resolve,
      names: () => this.#peers.names,
      answered: (host, addresses) => {
        this.#peers.answered(host, addresses, clock.monotonic());
        this.#sendSoon();
      },
      roundEnded: () => this.#sendSoon(),
    });
  }

  /** Which groups are observed, and what their peers are. */
  peer(event: PeerEvent): void {
    const change = followObserved(event, this.#groups);
    switch (change?.kind) {
      case 'known':
        return this.#add(change.event.peer);
      case 'gone':
        return this.#remove(change.peer);
      // The one that takes its place is added as the same target.
      case 'replaced':
      case undefined:
        return;
    }
  }

  /** Publishes nothing afterwards. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    this.#sending?.cancel();
    this.#namesDue?.cancel();
    this.#names.stop();
    this.#events.stop();
    await this.#thread?.stop(deadlineMs);
  }

  #add(peer: PeerRef): void {
    if (this.#isStopped) return;
    this.#peers.add(peer);
    this.#names.wake();
    this.#thread ??= this.#open();
    this.#sendSoon();
  }

  #remove(peer: PeerRef): void {
    this.#peers.remove(peer);
    this.#sendSoon();
  }

  #open(): ObserverThread {
    const { clock, random, publish, tracefs, proc, podLogs } = this.#options;
    const suffix = Math.floor(random() * 36 ** 8).toString(36);
    return new ObserverThread(
      {
        clock,
        opened: () => {
          this.#state = 'open';
          this.#namesDue = clock.after(FIRST_NAMES_MS, () => {
            this.#namesDue = null;
            this.#sendSoon();
          });
          this.#sendSoon();
        },
        watching: () => {
          this.#state = 'up';
          publish({ type: 'observerChanged', at: clock.now(), isUp: true });
        },
        failed: (problem) => {
          this.#state = 'failed';
          this.#namesDue?.cancel();
          this.#names.stop();
          this.#events.stop();
          publish({ type: 'observerChanged', at: clock.now(), isUp: false, problem });
        },
        took: ({ steps, originMs, lostLines }) => {
          const count = lostLines - this.#lostLines;
          this.#lostLines = lostLines;
          if (count > 0) publish({ type: 'observedLinesLost', at: clock.now(), count });
          for (const step of steps) this.#events.publish(step, originMs);
        },
      },
      { tracefs, proc, podLogs, suffix },
    );
  }

  #sendSoon(): void {
    if (this.#sending !== null || this.#isStopped || this.#state === 'opening' || this.#state === 'failed') return;
    this.#sending = this.#options.clock.after(GATHER_MS, () => this.#send());
  }

  #send(): void {
    this.#sending = null;
    if (this.#isStopped) return;
    const changes = this.#peers.takeChanges(CHANGES_A_TURN);
    if (changes.length === 0) return this.#askOnce();
    this.#thread?.change(changes);
    this.#sending = this.#options.clock.afterPoll(() => this.#send());
  }

  /** All that is known was sent. */
  #askOnce(): void {
    if (this.#state !== 'open' || (this.#names.hasNew && this.#namesDue !== null)) return;
    this.#namesDue?.cancel();
    this.#state = 'asked';
    this.#thread?.askWhenWatching();
  }
}
