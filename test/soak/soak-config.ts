import type { Reload } from './reload.ts';
import { SOAK_GROUPS, type SoakPeer } from './soak-groups.ts';

/** What the reloads of a run change. */
export type Variant = {
  readonly keepaliveCount: Readonly<Record<string, number>>;
  readonly labels: string;
  readonly heartbeatIntervalMs: number;
  readonly connectsPerSecond: number;
  /** Every second peer of the group `moving` is there. */
  readonly allMoving: boolean;
  /** Connections of the group `aging` are recycled. */
  readonly aging: boolean;
};

export const FIRST_VARIANT: Variant = {
  keepaliveCount: {},
  labels: 'a',
  heartbeatIntervalMs: 1000,
  connectsPerSecond: 5000,
  allMoving: true,
  aging: false,
};

export function isMovable({ group, index }: SoakPeer): boolean {
  return group.name === 'moving' && index % 2 === 1;
}

/** The configuration of these peers as an object, which JSON writes as YAML. */
export function soakConfig(peers: readonly SoakPeer[], port: number, variant: Variant): object {
  const groups = SOAK_GROUPS.map(({ name, settings }) => {
    const targets = peers
      .filter((peer) => peer.group.name === name && (variant.allMoving || !isMovable(peer)))
      .map(({ address }) => `${address}:${port}`);
    return {
      name,
      ...changed(name, settings, variant),
      static_configs: [{ targets, labels: { variant: variant.labels } }],
    };
  });
  const { connectsPerSecond: max_connects_per_second } = variant;
  return { global: { max_connects_per_second, reconnect: { initial: '20ms', max: '80ms' } }, groups };
}

function changed(name: string, settings: Readonly<Record<string, unknown>>, variant: Variant): object {
  const count = variant.keepaliveCount[name];
  const interval = `${variant.heartbeatIntervalMs}ms`;
  return {
    ...settings,
    ...(count === undefined ? {} : { keepalive: { idle: '60s', interval: '10s', count } }),
    ...(name === 'answered' ? { heartbeat: { ...(settings['heartbeat'] as object), interval } } : {}),
    ...(name === 'aging' && !variant.aging ? { max_connection_age: '0s' } : {}),
  };
}

/** What a reload does: the next variant, and which connections that closes. */
export type Change = Pick<Reload, 'name' | 'closes' | 'touches'> & {
  readonly next: (variant: Variant) => Variant;
  /** The file is no configuration: nothing must change. */
  readonly isBad?: true;
};

const none = { closes: null, touches: () => false } as const;

function reconfigure(...names: readonly string[]): Change {
  return {
    name: `new keepalive for ${names.join(' and ')}`,
    closes: 'reconfigured',
    touches: ({ group }) => names.includes(group.name),
    next: (variant) => {
      const changes = names.map((name) => [name, variant.keepaliveCount[name] === 4 ? 5 : 4] as const);
      return { ...variant, keepaliveCount: { ...variant.keepaliveCount, ...Object.fromEntries(changes) } };
    },
  };
}

/** One after the other, over and over. */
export const CHANGES: readonly Change[] = [
  { ...none, name: 'nothing', next: (variant) => variant },
  { ...none, name: 'labels', next: (variant) => ({ ...variant, labels: variant.labels === 'a' ? 'b' : 'a' }) },
  reconfigure('plain'),
  {
    name: 'peers go',
    closes: 'removed',
    touches: isMovable,
    next: (variant) => ({ ...variant, allMoving: false }),
  },
  { ...none, name: 'a bad file', next: (variant) => variant, isBad: true },
  reconfigure('answered'),
  {
    ...none,
    name: 'the heartbeat',
    next: (variant) => ({ ...variant, heartbeatIntervalMs: variant.heartbeatIntervalMs === 1000 ? 1100 : 1000 }),
  },
  { ...none, name: 'peers come back', next: (variant) => ({ ...variant, allMoving: true }) },
  {
    ...none,
    name: 'the connect rate',
    next: (variant) => ({ ...variant, connectsPerSecond: variant.connectsPerSecond === 5000 ? 4000 : 5000 }),
  },
  reconfigure('tls13', 'tls12', 'listening'),
];

/** For a look at rest: all peers are there, and no connection is recycled. */
export const CALM: Change = { ...none, name: 'calm', next: (v) => ({ ...v, allMoving: true, aging: false }) };
export const BUSY: Change = { ...none, name: 'busy', next: (v) => ({ ...v, aging: true }) };
