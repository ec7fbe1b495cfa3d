import type { Timer } from '../../clock/clock.ts';
import { LAST_WORDS_MS } from '../../domain/leaving.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerRunner } from './peer-runner.ts';
import type { RunnerContext } from './runner-context.ts';

/** Those who know peers treat all of them alike. */
type KnownRunner = { readonly [Key in Exclude<keyof PeerRunner, 'connectionEnded'>]: PeerRunner[Key] };

/** A peer of a group that is not held: it is known, and nothing is connected. It comes and goes as one that is held. */
export class UnheldPeer implements KnownRunner {
  #peer: PeerRef;
  readonly #context: Pick<RunnerContext, 'clock' | 'forget'>;
  /** Its target has gone. Null: it is there. */
  #lastWords: Timer | null = null;
  readonly hasBegun = true;
  readonly isEstablished = false;

  constructor(peer: PeerRef, context: Pick<RunnerContext, 'clock' | 'forget'>) {
    this.#peer = peer;
    this.#context = context;
  }

  get peer(): PeerRef {
    return this.#peer;
  }

  rename(names: Pick<PeerRef, 'host' | 'port' | 'isLiteral' | 'labels'>): void {
    this.#peer = { ...this.#peer, ...names };
  }

  start(): void {}

  reconfigure(): void {}

  /** Its target is there again. */
  plan(): void {
    this.#lastWords?.cancel();
  }

  /** Its target has gone: what applications hold to it is observed as long as ours would linger and have its last words. */
  vanish(_reason: string, lingerMs: number): void {
    const { clock, forget } = this.#context;
    this.#lastWords = clock.after(lingerMs + LAST_WORDS_MS, () => forget(this.#peer));
  }

  announceElsewhere(): void {}

  restartDelay(): void {}

  stop(_reason: string, _drainMs: number, done: () => void): void {
    this.#lastWords?.cancel();
    done();
  }
}
