import type { PeerSettings } from '../../settings/peer-settings.ts';
import { configSchema } from '../schema/config-schema.ts';
import type { GlobalValues, GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import { addressMisfit } from './resolve-targets.ts';
import { parseTarget } from '../../text/host-port.ts';
import type { Target } from '../../text/host-port.ts';

/** The keys that a group can set again. */
export type PeerValues = Omit<GlobalValues, 'max_connects_per_second' | 'max_connections' | 'metrics'>;

/** What holds where a configuration says nothing. */
export const BUILT_IN: GlobalValues = configSchema.parse({ groups: [] }).global;

/** `own` over `base`, nested maps key by key. After `keepalive: false` a map starts from the built-in values. */
export function mergePeerValues(base: PeerValues, own: Partially<GlobalValues> | Partially<GroupValues>): PeerValues {
  return {
    connect_timeout: own.connect_timeout ?? base.connect_timeout,
    idle_timeout: own.idle_timeout ?? base.idle_timeout,
    write_timeout: own.write_timeout ?? base.write_timeout,
    keepalive: mergeKeepalive(base.keepalive, own.keepalive),
    user_timeout: own.user_timeout ?? base.user_timeout,
    reconnect: {
      initial: own.reconnect?.initial ?? base.reconnect.initial,
      max: own.reconnect?.max ?? base.reconnect.max,
    },
    max_connection_age: own.max_connection_age ?? base.max_connection_age,
    sample_interval: own.sample_interval ?? base.sample_interval,
    ip_family: own.ip_family ?? base.ip_family,
    source_address: own.source_address ?? base.source_address,
  };
}

type KeepaliveValues = GlobalValues['keepalive'];

function mergeKeepalive(base: KeepaliveValues, own: Partially<GroupValues['keepalive']>): KeepaliveValues {
  if (own === undefined) return base;
  if (own === false || own === 'off') return false;
  const under = base === false || base === 'off' ? BUILT_IN.keepalive : base;
  if (under === false || under === 'off') throw new TypeError('keepalive is on by default');
  return {
    idle: own.idle ?? under.idle,
    interval: own.interval ?? under.interval,
    count: own.count ?? under.count,
  };
}

/** Settings that a group's peers share. */
export type SharedSettings = Omit<PeerSettings, 'group' | 'peer' | 'host' | 'port' | 'labels' | 'heartbeat' | 'tls'>;

/** The merged keys in the words of the domain. */
export function sharedSettings(values: PeerValues): SharedSettings {
  const { keepalive } = values;
  return {
    connectTimeoutMs: values.connect_timeout,
    idleTimeoutMs: values.idle_timeout,
    writeTimeoutMs: values.write_timeout,
    keepalive:
      keepalive === false || keepalive === 'off'
        ? null
        : { idleSeconds: keepalive.idle, intervalSeconds: keepalive.interval, count: keepalive.count },
    userTimeoutMs: values.user_timeout,
    reconnect: { initialMs: values.reconnect.initial, maxMs: values.reconnect.max },
    maxConnectionAgeMs: values.max_connection_age,
    sampleIntervalMs: values.sample_interval,
    ipFamily: values.ip_family,
    sourceAddress: values.source_address === '' ? null : values.source_address,
  };
}

/** A target put together with the settings of its group. */
export function peerSettings(
  written: string,
  target: Target,
  settings: Omit<PeerSettings, 'peer' | 'host' | 'port'>,
): PeerSettings {
  return { ...settings, peer: written, host: target.host, port: target.port };
}

export type PeerResult =
  | { readonly kind: 'peer'; readonly peer: PeerSettings }
  /** A sentence about the target: what is wrong with it and what to write. */
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * One peer with every setting at its default but the given ones: for peers that come from a command line or from code.
 * The target is held to the same rules as one in a file; the overrides are taken as they are. The group is `default`
 * unless given.
 *
 * @example resolvePeer('redis-0:6379', {idleTimeoutMs: 30_000})
 */
export function resolvePeer(
  written: string,
  overrides: Partial<Omit<PeerSettings, 'peer' | 'host' | 'port'>> = {},
): PeerResult {
  const result = parseTarget(written);
  if (result.kind === 'invalid') return { kind: 'invalid', message: `target "${written}" ${result.message}` };
  const settings = {
    group: 'default',
    labels: {},
    heartbeat: null,
    tls: null,
    ...sharedSettings(BUILT_IN),
    ...overrides,
  };
  const misfit = addressMisfit(result.target, {
    ipFamily: settings.ipFamily,
    sourceAddress: settings.sourceAddress ?? '',
  });
  if (misfit !== null) return { kind: 'invalid', message: `target "${written}" ${misfit}` };
  return { kind: 'peer', peer: peerSettings(written, result.target, settings) };
}
