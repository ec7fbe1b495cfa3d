import { setTimeout as sleep } from 'node:timers/promises';
import { slotOf } from './addresses.ts';
import { startDaemon } from './daemon.ts';
import { startFaultServer, type HeldByServer } from './fault-server.ts';
import { judge, type Judged } from './judge.ts';
import { daemonConfig, groupOf, repeats, targetAt, type Placed } from './pass-config.ts';
import { rowFrom, type Row } from './rows.ts';
import { open, type PassOptions } from './run-pass.ts';
import { FAST, type Scenario } from './scenario.ts';

const ours = { repeat: FAST, twin: false, plain: false, steps: [] } as const;
const closed = (verdict: string) => ({ kind: 'disconnect', verdict, withinMs: [0, 0] }) as const;

/** Ends that we choose. Each must be told as a local close, and the peer must see a FIN, never a reset. */
const SCENARIOS: readonly Scenario[] = [
  { ...ours, id: 'L01', injected: 'peer removed from the configuration, SIGHUP', expect: closed('local/removed') },
  {
    ...ours,
    id: 'L02',
    injected: 'keepalive changed in the configuration, SIGHUP',
    expect: closed('local/reconfigured'),
  },
  {
    ...ours,
    id: 'L03',
    injected: 'max_connection_age 3 s',
    group: { max_connection_age: '3s' },
    expect: { ...closed('local/max_age'), recurs: true },
  },
  {
    ...ours,
    id: 'L04',
    injected: 'nothing changed for the peer in the same reload',
    expect: { kind: 'none', forMs: 0 },
  },
];
const SHUTDOWN: Scenario = { ...ours, id: 'L05', injected: 'SIGTERM while held', expect: closed('local/shutdown') };
/** The eldest connections are 3 s +-10 % old by then, and their successors are held. */
const RELOADED_MS = 5000;
/** The peers' side of the last close. */
const AFTER_EXIT_MS = 300;

/** Reloads and stops the daemon, and judges what it and the peers say. */
export async function runLocalCloses(options: Omit<PassOptions, 'scenarios'>): Promise<readonly Row[]> {
  const { daemon, placed, server } = await open({ ...options, scenarios: SCENARIOS });
  daemon.configure(changed(placed, options.folder));
  daemon.signal('SIGHUP');
  await sleep(RELOADED_MS);
  await daemon.feed.refreshed();
  const judged = placed.map((one) => judgeAll(one, (peer) => daemon.feed.of(groupOf(one.scenario)).get(peer) ?? []));
  const exitCode = await daemon.stop();
  await sleep(AFTER_EXIT_MS);
  const held = await server.held();
  await options.network.endAll();
  const rows = placed.map((one, n) => rowFrom(one.scenario, withPeersView(one, judged[n]!, held)));
  return [...rows, shutdownRow(placed, daemon.log(), exitCode), await hangingRow(options)];
}

/** --shutdown.timeout, as shipped. */
const SHUTDOWN_TIMEOUT_MS = 10_000;
const HANGING: Scenario = {
  ...ours,
  id: 'L06',
  injected: 'SIGTERM while the name server is silent and look-ups hang: exit 0 within --shutdown.timeout',
  repeat: 1,
  expect: { kind: 'connectFailure', phase: 'dns', reason: 'timeout', withinMs: SHUTDOWN_TIMEOUT_MS },
};

/** A hanging look-up must not keep the process: it has nothing to close. */
async function hangingRow({ network, folder, node }: Omit<PassOptions, 'scenarios'>): Promise<Row> {
  const server = await startFaultServer(network, folder);
  await server.name('silent.lab.test', 'mute');
  const groups = [{ name: 'silent', connect_timeout: '1s', static_configs: [{ targets: ['silent.lab.test:7000'] }] }];
  const daemon = await startDaemon({ network, folder, node, config: { groups } });
  await sleep(2500); // the first attempt has failed, its look-up still runs
  await daemon.feed.refreshed();
  const events = daemon.feed.all();
  const told = judge({ expect: HANGING.expect, injectedAt: null, events });
  const asked = Date.now();
  const exitCode = await Promise.race([daemon.stop(), sleep(SHUTDOWN_TIMEOUT_MS, 'none in time')]);
  await network.endAll();
  const faults =
    exitCode === 0 ? told.faults : [...told.faults, `exit code ${exitCode} after ${Date.now() - asked} ms`];
  return rowFrom(HANGING, [{ ...told, faults }]);
}

/** Without the peers of L01, with another keepalive for L02. */
function changed(placed: readonly Placed[], folder: string): object {
  const config = daemonConfig(placed, 0, folder) as { groups: { name: string }[] };
  const groups = config.groups
    .filter(({ name }) => name !== 'l01')
    .map((group) =>
      group.name === 'l02' ? { ...group, keepalive: { idle: '30s', interval: '10s', count: 3 } } : group,
    );
  return { ...config, groups };
}

function judgeAll(one: Placed, eventsOf: (peer: string) => Parameters<typeof judge>[0]['events']): readonly Judged[] {
  return repeats(one.scenario).map((k) =>
    judge({ expect: one.scenario.expect, injectedAt: null, events: eventsOf(targetAt(one, k)) }),
  );
}

/** A peer that saw a connection end in anything but a FIN, or not at all, makes the repeat wrong. */
function withPeersView(one: Placed, judged: readonly Judged[], held: readonly HeldByServer[]): readonly Judged[] {
  return judged.map((each, k) => {
    const peer = held.find(({ scenario, slot }) => scenario === one.place.index && slot === slotOf('daemon', k));
    const right = peer !== undefined && peer.saw.length === peer.connections && peer.saw.every((how) => how === 'eof');
    const saw = `the peer had ${peer?.connections ?? 0} connections and saw them end with ${peer?.saw.join(', ') ?? 'nothing'}`;
    return right ? each : { ...each, faults: [...each.faults, saw] };
  });
}

/** After SIGTERM the web server is gone: the log says how each connection ended. */
function shutdownRow(placed: readonly Placed[], log: string, exitCode: number | null): Row {
  const lines = log.split('\n').filter((line) => line.includes(' reason=shutdown '));
  const survivors = placed.filter(({ scenario }) => scenario.id === 'L02' || scenario.id === 'L04');
  const judged = survivors.flatMap((one) =>
    repeats(one.scenario).map((k): Judged => {
      const mine = lines.filter((line) => line.includes(` peer=${targetAt(one, k)} group=${groupOf(one.scenario)} `));
      const faults = mine.length === 1 ? [] : [`${mine.length} log lines of a shutdown, not 1`];
      if (exitCode !== 0) faults.push(`exit code ${exitCode}`);
      return { seen: mine.length > 0 ? 'local/shutdown' : 'nothing', faults };
    }),
  );
  return rowFrom({ ...SHUTDOWN, repeat: judged.length }, judged);
}
