import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../../clock/clock.ts';
import { refusedDelayMs } from '../../domain/backoff.ts';
import type { Reconnect } from '../../settings/peer-settings.ts';
import type { LoginTools } from '../dial/login-tools.ts';

/** How often a password file is looked at while its password is refused. */
const LOOK_MS = 15_000;

/** A login that waits for its turn, or has it. One of its methods is called once; the login is forgotten then. */
export type LoginTurn = {
  accepted(): void;
  /** The server refused the credentials. Should their file change, the delays of the peer start over. */
  refused(refusal: LoginRefusal): void;
  /** It came to nothing, or to an end that says nothing of the credentials. */
  cancel(): void;
};

/** A peer that waits for its next attempt, and can be made to try soon. */
export type DelayedPeer = { restartDelay(): void };

/** A refusal of one peer, and how long that peer waits for it. */
export type LoginRefusal = {
  readonly retryInMs: number;
  readonly reconnect: Reconnect;
  readonly peer: DelayedPeer;
};

type Waiting = { readonly grant: () => void };

/** The logins of a group: they share one user and one password. */
type Group = {
  readonly file: string;
  /** The last one was accepted: all may go at once. */
  isFree: boolean;
  /** Who logs in, where one goes at a time. */
  holder: Waiting | null;
  readonly waiting: Set<Waiting>;
  /** How often all had to wait since the last one was accepted. */
  waits: number;
  /** Monotonic. */
  closedUntil: number;
  timer: Timer | null;
  /** The peers that were refused, once each, however often they were. */
  readonly refused: Set<DelayedPeer>;
  look: Timer | null;
  refusedDigest: string | null;
};

type TurnContext = { readonly clock: Clock; readonly random: () => number; readonly logins: LoginTools };

/**
 * Lets the peers of a group with a password log in one at a time until one is accepted, and again after a refusal. Refusals
 * of two peers in a row make all of them wait, longer each time: a hundred peers with one wrong password would lock its account.
 */
export class LoginTurns {
  readonly #context: TurnContext;
  readonly #groups = new Map<string, Group>();

  constructor(context: TurnContext) {
    this.#context = context;
  }

  /** Calls `grant` when it is this login's turn, perhaps before this call returns. */
  request({ group: name, file }: { readonly group: string; readonly file: string }, grant: () => void): LoginTurn {
    const group = this.#groupOf(name, file);
    const waiting: Waiting = { grant };
    const leave = (): void => {
      group.waiting.delete(waiting);
      if (group.holder === waiting) group.holder = null;
    };
    group.waiting.add(waiting);
    this.#serve(group);
    return {
      accepted: () => {
        leave();
        this.#open(group);
        group.isFree = true;
        this.#serve(group);
      },
      refused: (refusal) => {
        leave();
        this.#refused(group, refusal);
        this.#serve(group);
      },
      cancel: () => {
        leave();
        this.#serve(group);
      },
    };
  }

  /** Somebody asked for an attempt soon. */
  reopen(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    this.#open(group);
    this.#serve(group);
  }

  /** This peer will log in no more. */
  withdraw(name: string, peer: DelayedPeer): void {
    this.#groups.get(name)?.refused.delete(peer);
  }

  /** The group is gone, or its peers need no turns any more. */
  forget(name: string): void {
    const group = this.#groups.get(name);
    if (group !== undefined) this.#open(group);
    this.#groups.delete(name);
  }

  #groupOf(name: string, file: string): Group {
    const known = this.#groups.get(name);
    if (known?.file === file) return known;
    this.forget(name);
    const group: Group = {
      file,
      isFree: false,
      holder: null,
      waiting: new Set(),
      waits: 0,
      closedUntil: 0,
      timer: null,
      refused: new Set(),
      look: null,
      refusedDigest: null,
    };
    this.#groups.set(name, group);
    return group;
  }

  #serve(group: Group): void {
    if (group.isFree) {
      for (const waiting of group.waiting) this.#grant(group, waiting);
      return;
    }
    const [next] = group.waiting;
    if (next === undefined || group.holder !== null || group.timer !== null) return;
    const { clock } = this.#context;
    const leftMs = group.closedUntil - clock.monotonic();
    if (leftMs <= 0) {
      group.holder = next;
      this.#grant(group, next);
      return;
    }
    group.timer = clock.after(leftMs, () => {
      group.timer = null;
      this.#serve(group);
    });
  }

  #grant(group: Group, waiting: Waiting): void {
    group.waiting.delete(waiting);
    waiting.grant();
  }

  #refused(group: Group, { retryInMs, reconnect, peer }: LoginRefusal): void {
    const { clock, random } = this.#context;
    group.isFree = false;
    group.refused.add(peer);
    if (group.look === null) this.#watchFile(group);
    // One peer alone may lack the account. It has delays of its own, and the others have to come back.
    if (group.refused.size < 2) return;
    const waitMs = Math.max(retryInMs, refusedDelayMs(group.waits, reconnect, random()));
    group.waits += 1;
    group.closedUntil = Math.max(group.closedUntil, clock.monotonic() + waitMs);
  }

  /** Nothing is held against the group any more. */
  #open(group: Group): void {
    group.waits = 0;
    group.closedUntil = 0;
    group.timer?.cancel();
    group.timer = null;
    group.look?.cancel();
    group.look = null;
    group.refusedDigest = null;
    group.refused.clear();
  }

  /** Reads the file now, within the second in which it was read for the login, and again and again until it has changed. */
  #watchFile(group: Group): void {
    const { clock, logins } = this.#context;
    group.look = clock.after(LOOK_MS, () => this.#watchFile(group));
    const { look } = group;
    logins.password(group.file, (answer) => {
      if (group.look !== look || answer.kind === 'unusable') return;
      const digest = createHash('sha256').update(answer.password).digest('base64');
      group.refusedDigest ??= digest;
      if (digest === group.refusedDigest) return;
      const peers = [...group.refused];
      this.#open(group);
      for (const peer of peers) peer.restartDelay();
      this.#serve(group);
    });
  }
}
