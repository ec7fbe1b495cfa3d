import type { SilenceOutcome } from '../../domain/silence/silence-result.ts';

/** A connection that is silent until it is asked. One question at a time. */
export type SilentConnection = {
  /** Asks whoever answers for the peer. `answered` or `ended` of its listener follows, unless it is closed before. */
  ask(): void;
  /** Closes it; nothing of its listener is called any more. */
  close(): void;
};

export type SilentListener = {
  /** It stands, and is silent from now on. */
  established(): void;
  /** The peer's greeting came: it is silent from now on. */
  greeted(): void;
  /** It could not be established; in a few words. */
  failed(why: string): void;
  /** The answer came so long after the question. */
  answered(afterMs: number): void;
  /**
   * It is over. `silent`: what was asked had no answer. `lastWordsMs`: how long ago the peer's last words came that
   * belong to the end; 0: it had none.
   */
  ended(how: Exclude<SilenceOutcome, 'survived'>, lastWordsMs: number): void;
  /** The peer said something that nobody asked for: the silence is broken. */
  spoke(): void;
};

/** Begins to connect; the listener is called later, never during the call. */
export type OpenSilent = (listener: SilentListener) => SilentConnection;
