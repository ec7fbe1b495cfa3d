import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { announced, stopped } from '../announced.ts';
import type { Janitor } from '../janitor.ts';
import type { Network } from '../network.ts';

/** Each zone is a namespace whose peers have addresses of their own: 10.81.0.0/16 in a, 10.82 in b, 10.83 in c. */
export const ZONES = ['a', 'b', 'c'] as const;
export type Zone = (typeof ZONES)[number];

/** The port of each conduct of peers.mjs. */
export const PORTS = {
  silent: 7501,
  answering: 7502,
  chatty: 7503,
  impatient: 7504,
  greeting: 7505,
  aging: 7506,
  unread: 7507,
} as const;
/** Where peers listen that have a process of their own. */
export const OWN_PORT = 7508;

/** The k-th address of a network of a zone, k from 1. */
export function addressIn(zone: Zone, network: number, k: number): string {
  return `${networkIn(zone, network)}.${k}`;
}

/** The first three numbers of the addresses of a network of a zone. */
export function networkIn(zone: Zone, network: number): string {
  return `10.${81 + ZONES.indexOf(zone)}.${network}`;
}

/** Ends connections as a program does: `end` in order, `resetAndDestroy` with a reset. */
export type Ending = 'end' | 'resetAndDestroy';

/** The zones, and the processes in them. They are shared by all sites. */
export type Zones = {
  readonly prefix: string;
  readonly janitor: Janitor;
  /** Ends the connections from one site to all addresses of a zone that begin so. */
  end(zone: Zone, how: Ending, between: { readonly local: string; readonly remote: string }): void;
};

/**
 * Where one row lives, untouched by the others: a client, and a box with a link to each zone. The box's rules never change;
 * what a packet meets depends on the set that its far end is in.
 */
export type Site = {
  readonly start: Network['start'];
  /** The box's address on the client's side, where its proxies listen. */
  readonly boxAddress: string;
  readonly clientAddress: string;
  readonly zones: Zones;
  /** Adds networks or addresses to a set of the box's rules. */
  add(set: BoxSet, addresses: readonly string[]): Promise<void>;
  remove(set: BoxSet, addresses: readonly string[]): Promise<void>;
  /** What goes to that network meets a full queue of this host and is dropped there, until the function returned is called. */
  fillQueue(network: string): Promise<() => Promise<void>>;
  /** Takes the zone's end of the link to it down, or puts it up again. */
  link(zone: Zone, state: 'up' | 'down'): Promise<void>;
  /** The same of the box's end of the client's only link: the client's carrier is gone. */
  uplink(state: 'up' | 'down'): Promise<void>;
  /** Starts proxy.mjs in the box. */
  proxy(options: ProxyOptions): Promise<Process>;
  /** Starts a process of its own that answers at OWN_PORT of all addresses of a zone. */
  ownPeer(zone: Zone): Promise<Process>;
};

export type ProxyOptions = {
  readonly ports: Readonly<Record<number, string>>;
  readonly limitMs?: number;
  readonly reads?: boolean;
};

export type Process = { kill(): Promise<void>; signal(name: NodeJS.Signals): void };

/** `cut` drops all packets; the others forget a connection after 3 s without a packet. */
export type BoxSet = 'cut' | 'forget_silently' | 'forget_with_reset';

const inside = (name: string, command: readonly string[]): string[] => ['netns', 'exec', name, ...command];

/** Never in a way that waits: the lab beside it times what it does to the millisecond. Rejects when the command fails. */
async function ip(args: readonly string[], input?: string): Promise<void> {
  const child = spawn('ip', args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'inherit'] });
  child.stdin?.end(input);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`ip ${args.join(' ')} ended with ${code}`);
}

function batch(lines: readonly string[], namespace?: string): Promise<void> {
  const where = namespace === undefined ? [] : ['-n', namespace];
  return ip([...where, '-batch', '-'], `${lines.join('\n')}\n`);
}

function makeNamespace(janitor: Janitor, name: string): Promise<void> {
  janitor.add(`for pid in $(ip netns pids ${name}); do kill -9 "$pid"; done; ip netns del ${name}`);
  return batch([`netns add ${name}`]);
}

function program(name: string, file: string, args: readonly string[]): ChildProcess {
  const command = [process.execPath, path.join(import.meta.dirname, file), ...args];
  return spawn('ip', inside(name, command), { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Makes the zones and starts their peers. The janitor removes all of it. */
export async function createZones(janitor: Janitor): Promise<Zones> {
  const prefix = `finrst-insight-${process.pid}`;
  const conducts = Object.entries(PORTS).map(([conduct, port]) => `${conduct}=${port}`);
  const started = ZONES.map(async (zone) => {
    const name = `${prefix}-${zone}`;
    await makeNamespace(janitor, name);
    await batch(['link set lo up', `route add local ${networkIn(zone, 0)}.0/16 dev lo`], name);
    const child = program(name, 'peers.mjs', conducts);
    await announced(child);
    return child;
  });
  const children = await Promise.all(started);
  return {
    prefix,
    janitor,
    end: (zone, how, between) =>
      void children[ZONES.indexOf(zone)]!.stdin!.write(`${JSON.stringify({ how, ...between })}\n`),
  };
}

/** The n-th site, n from 1. */
export async function createSite(zones: Zones, n: number): Promise<Site> {
  const [client, box] = ['client', 'box'].map((place) => `${zones.prefix}-${place}${n}`) as [string, string];
  const [clientAddress, boxAddress] = [`10.79.${n}.2`, `10.79.${n}.1`];
  for (const name of [client, box]) await makeNamespace(zones.janitor, name);
  const zoneName = (zone: Zone): string => `${zones.prefix}-${zone}`;
  const ends = ZONES.map((zone, z) => ({ zone, near: `10.78.${n}.${4 * z + 1}`, far: `10.78.${n}.${4 * z + 2}` }));
  await batch([
    `link add name uplink netns ${client} type veth peer name client netns ${box}`,
    ...ZONES.map(
      (zone) => `link add name zone-${zone} netns ${box} type veth peer name site${n} netns ${zoneName(zone)}`,
    ),
  ]);
  await batch([`link set lo up`, `addr add ${clientAddress}/30 dev uplink`, `link set uplink up`], client);
  /** A route goes with its link. */
  const linkUp = (zone: Zone): readonly string[] => {
    const { near } = ends[ZONES.indexOf(zone)]!;
    return [`link set site${n} up`, `route add 10.79.${n}.0/30 via ${near}`];
  };
  for (const { zone, far } of ends) await batch([`addr add ${far}/30 dev site${n}`, ...linkUp(zone)], zoneName(zone));
  await batch(
    [
      'link set lo up',
      `addr add ${boxAddress}/30 dev client`,
      'link set client up',
      ...ends.flatMap(({ zone, near }) => [`addr add ${near}/30 dev zone-${zone}`, `link set zone-${zone} up`]),
      ...ends.map(({ zone, far }) => `route add ${networkIn(zone, 0)}.0/16 via ${far}`),
    ],
    box,
  );
  const inBox = (command: readonly string[], input?: string): Promise<void> => ip(inside(box, command), input);
  await inBox(['nft', '-f', '-'], BOX_RULES);
  // A neighbour that does not answer is given up after 0.6 s instead of 3: before retransmission gives up.
  const neighbours = ZONES.map((zone) => `net.ipv4.neigh.zone-${zone}.retrans_time_ms=200`);
  // Each connection gets its own ICMP error, not one a second for all.
  const icmp = ['icmp_ratelimit=0', 'icmp_msgs_per_sec=100000', 'icmp_msgs_burst=10000'].map(
    (each) => `net.ipv4.${each}`,
  );
  const sysctls = ['net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_tcp_loose=0', ...neighbours, ...icmp];
  await inBox(['sysctl', '-q', '-w', ...sysctls]);
  const change = (verb: 'add' | 'delete', set: BoxSet, addresses: readonly string[]): Promise<void> =>
    inBox(['nft', `${verb} element ip insight ${set} { ${addresses.join(', ')} }`]);
  const site: Site = {
    clientAddress,
    boxAddress,
    zones,
    start: (_place, command, output) =>
      spawn('ip', inside(client, command), { stdio: ['pipe', output, output === 'pipe' ? 'inherit' : output] }),
    add: (set, addresses) => change('add', set, addresses),
    remove: (set, addresses) => change('delete', set, addresses),
    async fillQueue(network) {
      await inBox(['nft', '-f', '-'], fullQueue(n, network));
      return () => inBox(['nft', 'delete table ip full']);
    },
    link: (zone, state) => batch(state === 'up' ? linkUp(zone) : [`link set site${n} down`], zoneName(zone)),
    uplink: (state) => batch([`link set client ${state}`], box),
    proxy: ({ ports, limitMs = 0, reads = true }) =>
      running(program(box, 'proxy.mjs', [JSON.stringify({ ports, limitMs, reads })])),
    ownPeer: (zone) => running(program(zoneName(zone), 'peers.mjs', [`answering=${OWN_PORT}`])),
  };
  await batch([`route add default via ${boxAddress}`], client);
  return site;
}

async function running(child: ChildProcess): Promise<Process> {
  await announced(child);
  return { kill: () => stopped(child), signal: (name) => void child.kill(name) };
}

/** Each packet's own copies, which the client throws away, fill the queue before it comes. */
function fullQueue(n: number, network: string): string {
  const backlog = Number(readFileSync('/proc/sys/net/core/netdev_max_backlog', 'utf8'));
  const copies = Array.from({ length: backlog + 100 }, () => `dup to 10.79.${n}.2 device "client"`);
  return `table ip full {
  chain copy {
    ${copies.join('\n    ')}
  }
  chain forward {
    type filter hook forward priority filter;
    ip daddr ${network} jump copy
  }
}
`;
}

const BOX_RULES = `table ip insight {
  set cut { type ipv4_addr; flags interval; }
  set forget_silently { type ipv4_addr; flags interval; }
  set forget_with_reset { type ipv4_addr; flags interval; }
  ct timeout three_seconds { protocol tcp; l3proto ip; policy = { established : 3 }; }
  chain limits {
    type filter hook prerouting priority filter;
    ip daddr @forget_silently ct timeout set "three_seconds"
    ip daddr @forget_with_reset ct timeout set "three_seconds"
  }
  chain verdicts {
    type filter hook forward priority filter;
    ip daddr @cut drop
    ip saddr @cut drop
    ip daddr @forget_silently ct state invalid drop
    ip daddr @forget_with_reset ct state invalid reject with tcp reset
  }
}
`;
