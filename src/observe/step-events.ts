import type { Clock, Timer } from '../clock/clock.ts';
import type { ObservedConnection, ObservedEvent } from '../domain/events/observed-events.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import type { ObservedSocket, ObservedStep } from './observed-step.ts';
import { SharedValues } from './shared-values.ts';

export type StepEventsOptions = {
  readonly clock: Clock;
  readonly publish: (event: ObservedEvent) => void;
  /** The peer of a key; undefined: it is gone. */
  readonly peerOf: (key: string) => PeerRef | undefined;
};

/** From then on a connection that its peer has closed is called a leak. */
const LEAK_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** Errors of one peer that are further apart than this have nothing to do with each other. Others between them end no row: a host makes thousands a second. */
const ROW_MS = 60_000;

type Held = { readonly socket: ObservedSocket; readonly since: number; readonly isOlder: boolean };

/** Makes events of steps: one for each peer that counts the connection and is still there. */
export class StepEvents {
  readonly #options: StepEventsOptions;
  readonly #shared = new SharedValues();
  /** Errors in a row of each peer, the oldest first. */
  readonly #errors = new Map<string, { readonly count: number; readonly at: number }>();
  /** Those that their peer has closed, not called a leak yet, in the order of their time. */
  readonly #held = new Map<number, Held>();
  #timer: Timer | null = null;

  constructor(options: StepEventsOptions) {
    this.#options = options;
  }

  /** `originMs`: the wall clock at the zero of the steps' clock. */
  publish(step: ObservedStep, originMs: number): void {
    if (step.step === 'retransmitted') return this.#retransmitted(step);
    this.#noteHeld(step);
    const connection = this.#connectionOf(step.socket);
    const at = originMs + step.atNs / 1e6;
    for (const key of step.socket.peers) {
      const peer = this.#options.peerOf(key);
      if (peer !== undefined) this.#options.publish(this.#eventOf(step, key, { at, peer, connection }));
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#held.clear();
  }

  #eventOf(step: AboutSocket, key: string, about: About): ObservedEvent {
    switch (step.step) {
      case 'connected':
        return { type: 'observedConnected', ...about, isFound: false, isCloseWait: false };
      case 'found':
        return { type: 'observedConnected', ...about, isFound: true, isCloseWait: step.isCloseWait };
      case 'connectFailed':
        return { type: 'observedConnectFailed', ...about, ...errnoOf(step) };
      case 'ended': {
        const { end, isCloseWait, socket, atNs } = step;
        const durationMs = socket.establishedNs === null ? null : (atNs - socket.establishedNs) / 1e6;
        return {
          type: 'observedEnded',
          ...about,
          ...end,
          ...errnoOf(step),
          ...(durationMs !== null && { durationMs }),
          isCloseWait,
          errorsInARow: end.class === 'error' ? this.#countError(key) : 0,
        };
      }
      case 'released':
        return { type: 'observedReleased', ...about };
      case 'lost':
        return { type: 'observedLost', ...about, wasCloseWait: step.wasCloseWait };
    }
  }

  #retransmitted({ peers, count }: Extract<ObservedStep, { step: 'retransmitted' }>): void {
    const { clock, publish, peerOf } = this.#options;
    for (const key of peers) {
      const peer = peerOf(key);
      if (peer !== undefined) publish({ type: 'observedRetransmits', at: clock.now(), peer, count });
    }
  }

  #countError(key: string): number {
    const at = this.#options.clock.monotonic();
    for (const [other, last] of this.#errors) {
      if (at - last.at < ROW_MS) break;
      this.#errors.delete(other);
    }
    const count = (this.#errors.get(key)?.count ?? 0) + 1;
    this.#errors.delete(key);
    this.#errors.set(key, { count, at });
    return count;
  }

  #connectionOf({ id, flow, owner }: ObservedSocket): ObservedConnection {
    const { localAddress, localPort, remoteAddress, remotePort } = flow;
    return {
      id,
      local: { address: this.#shared.text(localAddress), port: localPort },
      remote: this.#shared.endpoint(remoteAddress, remotePort),
      owner: owner === null ? null : this.#shared.owner(owner),
    };
  }

  #noteHeld(step: AboutSocket): void {
    const { id } = step.socket;
    const isCloseWait = (step.step === 'ended' || step.step === 'found') && step.isCloseWait;
    if (!isCloseWait) return void this.#held.delete(id);
    const since = this.#options.clock.monotonic();
    this.#held.set(id, { socket: step.socket, since, isOlder: step.step === 'found' });
    this.#timer ??= this.#options.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    const { clock, publish, peerOf } = this.#options;
    const now = clock.monotonic();
    for (const [id, { socket, since, isOlder }] of this.#held) {
      if (now - since < LEAK_MS) break;
      this.#held.delete(id);
      const connection = this.#connectionOf(socket);
      for (const key of socket.peers) {
        const peer = peerOf(key);
        const heldMs = now - since;
        if (peer !== undefined) publish({ type: 'observedLeak', at: clock.now(), peer, connection, heldMs, isOlder });
      }
    }
    this.#timer = this.#held.size === 0 ? null : clock.after(LOOK_EVERY_MS, () => this.#look());
  }
}

type AboutSocket = Exclude<ObservedStep, { step: 'retransmitted' }>;
type About = { readonly at: number; readonly peer: PeerRef; readonly connection: ObservedConnection };

function errnoOf({ errno }: { readonly errno: string | null }): { readonly errno?: string } {
  return errno === null ? {} : { errno };
}
