import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASKING, type Group, SELDOM, SILENT, spread, targetsIn, withMore } from './fleet.ts';
import type { ExpectedEnds, InsightRow } from './insight-row.ts';
import { networkIn, OWN_PORT, PORTS } from './site.ts';
import type { Stage } from './stage.ts';

/** Held beside the others, so that a few ends at one time are no third of all peers. */
const calm = spread('calm', SILENT, 1, 20);

/** Waits until each of the groups has had an end with that hint, or two minutes. */
async function untilHinted({ ends, until }: Stage, wanted: Readonly<Record<string, string>>): Promise<void> {
  const times = (group: string, hint: string): number =>
    ends().filter((end) => end.group === group && end.hint === hint).length;
  await until(() => Object.entries(wanted).every(([group, hint]) => times(group, hint) >= 3), 120_000);
}

/** Two peers of a conduct in a network of their own. */
function pair(name: string, port: number, network: number, settings: object): Group {
  return { name, settings, targets: targetsIn('a', { network, port, count: 2 }) };
}

const one = (name: string, port: number, network: number, settings: object): Group => ({
  ...pair(name, port, network, settings),
  targets: targetsIn('a', { network, port, count: 1 }),
});

/** Longer than the box remembers. A third peer speaks every 1.5 s, and lives. */
const FORGOTTEN = { keepalive: { idle: '4s', interval: '1s', count: 2 } };
const [SILENTLY, WITH_RESET] = [10, 11];
const forgotten = (name: string, network: number): Group =>
  withMore(
    pair(name, PORTS.silent, network, FORGOTTEN),
    targetsIn('a', { network, port: PORTS.chatty, count: 1, first: 9 }),
  );
const BRACKET =
  /^\d+ of \d+ times a packet of ours found the path dead, after 4\.\d s of silence or more, and no such silence was survived \(1\.\d s was\): something on the path forgets within that time; a shorter keepalive or a heartbeat keeps it awake$/;

/** A limit takes three ends at moments of their own; two peers may have shared each of the first two. */
const claimed = (group: string, verdict: string, first: ExpectedEnds['hint']): ExpectedEnds => ({
  group,
  verdict,
  count: 3,
  least: true,
  hint: 'idle_limit',
  words: BRACKET,
  before: { hint: first, most: 4 },
});

/** At least four ends within 2 % are needed, of more than 15 six; and a busy machine's timers may be later than that. */
const LATE_TIMERS = 20;

/** Four FINs at a time are too few for an incident. */
const PROXY_PORTS = [7701, 7702, 7703, 7704];
/** 2 % of it are 400 ms: so late is the timer of a busy process. */
const PROXY_LIMIT_MS = 20_000;

const LIMITS: InsightRow = {
  id: 'J01',
  injected:
    'boxes and peers with limits: 3 s without a packet, silent and with a reset; 20 s without payload; an age of 10 s',
  scene: async ({ site }) => {
    const forwards = PROXY_PORTS.map((port, k) => [port, `${networkIn('a', 12)}.${k + 1}:${PORTS.greeting}`] as const);
    await site.proxy({ ports: Object.fromEntries(forwards), limitMs: PROXY_LIMIT_MS });
    await site.add('forget_silently', [`${networkIn('a', SILENTLY)}.0/24`]);
    await site.add('forget_with_reset', [`${networkIn('a', WITH_RESET)}.0/24`]);
    const proxied: Group = {
      name: 'proxied',
      settings: { keepalive: { idle: '1s', interval: '1s', count: 3 } },
      targets: PROXY_PORTS.map((port) => ({ peer: `${site.boxAddress}:${port}` })),
    };
    const wanted = { silently: 'idle_limit', reset: 'idle_limit', proxied: 'idle_limit', aged: 'age_limit' };
    return {
      groups: [
        forgotten('silently', SILENTLY),
        forgotten('reset', WITH_RESET),
        proxied,
        pair('aged', PORTS.aging, 13, {}),
        calm,
      ],
      harm: (stage) => untilHinted(stage, wanted),
    };
  },
  incidents: [],
  ends: [
    claimed('silently', 'error/keepalive_timeout', 'path_dead'),
    claimed('reset', 'error/reset', null),
    {
      group: 'proxied',
      verdict: 'eof/fin',
      count: 3,
      least: true,
      hint: 'idle_limit',
      words:
        /^(?:each time|\d+ of \d+ times, and never later,) after (?:19|20)\.\d s(?: to 20\.\d s)? without payload: a timer, not an accident: an idle limit that counts payload alone, so keepalive does not help against it, and a shorter heartbeat does/,
      before: { hint: null, most: LATE_TIMERS },
    },
    {
      group: 'aged',
      verdict: 'eof/fin',
      count: 3,
      least: true,
      hint: 'age_limit',
      words:
        /^(?:each time|\d+ of \d+ times, and never later,) (?:9\.\d|10\.\d) s(?: to 10\.\d s)? after it was established, whatever was sent: a timer, not an accident: a greatest age, or a deadline/,
      before: { hint: null, most: LATE_TIMERS },
    },
  ],
};

const LAST_PACKET = '; the last packet had come [\\d.]+ m?s before';

const FROZEN: InsightRow = {
  id: 'J02',
  injected:
    'peers whose kernel lives: stopped (SIGSTOP) with a heartbeat due, reading no more, and with nothing to say',
  scene: async ({ site }) => {
    const peer = await site.ownPeer('a');
    const flood = { send: 'x'.repeat(65_536), interval: '20ms' };
    return {
      groups: [
        pair('frozen', OWN_PORT, 20, { ...ASKING.settings, ...SELDOM }),
        one('unread', PORTS.unread, 21, { write_timeout: '2s', heartbeat: flood, ...SELDOM }),
        one('mute', PORTS.silent, 22, { idle_timeout: '5s', ...SELDOM }),
        calm,
      ],
      async harm({ ends, until }) {
        peer.signal('SIGSTOP');
        await until(() => ends().length >= 4, 30_000);
      },
      heal: () => peer.signal('SIGCONT'),
    };
  },
  incidents: [],
  ends: [
    {
      group: 'frozen',
      verdict: 'idle_timeout/no_reply',
      count: 2,
      hint: 'frozen_peer',
      words: new RegExp(
        `^the peer's kernel acknowledged all that we sent and its program did not answer${LAST_PACKET}$`,
      ),
    },
    {
      group: 'unread',
      verdict: 'idle_timeout/write_stalled',
      count: 1,
      hint: 'frozen_peer',
      words: /^the peer's kernel answers and its program does not read: [\d.,]+ [kM]B of ours wait$/,
    },
    {
      group: 'mute',
      verdict: 'idle_timeout/no_data',
      count: 1,
      hint: 'peer_silent',
      words: new RegExp(`^all that we sent is acknowledged and no answer was due${LAST_PACKET}$`),
    },
  ],
};

const STALL_MS = 4000;

const STALL: InsightRow = {
  id: 'J03',
  injected: 'we are stopped for 4 s, and peers that want to hear from us every 1.5 s close',
  scene: () => ({
    groups: [
      pair('impatient', PORTS.impatient, 30, { heartbeat: { send: 'x', interval: '500ms' }, ...SELDOM }),
      spread('calm', ASKING, 1, 3),
    ],
    async harm({ daemon, ends, until }) {
      daemon.signal('SIGSTOP');
      await sleep(STALL_MS);
      daemon.signal('SIGCONT');
      await until(() => ends().length >= 2, 10_000);
    },
  }),
  incidents: [],
  ends: [
    {
      group: 'impatient',
      verdict: 'eof/fin',
      count: 2,
      hint: 'own_stall',
      words: /^our own event loop was held up for [34]\.\d s right before the end$/,
    },
  ],
};

const [PLANNED, LATE] = [40, 41];
const FILE_CHANGE_MS = 8000;

/** One file of discovery: the peers of a group, announced or not. */
function writeTargets(file: string, { targets }: Group, announced: boolean): void {
  const labels = announced ? { __announced__: 'maintenance' } : {};
  writeFileSync(file, JSON.stringify([{ targets: targets.map(({ peer }) => peer), labels }]));
}

const ANNOUNCED: InsightRow = {
  id: 'J04',
  injected:
    'all peers of two groups reset at once; of one that had been announced, of the other it is right afterwards',
  scene: ({ site, file }) => {
    const [planned, late] = [spread('planned', SILENT, PLANNED, 2), spread('late', SILENT, LATE, 2)];
    const found = (group: Group): Group => {
      writeTargets(file(`${group.name}.json`), group, false);
      return {
        name: group.name,
        settings: { file_sd_configs: [{ files: [file(`${group.name}.json`)] }] },
        targets: [],
      };
    };
    const reset = (network: number): void => {
      for (const zone of ['a', 'b', 'c'] as const)
        site.zones.end(zone, 'resetAndDestroy', { local: networkIn(zone, network), remote: site.clientAddress });
    };
    return {
      groups: [found(planned), found(late), calm],
      async harm({ daemon, held, until }) {
        await until(() => held() >= 60 + 12, 30_000);
        writeTargets(file('planned.json'), planned, true);
        const isAnnounced = async (): Promise<boolean> =>
          [...(await daemon.metrics())].filter(
            ([name, value]) => name.startsWith('finrst_peer_announced') && value === 1,
          ).length === 6;
        await until(isAnnounced, 20_000);
        reset(PLANNED);
        reset(LATE);
        writeTargets(file('late.json'), late, true);
        await sleep(FILE_CHANGE_MS);
      },
    };
  },
  incidents: [],
  ends: [
    {
      group: 'planned',
      verdict: 'error/reset',
      count: 6,
      hint: 'announced',
      words: /^a rule or a person asked for it$/,
    },
    { group: 'late', verdict: 'error/reset', count: 6, hint: null, explained: 'announced' },
  ],
};

/** Hints without an incident: a few peers at a time. */
export const HINT_ROWS: readonly InsightRow[] = [LIMITS, FROZEN, STALL, ANNOUNCED];

/** Each probe meets a queue that its own copies have filled. */
export const HOST_DROPS: InsightRow = {
  id: 'J05',
  injected: 'a full queue of this host (net.core.netdev_max_backlog) drops the probes to two peers',
  scene: ({ site }) => {
    // Probes of the others would meet the same queue.
    const others = spread('calm', { port: SILENT.port, settings: {} }, 1, 3);
    const groups = [pair('queued', PORTS.silent, 50, { ...SILENT.settings, ...SELDOM }), others];
    return {
      groups,
      async harm({ ends, until }) {
        const empty = await site.fillQueue(`${networkIn('a', 50)}.0/24`);
        await until(() => ends().length >= 2, 20_000);
        await empty();
      },
    };
  },
  incidents: [],
  ends: [
    {
      group: 'queued',
      verdict: 'error/keepalive_timeout',
      count: 2,
      hint: 'host_drops',
      words:
        /^this host dropped \d+ packets since the last one of this peer came \(a full queue, see net\.core\.netdev_max_backlog\)$/,
    },
  ],
};
