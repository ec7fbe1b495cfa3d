import type { Clock } from '../../clock/clock.ts';
import type { Session, Step } from '../../protocols/session.ts';
import type { Link } from '../link/link.ts';

/** A conversation that a peer has joined, to be carried on over the established connection. */
export type OpenedSession = {
  readonly session: Session;
  /** When what was answered was written, monotonic. */
  readonly sentAt: number;
  /** From that write to the read that completed the answer; null: our own event loop was held up in between. */
  readonly rttMs: number | null;
  /** The peer ends it when we are silent for longer; null: it named no such limit. */
  readonly beatWithinMs: number | null;
  /** The peer ends it at this age; null: it named no such limit. */
  readonly leaveWithinMs: number | null;
  /** What came behind the answer in the same piece. */
  readonly rest: readonly Step[];
};

/** What it takes to drive a session until the connection is established. */
export type SessionOpening<Failure> = {
  readonly link: Link;
  readonly session: Session;
  readonly clock: Clock;
  /** One of these two is called, once, unless it is stopped first. */
  readonly opened: (opened: OpenedSession) => void;
  readonly failed: (failure: Failure) => void;
};
