import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { stopped } from './announced.ts';
import { firewallRules, ownRules } from './firewall.ts';
import type { Janitor } from './janitor.ts';

export type Place = 'client' | 'middlebox' | 'server';

/** Three namespaces in a row, client - middlebox - server, and every process the lab starts in them. */
export type Network = {
  /** Runs a command to its end and returns its standard output. Throws with its standard error when it fails. */
  run(place: Place, command: readonly string[], input?: string): string;
  /** Makes link `n` anew between client (10.78.n.2) and middlebox (10.78.n.1), and returns its name, the same on both ends. */
  link(n: number): string;
  /** Ends all that was started, and resolves when it is gone and its ports are free. */
  endAll(): Promise<void>;
  /** Starts a command; the janitor ends it, if nobody else does. */
  start(place: Place, command: readonly string[], output: 'pipe' | 'ignore' | number): ChildProcess;
};

/** A name of the client's hosts file. */
export const HOSTED = { name: 'hosted.lab.test', address: '10.91.0.1' } as const;

/** All that begins with this belongs to a lab; the number after it is the process that made it. */
const PREFIX = 'finrst-lab-';

/**
 * Retransmission gives up after about 3.2 s instead of 15 minutes. Not 3: then the fourth timer, due 2.8 to 3.1 s after the
 * first, is compared with 3.0 s (retransmits_timed_out), and two connections with the same fate end 3 s apart.
 */
const CLIENT_SYSCTLS = ['net.ipv4.tcp_retries2=2', 'net.ipv4.tcp_syn_retries=2'];
const EVERYWHERE = ['net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0'];
const MIDDLEBOX_SYSCTLS = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  // All repeats are rejected at once; the kernel would send one ICMP error a second per client, and a burst of 50.
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv4.icmp_msgs_per_sec=100000',
  'net.ipv4.icmp_msgs_burst=10000',
  'net.ipv6.icmp.ratelimit=0',
  'net.netfilter.nf_conntrack_tcp_be_liberal=0',
];
/** Forged packets carry addresses that are routed to the server but not configured on it. */
const SERVER_SYSCTLS = ['net.ipv6.ip_nonlocal_bind=1'];

/** Makes the namespaces. The janitor ends what still runs in them and removes them, with their files. */
export function createNetwork(janitor: Janitor): Network {
  const name = (place: Place): string => `${PREFIX}${process.pid}-${place}`;
  for (const place of PLACES) janitor.add(removal(name(place)));
  const inside = (place: Place, command: readonly string[]): string[] => ['netns', 'exec', name(place), ...command];
  const children = new Set<ChildProcess>();
  const network: Network = {
    run: (place, command, input) =>
      execFileSync('ip', inside(place, command), { encoding: 'utf8', input: input ?? '', stdio: 'pipe' }),
    start(place, command, output) {
      const child = spawn('ip', inside(place, command), {
        stdio: ['pipe', output, output === 'pipe' ? 'inherit' : output],
      });
      children.add(child);
      child.on('exit', () => children.delete(child));
      return child;
    },
    link(n) {
      const link = `own${n}`;
      if (network.run('client', ['ip', '-o', 'link']).includes(` ${link}@`))
        network.run('client', ['ip', 'link', 'del', link]);
      network.run('client', [
        'ip',
        'link',
        'add',
        link,
        'type',
        'veth',
        'peer',
        'name',
        link,
        'netns',
        name('middlebox'),
      ]);
      const ends = [
        ['client', 2],
        ['middlebox', 1],
      ] as const;
      for (const [place, host] of ends) {
        network.run(place, ['ip', '-batch', '-'], `addr add 10.78.${n}.${host}/24 dev ${link}\nlink set ${link} up\n`);
      }
      // A neighbour that does not answer is given up after 0.6 s instead of 3: before retransmission gives up.
      network.run('client', ['sysctl', '-q', '-w', `net.ipv4.neigh.${link}.retrans_time_ms=200`]);
      return link;
    },
    async endAll() {
      await Promise.all([...children].map(stopped));
    },
  };
  build(network, name);
  return network;
}

function removal(namespace: string): string {
  const endAll = `for pid in $(ip netns pids ${namespace}); do kill -9 "$pid"; done`;
  return `${endAll}; ip netns del ${namespace}; rm -rf /etc/netns/${namespace}`;
}

const PLACES: readonly Place[] = ['client', 'middlebox', 'server'];

function build(network: Network, name: (place: Place) => string): void {
  for (const place of PLACES) execFileSync('ip', ['netns', 'add', name(place)]);
  const [client, middlebox, server] = PLACES.map(name);
  execFileSync('ip', [
    'link',
    'add',
    'cl0',
    'netns',
    client!,
    'type',
    'veth',
    'peer',
    'name',
    'mbc',
    'netns',
    middlebox!,
  ]);
  execFileSync('ip', [
    'link',
    'add',
    'mbs',
    'netns',
    middlebox!,
    'type',
    'veth',
    'peer',
    'name',
    'sv0',
    'netns',
    server!,
  ]);
  const sysctls = { client: CLIENT_SYSCTLS, middlebox: MIDDLEBOX_SYSCTLS, server: SERVER_SYSCTLS };
  for (const place of PLACES) network.run(place, ['sysctl', '-q', '-w', ...EVERYWHERE]);
  network.run('client', ['ip', '-batch', '-'], CLIENT_LINKS);
  network.run('middlebox', ['ip', '-batch', '-'], MIDDLEBOX_LINKS);
  network.run('server', ['ip', '-batch', '-'], SERVER_LINKS);
  network.run('middlebox', ['nft', '-f', '-'], firewallRules());
  network.run('client', ['nft', '-f', '-'], ownRules());
  for (const place of PLACES) network.run(place, ['sysctl', '-q', '-w', ...sysctls[place]]);
  const etc = `/etc/netns/${client}`;
  mkdirSync(etc, { recursive: true });
  writeFileSync(`${etc}/resolv.conf`, 'nameserver 10.77.2.2\noptions timeout:30 attempts:5\n');
  writeFileSync(`${etc}/hosts`, `127.0.0.1 localhost\n${HOSTED.address} ${HOSTED.name}\n`);
}

const CLIENT_LINKS = `link set lo up
addr add 10.77.1.2/24 dev cl0
addr add 10.77.1.37/24 dev cl0
link set cl0 up
addr add fd77:1::2/64 dev cl0 nodad
route add 10.77.2.0/24 via 10.77.1.1
route add 10.91.0.0/16 via 10.77.1.1
route add 10.98.0.0/24 via 10.77.1.1
`;
const MIDDLEBOX_LINKS = `link set lo up
addr add 10.77.1.1/24 dev mbc
addr add 10.77.2.1/24 dev mbs
link set mbc up
link set mbs up
addr add fd77:1::1/64 dev mbc nodad
addr add fd77:2::1/64 dev mbs nodad
route add 10.90.0.0/16 via 10.77.2.2
route add 10.91.0.0/16 via 10.77.2.2
route add 10.93.0.0/16 via 10.77.2.2
route add fd77:90::/32 via fd77:2::2
`;
const SERVER_LINKS = `link set lo up
addr add 10.77.2.2/24 dev sv0
link set sv0 up
addr add fd77:2::2/64 dev sv0 nodad
route add default via 10.77.2.1
route add default via fd77:2::1
route add local 10.90.0.0/16 dev lo
route add local 10.91.0.0/16 dev lo
route add local 10.93.0.0/16 dev lo
route add local fd77:90::/32 dev lo
`;
