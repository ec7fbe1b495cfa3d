import type { Limit } from './limit.ts';

/**
 * What the evidence of a disconnect supports beside class and reason: whose limit, whose fault. The closed vocabulary, in the
 * order in which one is chosen where several apply.
 */
export const HINTS = [
  'own_stall',
  'host_drops',
  'announced',
  'incident',
  'idle_limit',
  'age_limit',
  'path_dead',
  'frozen_peer',
  'peer_silent',
] as const;

/** The name of a hint; the label `hint`. */
export type HintName = (typeof HINTS)[number];

/**
 * A hint with what it rests on, where the event of the end does not have that anyway. That an end is part of an incident is
 * known only after others: the event `explained` says it.
 */
export type Hint =
  /** Our own event loop was held up this long right before the end. */
  | { readonly name: 'own_stall'; readonly stalledMs: number }
  /** This host dropped so many packets while the connection waited for an answer. */
  | { readonly name: 'host_drops'; readonly dropped: number }
  /** Somebody had announced the end. */
  | { readonly name: 'announced' }
  | { readonly name: 'idle_limit'; readonly limit: Exclude<Limit, { readonly kind: 'age' }> }
  | { readonly name: 'age_limit'; readonly limit: Extract<Limit, { readonly kind: 'age' }> }
  /** Bytes or probes of ours were not acknowledged. */
  | { readonly name: 'path_dead' }
  /** All was acknowledged, and an answer was due; or the peer reads no more. */
  | { readonly name: 'frozen_peer' }
  /** Nothing of ours was under way, and nothing was due. */
  | { readonly name: 'peer_silent' };
