import type { ConnectFailure } from '../../domain/connect-failure.ts';
import type { AttemptFacts } from './attempt-record.ts';
import type { Link } from '../link/link.ts';

/** Why an attempt failed, with what is for the log and the span alone. */
export type AttemptFailure = { readonly failure: ConnectFailure; readonly errno?: string; readonly detail?: string };

/** What is called as an attempt goes on. */
export type AttemptListener = {
  resolved(): void;
  tcpConnected(): void;
  established(link: Link, facts: AttemptFacts): void;
  /** `close` is present when a connected socket has to be closed in order before the next attempt. */
  failed(
    failure: AttemptFailure,
    facts: AttemptFacts,
    close: ((drainMs: number, done: () => void) => void) | null,
  ): void;
};
