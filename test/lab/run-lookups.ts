import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon } from './daemon.ts';
import { startFaultServer } from './fault-server.ts';
import type { SeenEvent } from './event-feed.ts';
import { judge, type Judged } from './judge.ts';
import { HOSTED } from './network.ts';
import { rowFrom, type Row } from './rows.ts';
import type { PassOptions } from './run-pass.ts';
import type { Scenario } from './scenario.ts';

/** More names than there are places for look-ups: most of them must wait. */
const HANGING = 150;
/** A hosts file needs no network, so its name never waits for those that do. */
const HOLD_MS = 6000;
const row = { steps: [], twin: false, plain: false } as const;

const HOSTS_FILE: Scenario = {
  ...row,
  id: 'M04',
  injected: `${HANGING} names at a dead resolver, and one name of the hosts file, which is held within ${HOLD_MS / 1000} s`,
  repeat: 1,
  expect: { kind: 'connects' },
};
const DEAD_RESOLVER: Scenario = {
  ...row,
  id: 'M05',
  injected: `${HANGING} names at a dead resolver, connect_timeout 2 s`,
  repeat: HANGING,
  expect: { kind: 'connectFailure', phase: 'dns', reason: 'timeout', withinMs: HOLD_MS },
  note: 'a look-up that had not begun is `dns/other`: no packet had left for the resolver',
};

/** Look-ups that hang and one that need not: who waits for whom, and what the waiting is called. */
export async function runLookups({
  network,
  folder,
  node,
}: Pick<PassOptions, 'network' | 'folder' | 'node'>): Promise<readonly Row[]> {
  const server = await startFaultServer(network, folder);
  const names = Array.from({ length: HANGING }, (_, n) => `hanging-${n}.lab.test`);
  for (const name of names) await server.name(name, 'mute');
  const target = `${HOSTED.name}:7000`;
  const config = {
    global: { keepalive: false },
    groups: [
      {
        name: 'hanging',
        connect_timeout: '2s',
        static_configs: [{ targets: names.map((name) => `${name}:7000`) }],
      },
      { name: 'hosted', static_configs: [{ targets: [target] }] },
    ],
  };
  const daemon = await startDaemon({ network, folder, node, config });
  await sleep(HOLD_MS);
  const asked = new Set(await server.asked());
  await daemon.feed.refreshed();
  const hosted = judge({
    expect: HOSTS_FILE.expect,
    injectedAt: null,
    events: daemon.feed.of('hosted').get(target) ?? [],
  });
  const hanging = daemon.feed.of('hanging');
  const judged = names.map((name) => judgeLookup(hanging.get(`${name}:7000`) ?? [], asked.has(name)));
  const exitCode = await daemon.stop();
  await network.endAll();
  const exit = exitCode === 0 ? [] : [`exit code ${exitCode}`];
  return [rowFrom(HOSTS_FILE, [{ ...hosted, faults: [...hosted.faults, ...exit] }]), rowFrom(DEAD_RESOLVER, judged)];
}

/** `dns/timeout` blames the resolver: only where it was asked. What never began has waited for us. */
function judgeLookup(events: readonly SeenEvent[], asked: boolean): Judged {
  const words = events.map(({ type, phase, reason }) => (type === 'connect_failed' ? `${phase}/${reason}` : type));
  const [first] = words;
  if (first === undefined) return { seen: 'no event', faults: ['no connect failure'] };
  const wrong = words.filter((word) => !(word === 'dns/other' || (asked && word === 'dns/timeout')));
  return { seen: first, faults: wrong.map((word) => `${word}, and the resolver was ${asked ? '' : 'not '}asked`) };
}
