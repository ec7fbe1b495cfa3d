/** What can become of a discovered target. */
export const TARGET_STATES = ['active', 'lingering', 'dropped', 'invalid', 'duplicate', 'other_shard'] as const;

/**
 * - `active`: a peer of this process.
 * - `lingering`: it vanished from its source; a connection that it still has may go on for a while.
 * - `dropped`: a rule of `relabel_configs` dropped it.
 * - `invalid`: it cannot be a peer; `why` says what is wrong.
 * - `duplicate`: a target that comes before it has the same peer.
 * - `other_shard`: another shard holds it.
 */
export type TargetState = (typeof TARGET_STATES)[number];

/** One target as `GET /api/v1/targets` and `finrst discover` give it. What does not apply is absent. */
export type TargetStatus = {
  readonly group: string;
  /** Absent: no peer became of it. */
  readonly peer?: string;
  readonly address?: string;
  readonly state: TargetState;
  /** Where it comes from: the set of targets that its source named. */
  readonly source: string;
  /** Its labels before the rules. */
  readonly discovered: Readonly<Record<string, string>>;
  /** Its exported labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The place of the rule that dropped it, from 0. */
  readonly rule?: number;
  readonly why?: string;
  readonly announced?: string;
  /** RFC 3339. */
  readonly linger_until?: string;
};

/** Which targets are asked for. Absent: any. */
export type TargetQuery = { readonly group?: string; readonly state?: TargetState };
