import { setTimeout as sleep } from 'node:timers/promises';
import { PORT } from './addresses.ts';
import { startDaemon, type DaemonOptions } from './daemon.ts';
import { startFaultServer } from './fault-server.ts';
import type { SeenEvent } from './event-feed.ts';
import type { Judged } from './judge.ts';
import { rowFrom, type Row } from './rows.ts';
import type { PassOptions } from './run-pass.ts';
import type { Scenario } from './scenario.ts';

/** The local host's own limits: what is over them must be an honest connect failure, and what is held must stay held. */
type Limit = {
  readonly id: string;
  readonly injected: string;
  /** Groups of one peer each, all with the same target, or one group of peers with targets of their own. */
  readonly config: (targets: readonly string[]) => object;
  readonly peers: number;
  /** How many can be held. */
  readonly room: number;
  readonly reason: string;
  readonly daemon?: Pick<DaemonOptions, 'openFiles'>;
  readonly ports?: string;
};

const oneGroup = (global: object) => (targets: readonly string[]) => ({
  global: { keepalive: false, ...global },
  groups: [{ name: 'limited', static_configs: [{ targets }] }],
});
/** The kernel's usual choice, put back afterwards. */
const USUAL_PORTS = '32768 60999';

const LIMITS: readonly Limit[] = [
  {
    id: 'M01',
    injected: 'max_connections 10, 20 peers',
    config: oneGroup({ max_connections: 10 }),
    peers: 20,
    room: 10,
    reason: 'tcp/fd_limit',
  },
  {
    id: 'M02',
    injected: 'descriptor limit 100, 80 peers: half is kept back for our own web server',
    config: oneGroup({}),
    peers: 80,
    room: 50,
    reason: 'tcp/fd_limit',
    daemon: { openFiles: 100 },
  },
  {
    id: 'M03',
    injected: '10 ephemeral ports, 20 connections to one address',
    config: (targets) => ({
      global: { keepalive: false },
      groups: targets.map((_, n) => ({ name: `g${n}`, static_configs: [{ targets: [targets[0]] }] })),
    }),
    peers: 20,
    room: 10,
    reason: 'tcp/address_unavailable',
    ports: '20000 20009',
  },
];
const HOLD_MS = 5000;

export async function runLimits(options: Pick<PassOptions, 'network' | 'folder' | 'node'>): Promise<readonly Row[]> {
  await startFaultServer(options.network, options.folder);
  const rows: Row[] = [];
  for (const limit of LIMITS) rows.push(await runLimit(options, limit));
  await options.network.endAll();
  return rows;
}

async function runLimit({ network, folder, node }: Parameters<typeof runLimits>[0], limit: Limit): Promise<Row> {
  network.run('client', ['ip', 'route', 'replace', '10.90.250.0/24', 'via', '10.77.1.1']);
  const setPorts = (range: string): string =>
    network.run('client', ['sysctl', '-q', '-w', `net.ipv4.ip_local_port_range=${range}`]);
  const targets = Array.from({ length: limit.peers }, (_, k) => `10.90.250.${k + 1}:${PORT}`);
  if (limit.ports !== undefined) setPorts(limit.ports);
  const daemon = await startDaemon({ network, folder, node, config: limit.config(targets), ...limit.daemon });
  await sleep(HOLD_MS);
  await daemon.feed.refreshed();
  const metrics = await daemon.metrics(); // a full house must not be a deaf one
  const events = daemon.feed.all();
  await daemon.stop();
  if (limit.ports !== undefined) setPorts(USUAL_PORTS);
  const judged = judgeLimit(limit, events, metrics.size > 0);
  const scenario: Scenario = {
    id: limit.id,
    injected: limit.injected,
    repeat: limit.peers,
    steps: [],
    expect: { kind: 'connectFailure', phase: 'tcp', reason: limit.reason.slice('tcp/'.length), withinMs: HOLD_MS },
    note: `${limit.room} are held`,
  };
  return rowFrom(scenario, judged);
}

function judgeLimit(limit: Limit, events: readonly SeenEvent[], scraped: boolean): readonly Judged[] {
  const peers = new Map<string, SeenEvent[]>();
  for (const event of events) {
    const key = `${event.group} ${event.peer}`;
    peers.set(key, [...(peers.get(key) ?? []), event]);
  }
  const judged = [...peers.values()].map((list): Judged => {
    if (list.length === 1 && list[0]!.type === 'connected') return { seen: 'held', faults: [] };
    const wrong = list.filter((event) => `${event.phase}/${event.reason}` !== limit.reason);
    const [first] = list;
    return { seen: `${first!.phase}/${first!.reason}`, faults: wrong.map(({ type, reason }) => `${type} ${reason}`) };
  });
  const held = judged.filter(({ seen }) => seen === 'held').length;
  const faults = [
    ...(held === limit.room ? [] : [`${held} held, not ${limit.room}`]),
    ...(peers.size === limit.peers ? [] : [`${peers.size} peers heard of, not ${limit.peers}`]),
    ...(scraped ? [] : ['/metrics was empty']),
  ];
  return judged.map((each, n) => (n === 0 ? { ...each, faults: [...each.faults, ...faults] } : each));
}
