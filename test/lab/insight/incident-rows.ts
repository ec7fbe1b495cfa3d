import { ASKING, type Group, SILENT, spread, targetsIn, withMore, WRITING } from './fleet.ts';
import type { ExpectedEnds, ExpectedIncident, InsightRow, Scene } from './insight-row.ts';
import { networkIn, PORTS, type Site, ZONES } from './site.ts';

const payments = spread('payments', SILENT, 1);
const orders = spread('orders', ASKING, 2);
const search = spread('search', WRITING, 3);
const users = spread('users', SILENT, 4);
/** A network that peers of several groups share, and one that nobody touches. */
const [SHARED, ELSEWHERE] = [50, 60];

/** The networks of a group that `spread` put there. */
const networksOf = (network: number): readonly string[] => ZONES.map((zone) => `${networkIn(zone, network)}.0/24`);

const LAST_PACKET = '; the last packet had come (?:1 m )?[\\d.]+ m?s before';

function probed(group: string, count: number): ExpectedEnds {
  const words = new RegExp(`^keepalive probes were not answered${LAST_PACKET}$`);
  return { group, count, verdict: 'error/keepalive_timeout', hint: 'path_dead', words };
}

function asked(group: string, count: number): ExpectedEnds {
  const words = new RegExp(`^6 B of ours were not acknowledged${LAST_PACKET}$`);
  return { group, count, verdict: 'idle_timeout/no_reply', hint: 'path_dead', words };
}

function wrote(group: string, count: number): ExpectedEnds {
  const words = new RegExp(`^\\d+ B of ours were not acknowledged${LAST_PACKET}$`);
  return { group, count, verdict: 'error/retransmit_timeout', hint: 'path_dead', words };
}

const BROKE = 'broke at one moment, found within [\\d.]+ m?s,';
const ENDED = 'ended within [\\d.]+ (?:m|µ)?s,';
type Sentence = ExpectedIncident['sentence'];

/** Peers that break in silence; no other one ends. While it runs, those whose timers have not fired may yet. */
function silent(head: string, others: number): Sentence {
  const then = { running: `none of the other ${others} peers has ended so far`, over: unharmed(others) };
  return (state) => new RegExp(`^${head}; ${then[state]}$`);
}

const unharmed = (others: number): string => `the other ${others} peers are unharmed`;

/** Beside another incident of so many peers, which may be found later. */
function beside(head: string, others: number, ended: number): Sentence {
  const too = (ends: string) => `of the other ${others} peers ${ends} ended at that moment, too`;
  // The keepalive of some may still run when the others' ends are told.
  const running = `(?:${too(`[1-${ended}]`)}|none of the other ${others} .*|${unharmed(others)})`;
  const then = { running, over: too(`${ended}`) };
  return (state) => new RegExp(`^${head}; ${then[state]}$`);
}

const OF_A_PROXY = '\\(the same peers: prefix 10\\.79\\.\\d+\\.0/24; they cannot be told apart from here\\)';
const OF_A_GROUP = 'look at what this group shares, its servers or a box before them';

/** Silent: packets of the networks are dropped in the box, both ways. */
function cutting(site: Site, groups: readonly Group[], networks: readonly string[]): Scene {
  return { groups, harm: () => site.add('cut', networks), heal: () => site.remove('cut', networks) };
}

const PROXIED = [7601, 7602, 7603, 7604, 7605, 7606];
const FORWARDS = Object.fromEntries(PROXIED.map((port, k) => [port, `${networkIn('a', 70)}.${k + 1}:${PORTS.silent}`]));

/** `orders` stands behind a proxy in the box, six ports of one address, and the proxy is killed. */
async function killingProxy(site: Site, settings: object, reads: boolean): Promise<Scene> {
  const start = () => site.proxy({ ports: FORWARDS, reads });
  const proxy = await start();
  const targets = PROXIED.map((port) => ({ peer: `${site.boxAddress}:${port}` }));
  return { groups: [{ name: 'orders', settings, targets }], harm: () => proxy.kill(), heal: start };
}

/** Both happen in the same moment. */
function both(one: Scene, other: Scene, unharmed: readonly Group[]): Scene {
  return {
    groups: [...one.groups, ...other.groups, ...unharmed],
    harm: (stage) => Promise.all([one.harm(stage), other.harm(stage)]),
    heal: () => Promise.all([one.heal?.(), other.heal?.()]),
  };
}

/** Two more peers of a group, in the network that groups share. */
function alsoInShared(group: Group, { port }: { readonly port: number }, first: number): Group {
  return withMore(group, targetsIn('a', { network: SHARED, port, first, count: 2 }));
}

/** At the default of keepalive: what is silent is found 78 to 90 s after its last sign of life. */
const AT_DEFAULT: readonly Group[] = [
  spread('payments', { port: SILENT.port, settings: {} }, 1, 7),
  spread('orders', { port: SILENT.port, settings: {} }, 2, 7),
  spread('search', ASKING, 3, 6),
];

/** Takes longest. */
export const UPLINK: InsightRow = {
  id: 'I05',
  injected: 'our own uplink loses its carrier: 42 silent peers at the default of keepalive, 18 with a heartbeat',
  global: { sample_interval: '15s' },
  scene: ({ site }) => ({
    groups: AT_DEFAULT,
    harm: () => site.uplink('down'),
    heal: () => site.uplink('up'),
  }),
  incidents: [
    {
      scope: 'process',
      ended: 60,
      of: 60,
      reasons: { keepalive_timeout: 42, no_reply: 18 },
      sentence: () =>
        /^60 of 60 peers broke at one moment, found within (?:1 m )?[\d.]+ s, 42 keepalive_timeout, 18 no_reply: look at this host and its uplink; no group, label or network stands out$/,
    },
  ],
  ends: [probed('payments', 21), probed('orders', 21), asked('search', 18)],
};

export const INCIDENT_ROWS: readonly InsightRow[] = [
  {
    id: 'I01',
    injected: 'the links to nine of the eleven peers of one group drop all packets',
    scene: ({ site }) => {
      const more = withMore(payments, targetsIn('a', { network: ELSEWHERE, port: SILENT.port, count: 2 }));
      return cutting(site, [more, orders, search], networksOf(1));
    },
    incidents: [
      {
        scope: 'group',
        value: 'payments',
        ended: 9,
        of: 11,
        reasons: { keepalive_timeout: 9 },
        sentence: silent(`9 of 11 peers of payments ${BROKE} all keepalive_timeout: ${OF_A_GROUP}`, 18),
      },
    ],
    ends: [probed('payments', 9)],
  },
  {
    id: 'I02',
    injected: 'the proxy in front of all six peers of one group is killed: a FIN each',
    scene: async ({ site }) => {
      const scene = await killingProxy(site, SILENT.settings, true);
      return { ...scene, groups: [...scene.groups, payments, search] };
    },
    incidents: [
      {
        scope: 'group',
        value: 'orders',
        ended: 6,
        of: 6,
        reasons: { fin: 6 },
        sentence: () =>
          new RegExp(`^6 of 6 peers of orders ${ENDED} all fin: ${OF_A_GROUP} ${OF_A_PROXY}; ${unharmed(18)}$`),
      },
    ],
    ends: [{ group: 'orders', count: 6, verdict: 'eof/fin', hint: null }],
  },
  {
    id: 'I03',
    injected: 'a zone loses its link: nine peers of three groups',
    scene: ({ site }) => ({
      groups: [payments, orders, search],
      harm: () => site.link('b', 'down'),
      heal: () => site.link('b', 'up'),
    }),
    incidents: [
      {
        scope: 'label',
        value: 'zone=b',
        ended: 9,
        of: 9,
        reasons: { keepalive_timeout: 3, no_reply: 3, host_unreachable: 3 },
        sentence: silent(
          `9 of 9 peers with zone=b ${BROKE} 3 \\w+, 3 \\w+, 3 \\w+: look at what zone=b stands for`,
          18,
        ),
      },
    ],
    ends: [probed('payments', 3), asked('orders', 3), { ...wrote('search', 3), verdict: 'error/host_unreachable' }],
  },
  {
    id: 'I04',
    injected: 'a network that six peers of three groups share drops all packets',
    scene: ({ site }) => {
      const groups = [
        alsoInShared(payments, SILENT, 1),
        alsoInShared(orders, ASKING, 3),
        alsoInShared(search, WRITING, 5),
      ];
      return cutting(site, groups, [`${networkIn('a', SHARED)}.0/24`]);
    },
    incidents: [
      {
        scope: 'prefix',
        value: '10.81.50.0/24',
        ended: 6,
        of: 6,
        reasons: { keepalive_timeout: 2, no_reply: 2, retransmit_timeout: 2 },
        sentence: silent(
          `6 of 6 peers in 10\\.81\\.50\\.0/24 ${BROKE} 2 \\w+, 2 \\w+, 2 \\w+: look at the network 10\\.81\\.50\\.0/24 and the way there`,
          27,
        ),
      },
    ],
    ends: [probed('payments', 2), asked('orders', 2), wrote('search', 2)],
  },
  UPLINK,
  {
    id: 'I06',
    injected:
      'the links of one group drop all packets, and in the same moment a proxy before another group dies with a reset',
    scene: async ({ site }) => {
      const proxied = await killingProxy(site, WRITING.settings, false);
      return both(cutting(site, [payments], networksOf(1)), proxied, [search, users]);
    },
    incidents: [
      {
        scope: 'group',
        value: 'payments',
        ended: 9,
        of: 9,
        reasons: { keepalive_timeout: 9 },
        groups: ['payments'],
        sentence: beside(`9 of 9 peers of payments ${BROKE} all keepalive_timeout: ${OF_A_GROUP}`, 24, 6),
      },
      {
        scope: 'group',
        value: 'orders',
        ended: 6,
        of: 6,
        reasons: { reset: 6 },
        groups: ['orders'],
        sentence: beside(`6 of 6 peers of orders (?:${BROKE}|${ENDED}) all reset: ${OF_A_GROUP} ${OF_A_PROXY}`, 27, 9),
      },
    ],
    ends: [probed('payments', 9), { group: 'orders', count: 6, verdict: 'error/reset', hint: null }],
  },
  {
    id: 'I07',
    injected: 'the links of two of four groups drop all packets in the same moment',
    scene: ({ site }) =>
      both(cutting(site, [payments], networksOf(1)), cutting(site, [orders], networksOf(2)), [
        search,
        users,
        spread('mail', SILENT, 5),
      ]),
    incidents: [
      {
        scope: 'group',
        value: 'payments',
        ended: 9,
        of: 9,
        reasons: { keepalive_timeout: 9 },
        groups: ['payments'],
        sentence: beside(`9 of 9 peers of payments ${BROKE} all keepalive_timeout: ${OF_A_GROUP}`, 36, 9),
      },
      {
        scope: 'group',
        value: 'orders',
        ended: 9,
        of: 9,
        reasons: { no_reply: 9 },
        groups: ['orders'],
        sentence: beside(`9 of 9 peers of orders ${BROKE} all no_reply: ${OF_A_GROUP}`, 36, 9),
      },
    ],
    ends: [probed('payments', 9), asked('orders', 9)],
  },
];
