import type { SilenceFinding } from './find-silence-limit.ts';
import type { SilenceResult } from './silence-result.ts';

/** One connection of a ladder, as it is now. */
export type LadderRow = {
  readonly stepMs: number;
  /** The second connection of a step, to confirm what became of the first. */
  readonly isRepeated: boolean;
  readonly state: 'waiting' | 'connecting' | 'silent' | 'asked' | 'over';
  /** How long it has been silent; 0: it is not, or not any more. */
  readonly silentMs: number;
  /** Null: none yet, or there will be none. */
  readonly result: SilenceResult | null;
};

/** How a ladder ended. */
export type LadderEnd =
  | { readonly kind: 'found'; readonly finding: SilenceFinding }
  /** Nothing could be connected. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** The peer sends by itself, on every connection before its step is over. */
  | { readonly kind: 'neverSilent' }
  /** The control connection died: nothing can be said of silence. */
  | { readonly kind: 'controlDied'; readonly why: string };

/** Whom the first connection of a ladder reached. */
export type MeasuredPeer = {
  readonly address: string;
  readonly port: number;
  readonly local: string;
  /** Null: no TLS. */
  readonly tls: string | null;
  /** Null: the kernel cannot be asked. */
  readonly rttMs: number | null;
};
