import type { ShardSettings } from '../settings/shard-settings.ts';

export type ShardFlags = {
  readonly 'shard.total': number | null;
  readonly 'shard.ordinal': number | null;
  readonly 'shard.statefulset': string | null;
};

export type ShardSettingsResult =
  /** Null: the process holds all peers. */
  | { readonly kind: 'resolved'; readonly settings: ShardSettings | null }
  /** A sentence for the person who typed it. */
  | { readonly kind: 'misused'; readonly message: string };

/** RFC 1123, as the API server takes names of StatefulSets. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Which shard the flags, and for a StatefulSet the variable POD_NAME, say that the process is. */
export function shardSettings(
  { 'shard.total': total, 'shard.ordinal': ordinal, 'shard.statefulset': name }: ShardFlags,
  environment: Readonly<Record<string, string | undefined>>,
): ShardSettingsResult {
  if (name !== null) {
    if (total !== null || ordinal !== null) {
      return misused('--shard.statefulset counts the shards by itself; leave --shard.total and --shard.ordinal out');
    }
    return ofStatefulSet(name, environment['POD_NAME'] ?? '');
  }
  if (total === null && ordinal === null) return { kind: 'resolved', settings: null };
  if (ordinal === null) return misused('--shard.total needs --shard.ordinal beside it');
  if (total === null) return misused('--shard.ordinal needs --shard.total beside it');
  if (ordinal >= total) {
    const wanted = total === 1 ? '0, as there is 1 shard' : `0 to ${total - 1}, as there are ${total} shards`;
    return misused(`--shard.ordinal is ${ordinal}, expected ${wanted}`);
  }
  return { kind: 'resolved', settings: { kind: 'fixed', total, ordinal } };
}

function ofStatefulSet(name: string, podName: string): ShardSettingsResult {
  if (!OBJECT_NAME.test(name)) {
    return misused(`--shard.statefulset is "${name}", expected the name of a StatefulSet`);
  }
  if (podName === '') {
    const how = "set it by the downward API, to metadata.name of the pod's fields";
    return misused(`--shard.statefulset needs the name of the pod in the variable POD_NAME; ${how}`);
  }
  const number = podName.startsWith(`${name}-`) ? podName.slice(name.length + 1) : '';
  if (!/^\d{1,9}$/.test(number)) {
    return misused(`POD_NAME is "${podName}", expected a pod of the StatefulSet ${name}, like ${name}-0`);
  }
  return {
    kind: 'resolved',
    settings: { kind: 'statefulSet', name, podOrdinal: Number(number), server: { kind: 'inCluster' }, namespace: null },
  };
}

function misused(message: string): ShardSettingsResult {
  return { kind: 'misused', message };
}
