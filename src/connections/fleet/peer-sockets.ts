import type { Heartbeat } from '../../settings/heartbeat.ts';
import type { OpenedSession } from '../dial/session-opening.ts';
import type { HeldConnection } from '../hold/held-connection.ts';
import type { Link } from '../link/link.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';

/** What can be closed in order: the attempt, its link, or the connection that is held. */
export type Closable = {
  /** `done` is called when the descriptor is released, at most `drainMs` later. */
  close(drainMs: number, done: () => void): void;
};

/** The heartbeat that an attempt began with, and the conversation that it opened. */
export type Opened = {
  readonly isLogin: boolean;
  readonly heartbeat: Heartbeat | null;
  readonly session: OpenedSession;
};

/** The objects of the current connection, from its attempt until it is closed. */
export type Live = {
  readonly connectionId: string;
  /** What is open of it; null: nothing is. */
  readonly closable: Closable | null;
  readonly link: Link | null;
  readonly opened: Opened | null;
  readonly connection: HeldConnection | null;
};

/** A connection that is over, until its descriptor is released. */
type Draining = { readonly connectionId: string; readonly closable: Closable };

/** Most peers have none, so they share this one. */
const NONE_DRAINING: readonly Draining[] = [];

/** What one peer has open: its current connection, and those that are over and still drain. */
export class PeerSockets {
  readonly #budget: DescriptorBudget;
  #live: Live | null = null;
  #draining = NONE_DRAINING;

  constructor(budget: DescriptorBudget) {
    this.#budget = budget;
  }

  /** The objects of this connection; null: it is not the current one any more. */
  current(connectionId: string): Live | null {
    return this.#live?.connectionId === connectionId ? this.#live : null;
  }

  /** From now on this is the current connection. */
  become(live: Live): void {
    this.#live = live;
  }

  /** Closes this connection in order, whether it is the current one or drains already: then the drain only gets shorter. */
  close(connectionId: string, drainMs: number, drained: () => void): void {
    const draining = this.#draining.find((one) => one.connectionId === connectionId);
    // The first close answers, after its own clean-up.
    if (draining !== undefined) draining.closable.close(drainMs, () => {});
    const closable = this.current(connectionId)?.closable ?? null;
    if (closable !== null) closable.close(drainMs, this.#drain({ connectionId, closable }, drained));
  }

  /** Closes the current connection with a RST. */
  reset(connectionId: string, drained: () => void): void {
    const { link = null, closable = null } = this.current(connectionId) ?? {};
    if (link !== null && closable !== null) link.reset(this.#drain({ connectionId, closable }, drained));
  }

  /** The current connection is over; to be called when its descriptor is released. */
  #drain(draining: Draining, drained: () => void): () => void {
    this.#live = null;
    this.#draining = [...this.#draining, draining];
    // An attempt of any peer is worth more than the rest of a drain.
    const withdraw = this.#budget.offer(() => draining.closable.close(0, () => {}));
    return () => {
      withdraw();
      this.#draining = without(this.#draining, draining.connectionId);
      drained();
    };
  }
}

function without(draining: readonly Draining[], connectionId: string): readonly Draining[] {
  const left = draining.filter((one) => one.connectionId !== connectionId);
  return left.length === 0 ? NONE_DRAINING : left;
}
