import type { KubernetesServer } from './kubernetes-settings.ts';

/** Which of several processes with the same configuration this one is. Each holds a share of the peers. */
export type ShardSettings =
  | { readonly kind: 'fixed'; readonly total: number; readonly ordinal: number }
  /** As many shards as a StatefulSet of Kubernetes has replicas; this one is its pod with this number. */
  | {
      readonly kind: 'statefulSet';
      readonly name: string;
      readonly podOrdinal: number;
      readonly server: KubernetesServer;
      /** Null: the one that the process runs in. */
      readonly namespace: string | null;
    };
