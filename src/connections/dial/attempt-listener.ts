import type { ConnectFailure } from '../../domain/connect-failure.ts';
import type { SaidGoodbye } from '../../domain/goodbye.ts';
import type { AttemptFacts } from './attempt-record.ts';
import type { OpenedSession } from './session-opening.ts';
import type { Link } from '../link/link.ts';

/** Why an attempt failed, with what the peer said of it, and what is for the log and the span alone. */
export type AttemptFailure = Partial<SaidGoodbye> & {
  readonly failure: ConnectFailure;
  readonly errno?: string;
  readonly detail?: string;
};

/** What is called as an attempt goes on. */
export type AttemptListener = {
  resolved(): void;
  tcpConnected(): void;
  /** `opened`: the conversation that the first answer began; null where none was awaited. */
  established(link: Link, facts: AttemptFacts, opened: OpenedSession | null): void;
  /** `close` is present when a connected socket has to be closed in order before the next attempt. */
  failed(
    failure: AttemptFailure,
    facts: AttemptFacts,
    close: ((drainMs: number, done: () => void) => void) | null,
  ): void;
};
