import { addressIn, PORTS, type Zone, ZONES } from './site.ts';

/** A group of a row's configuration: settings in the words of the file, targets with their labels. */
export type Group = { readonly name: string; readonly settings: object; readonly targets: readonly Target[] };
type Target = { readonly peer: string; readonly zone?: Zone };

/** Silent both ways: a dead path is found by keepalive, 4 to 6 s after the last probe that was answered. */
export const SILENT = {
  port: PORTS.silent,
  settings: { keepalive: { idle: '4s', interval: '1s', count: 2 } },
} as const;
/** Asks twice in 3 s: a dead path is found by the answer that does not come. */
export const ASKING = {
  port: PORTS.answering,
  settings: { heartbeat: { send: 'PING\\r\\n', expect: '+PONG', interval: '2s', timeout: '1s' } },
} as const;
/** Writes and expects nothing: a dead path is found when the kernel gives the bytes up. */
export const WRITING = {
  port: PORTS.silent,
  settings: { keepalive: false, user_timeout: '3s', heartbeat: { send: 'x', interval: '500ms' } },
} as const;
/** Never within a row, for all that the wait is drawn from 0: its one end is all that such a peer has to show. */
export const SELDOM = { reconnect: { initial: '10h', max: '10h' } } as const;

type Conduct = { readonly port: number; readonly settings: object };

/** A group with so many peers in each zone, in a network of its own there. */
export function spread(name: string, { port, settings }: Conduct, network: number, each = 3): Group {
  const targets = ZONES.flatMap((zone) => targetsIn(zone, { network, port, count: each }));
  return { name, settings, targets };
}

type Targets = { readonly network: number; readonly port: number; readonly count: number; readonly first?: number };

/** Targets in one network of a zone, from the first address on. */
export function targetsIn(zone: Zone, { network, port, count, first = 1 }: Targets): readonly Target[] {
  return Array.from({ length: count }, (_, k) => ({ peer: `${addressIn(zone, network, first + k)}:${port}`, zone }));
}

/** The group with more targets. */
export function withMore(group: Group, more: readonly Target[]): Group {
  return { ...group, targets: [...group.targets, ...more] };
}

/** What a daemon is given; `global` over what suits a short run. */
export function configOf(groups: readonly Group[], global: object = {}): object {
  const quick = { connect_timeout: '2s', reconnect: { initial: '1s', max: '1s' }, sample_interval: '1s' };
  return {
    global: { ...quick, ...global },
    groups: groups.map(({ name, settings, targets }) => ({
      name,
      ...settings,
      ...(targets.length === 0 ? {} : { static_configs: staticConfigs(targets) }),
    })),
  };
}

function staticConfigs(targets: readonly Target[]): readonly object[] {
  return [...Map.groupBy(targets, ({ zone }) => zone)].map(([zone, its]) => ({
    targets: its.map(({ peer }) => peer),
    ...(zone === undefined ? {} : { labels: { zone } }),
  }));
}
