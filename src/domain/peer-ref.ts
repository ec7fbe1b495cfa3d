import type { TargetLabels } from '../settings/target-labels.ts';

/** Which peer an event is about. `id` is dense, never reused while the process lives, and kept by a reload that keeps the peer. */
export type PeerRef = {
  readonly id: number;
  readonly group: string;
  /** The target as written in the configuration. */
  readonly peer: string;
  /** The host of the target, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host is an IP address: it needs no look-up. */
  readonly isLiteral: boolean;
  /** Its target labels as they are now: a reload may give the same peer other ones. */
  readonly labels: TargetLabels;
};
