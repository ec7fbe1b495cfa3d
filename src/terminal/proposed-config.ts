import type { HostOwner, HostPeer } from '../domain/observed/host-peers.ts';
import { formatHostPort } from '../text/host-port.ts';
import { quoted, safeText } from '../text/safe-text.ts';

/** What processes of a host hold, as it was found. */
export type FoundOnHost = {
  readonly peers: readonly HostPeer[];
  readonly namespaces: number;
  readonly missing: readonly string[];
};

/** More targets than this are nothing that anybody pastes. */
const MOST_TARGETS = 5000;
/** In one comment. */
const MOST_OWNERS = 3;
const MOST_PIDS = 3;
const MOST_ADDRESSES = 4;

/**
 * A configuration that observes these peers, a group for each port, as lines of YAML. What processes say of themselves stands
 * in comments alone, and no character of it ends one.
 */
export function proposedConfig({ peers, namespaces, missing }: FoundOnHost): readonly string[] {
  const shown = peers.slice(0, MOST_TARGETS);
  const groups = [...Map.groupBy(shown, ({ port }) => port)];
  const connections = sum(peers.map((peer) => peer.connections));
  return [
    `# Processes of this host hold ${counted(connections, 'connection')} to ${counted(peers.length, 'peer')}, in ${counted(namespaces, 'network namespace')}.`,
    ...missing.map((each) => `# Not seen: ${safeText(each)}.`),
    ...(shown.length === peers.length
      ? []
      : [`# Those with the most: ${peers.length - shown.length} peers are left out.`]),
    '# hold: false connects to nobody. Without that line Finrst holds a connection of its own to each peer, too.',
    groups.length === 0 ? 'groups: []' : 'groups:',
    ...groups.flatMap(([port, own]) => [
      `  - name: port-${port}`,
      '    hold: false',
      '    observe: {}',
      '    static_configs:',
      '      - targets:',
      ...own.map((peer) => `          - ${quoted(targetOf(peer))} # ${safeText(commentOf(peer))}`),
    ]),
  ];
}

/** The same for programs. */
export function foundOnHostJson({ peers, namespaces, missing }: FoundOnHost): string {
  const objects = peers.map(({ name, addresses, port, connections, closeWait, owners, unknown }) => ({
    target: targetOf({ name, addresses, port }),
    ...(name !== null && { name }),
    addresses,
    port,
    connections,
    close_wait: closeWait,
    owners: owners.map(({ executable, pod, pids, connections: held }) => ({
      ...(executable !== null && { executable }),
      ...(pod !== null && { pod }),
      pids,
      connections: held,
    })),
    unknown_owners: unknown,
  }));
  return JSON.stringify({ peers: objects, namespaces, missing });
}

function targetOf({ name, addresses, port }: Pick<HostPeer, 'name' | 'addresses' | 'port'>): string {
  return formatHostPort(name ?? addresses[0] ?? '', port);
}

function commentOf({ name, addresses, connections, closeWait, owners, unknown }: HostPeer): string {
  const all = owners.map(ownerText);
  const whose = [...upTo(MOST_OWNERS, all), ...(unknown > 0 ? [`${unknown} of unknown processes`] : [])];
  const closed = closeWait === 0 ? '' : `, ${closeWait} that the peer has closed`;
  const where = name === null ? '' : `; ${upTo(MOST_ADDRESSES, addresses).join(', ')}`;
  return `${counted(connections, 'connection')}${closed}: ${whose.join('; ')}${where}`;
}

function ownerText({ executable, pod, pids, connections }: HostOwner): string {
  const which = `pid ${upTo(MOST_PIDS, pids.map(String)).join(', ')}`;
  return `${connections} of ${executable ?? 'a process'} (${which}${pod === null ? '' : `, pod ${pod}`})`;
}

/** The first of them, and how many more there are. */
function upTo(most: number, all: readonly string[]): readonly string[] {
  return all.length <= most ? all : [...all.slice(0, most), `${all.length - most} more`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
