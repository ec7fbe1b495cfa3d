/** What is known of how many shards there are to be. */
export type ReplicaUpdate =
  | {
      readonly kind: 'known';
      /** As many as there shall be. */
      readonly replicas: number;
      /** The number of the first one. */
      readonly firstOrdinal: number;
      readonly readyReplicas: number;
    }
  /** What would say it does not exist. */
  | { readonly kind: 'gone' }
  /** It cannot be asked: what was known before may have changed. Comes again at each failure. */
  | { readonly kind: 'unreachable'; readonly why: string };

/** Where a process learns how many shards there are. */
export interface ReplicaSource {
  /** Calls back with what is known now, at every change, at every failure and after it, until `stop`. */
  start(onUpdate: (update: ReplicaUpdate) => void): void;
  /** Asks anew, whatever is known; null: there was no answer within this time. */
  ask(timeoutMs: number): Promise<ReplicaUpdate | null>;
  stop(): void;
}
