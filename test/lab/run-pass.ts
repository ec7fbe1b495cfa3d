import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkOf, subnetOf } from './addresses.ts';
import { announced } from './announced.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import type { Evidence, SeenEvent } from './event-feed.ts';
import { startFaultServer, type FaultServer } from './fault-server.ts';
import { evidenceIn } from './log-evidence.ts';
import type { Network } from './network.ts';
import type { ObservedRecord, Observing } from './observing.ts';
import { dialAll, holdPlain, holdTwins, observe } from './pass-clients.ts';
import {
  addressesOf,
  daemonConfig,
  groupOf,
  OTHERS,
  place,
  repeats,
  serverPlan,
  targetAt,
  type Placed,
} from './pass-config.ts';
import { performSteps, type Injections, type Stage } from './perform-steps.ts';
import type { PlainClient, PlainEvent } from './plain-clients.ts';
import type { Scenario } from './scenario.ts';
import { socketStates } from './socket-states.ts';
import type { SocketTrace } from './socket-trace.ts';
import type { TwinEnd } from './twins.ts';

export type PassOptions = {
  readonly network: Network;
  /** For sockets, configurations, logs; holds the certificates and the twin's binary. */
  readonly folder: string;
  readonly node: string;
  readonly twinBinary: string;
  readonly trace: SocketTrace;
  readonly scenarios: readonly Scenario[];
  /** Peers held beside the scenarios. */
  readonly others: number;
  /** Fetch /metrics without pause meanwhile. */
  readonly scraped: boolean;
  /** The plain client's runtimes; null: no plain clients. */
  readonly plain: { readonly current: string; readonly old: string } | null;
  /** Observe connections of the twins and attempts of a plain client: from another network namespace, from before they begin, or from theirs, only afterwards. */
  readonly observed: 'begun' | 'found' | null;
};

/** Everything that was seen in a run, before it is judged. */
export type PassRecord = {
  readonly placed: readonly Placed[];
  readonly injections: ReadonlyMap<Scenario, Injections>;
  readonly twins: ReadonlyMap<Scenario, readonly TwinEnd[]>;
  /** When the kernel ended a socket, by address. */
  readonly kernelEnds: ReadonlyMap<string, readonly number[]>;
  readonly plain: { readonly current: PlainClient; readonly old: PlainClient } | null;
  readonly daemon: Daemon;
  readonly metrics: ReadonlyMap<string, number>;
  /** What had surely happened when /metrics was read, and what had surely not happened later. */
  readonly before: readonly SeenEvent[];
  readonly after: readonly SeenEvent[];
  readonly held: Awaited<ReturnType<FaultServer['held']>>;
  /** What the log says beside the events, by connection id. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** TCP states of the client namespace's sockets by the peer's address, before the daemon stopped. */
  readonly sockets: ReadonlyMap<string, readonly string[]>;
  readonly exitCode: number | null;
  /** What was observed of other processes; null: nobody looked. */
  readonly observed: ObservedRecord | null;
  /** How the attempts of a plain client ended. */
  readonly dialled: readonly PlainEvent[];
};

/** The number that fault_server.py keeps for the peers beside the scenarios. */
const OTHERS_PLAN = 1000;
const CONNECT_DEADLINE_MS = 120_000;
/** After the last connect: heartbeats have begun everywhere, and connecting costs nothing any more. */
const CALM_MS = 3000;
/** Between the first faults of two lanes: all at once would measure the crowd. */
const STAGGER_MS = 100;
/** After the last fault: time for an end too many to show itself. */
const SETTLE_MS = 2000;

/** A run whose connections are held and whose faults are still to come. */
export type OpenPass = {
  readonly options: PassOptions;
  readonly placed: readonly Placed[];
  readonly server: FaultServer;
  readonly daemon: Daemon;
  readonly twins: ReadonlyMap<Scenario, readonly TwinEnd[]>;
  readonly plain: { readonly current: PlainClient; readonly old: PlainClient } | null;
  readonly observing: Observing | null;
  readonly dialling: Promise<readonly PlainEvent[]>;
  readonly injections: Map<Scenario, Injections>;
  /** Settings that a reload put in force, by group. */
  readonly changes: Map<string, Readonly<Record<string, unknown>>>;
};

/** Holds all scenarios at once, injects their faults lane by lane, and gathers what every witness says. */
export async function runPass(options: PassOptions): Promise<PassRecord> {
  const pass = await open(options);
  await Promise.all(
    lanesOf(pass.placed).map(async (lane, n) => {
      await sleep(n * STAGGER_MS);
      for (const one of lane) await runOne(pass, one);
    }),
  );
  return finish(pass);
}

/** Scenarios whose fault stays go on ending while /metrics is read: what had happened before and after is a bracket. */
async function snapshot(daemon: Daemon): Promise<Pick<PassRecord, 'metrics' | 'before' | 'after'>> {
  await daemon.feed.refreshed();
  const before = [...daemon.feed.all()];
  const metrics = await daemon.metrics();
  await daemon.feed.refreshed();
  return { metrics, before, after: [...daemon.feed.all()] };
}

/** Starts the servers, the twins, the plain clients and the daemon, and waits until all is held and calm. */
export async function open(options: PassOptions): Promise<OpenPass> {
  const { network, folder, node, others, scraped, scenarios } = options;
  const placed = place(options.plain === null ? scenarios.map((one) => ({ ...one, plain: false })) : scenarios);
  const server = await startFaultServer(network, folder);
  await prepare(network, server, placed);
  await startIdleProxy(network);
  const early = options.observed === 'begun' ? await observe(options, placed, 'middlebox') : null;
  const dialling = dialAll(options, placed);
  const twins = await holdTwins(options, placed);
  const late = options.observed === 'found' ? await observe(options, placed, 'client') : null;
  const plain = options.plain === null ? null : await holdPlain(options, options.plain, placed);
  options.trace.clear();
  const daemon = await startDaemon({ network, folder, node, scraped, config: daemonConfig(placed, others, folder) });
  await allConnected(daemon, placed, others);
  await sleep(CALM_MS);
  return {
    options,
    placed,
    server,
    daemon,
    twins,
    plain,
    observing: early ?? late,
    dialling,
    injections: new Map(),
    changes: new Map(),
  };
}

async function runOne(pass: OpenPass, one: Placed): Promise<void> {
  const { options, server, plain, injections } = pass;
  const { network } = options;
  plain?.current.arm(one.scenario.id);
  plain?.old.arm(one.scenario.id);
  const times = await performSteps({ network, server, reload: reloader(pass) }, one, one.scenario.steps);
  injections.set(one.scenario, times);
  await awaitOutcome(pass, one, times);
}

/** Lets late ends show themselves, asks every witness and stops the daemon. */
export async function finish(pass: OpenPass): Promise<PassRecord> {
  const { options, placed, server, daemon, twins, plain, observing, injections } = pass;
  await sleep(SETTLE_MS);
  const { metrics, before, after } = await snapshot(daemon);
  const held = await server.held();
  const kernelEnds = options.trace.ends();
  const sockets = socketStates(options.network);
  const dialled = await pass.dialling;
  // First: whoever reads the other's whole log meanwhile misses events of this one.
  const exitCode = await daemon.stop();
  const observed = observing === null ? null : await observing.settled();
  await observing?.stop();
  await options.network.endAll();
  const evidence = evidenceIn(daemon.log());
  return {
    placed,
    injections,
    twins,
    kernelEnds,
    plain,
    daemon,
    metrics,
    before,
    after,
    held,
    evidence,
    sockets,
    exitCode,
    observed,
    dialled,
  };
}

/** Settings of one group replaced for good, by SIGHUP, as an operator does it. */
function reloader({ daemon, placed, options, changes }: OpenPass): NonNullable<Stage['reload']> {
  return async ({ scenario }, settings) => {
    changes.set(groupOf(scenario), settings);
    const config = daemonConfig(placed, options.others, options.folder) as { groups: { name: string }[] };
    const groups = config.groups.map((group) => ({ ...group, ...changes.get(group.name) }));
    const reloaded = (): number => daemon.log().split('msg="configuration reloaded"').length;
    const before = reloaded();
    daemon.configure({ ...config, groups });
    daemon.signal('SIGHUP');
    const deadline = Date.now() + CONNECT_DEADLINE_MS;
    while (reloaded() === before) {
      if (Date.now() > deadline) throw new Error(`no reload:\n${daemon.log().slice(-2000)}`);
      await sleep(50);
    }
  };
}

async function startIdleProxy(network: Network): Promise<void> {
  const proxy = network.start(
    'middlebox',
    ['/usr/bin/python3', path.join(import.meta.dirname, 'idle_proxy.py')],
    'pipe',
  );
  await announced(proxy);
}

async function prepare(network: Network, server: FaultServer, placed: readonly Placed[]): Promise<void> {
  const routes = placed.map(({ scenario, place: { index, family } }) => {
    const subnet = subnetOf({ index, family });
    const source = scenario.source === undefined ? '' : ` src ${scenario.source}`;
    if (scenario.link === true) network.link(index);
    const shared = family === 'ipv4' ? '10.77.1.1' : 'fd77:1::1';
    const via = scenario.link === true ? linkOf({ index, family }).gateway : shared;
    return `route replace ${subnet} via ${via}${source}`;
  });
  network.run('client', ['ip', 'addr', 'replace', '10.77.1.37/24', 'dev', 'cl0']);
  network.run('client', ['ip', '-batch', '-'], `${routes.join('\n')}\n`);
  for (const at of ['client', 'middlebox'] as const) network.run(at, ['nft', '-f', '-'], flushSets(network, at));
  network.run('client', ['ip', 'route', 'flush', 'cache']);
  network.run('middlebox', ['ip', '-batch', '-'], MIDDLEBOX_ROUTES);
  const plans = placed.map((one) => [one.place.index, serverPlan(one)] as const);
  await server.plan(new Map([...plans, [OTHERS_PLAN, { reply: '+PONG\r\n' }]]));
  for (const one of placed) {
    const { name, before } = one.scenario;
    if (name !== undefined) {
      for (const k of repeats(one.scenario)) await server.name(...name(k, addressesOf(one)));
    }
    await performSteps({ network, server }, one, before ?? []);
  }
}

/** Without the narrower ones that a scenario may have put beside it. */
const MIDDLEBOX_ROUTES = 'route flush root 10.90.0.0/16\nroute add 10.90.0.0/16 via 10.77.2.2\n';

/** An earlier run's faults are healed. */
function flushSets(network: Network, at: 'client' | 'middlebox'): string {
  const listed = network.run(at, ['nft', 'list', 'sets', 'inet']);
  return [...listed.matchAll(/^\s*set (\w+) \{/gm)].map(([, name]) => `flush set inet lab ${name}`).join('\n');
}

/** Every peer whose attempt can succeed has been established once. */
async function allConnected(daemon: Daemon, placed: readonly Placed[], others: number): Promise<void> {
  const deadline = Date.now() + CONNECT_DEADLINE_MS;
  const wanted = placed.filter(({ scenario }) => scenario.expect.kind !== 'connectFailure');
  for (;;) {
    await daemon.feed.refreshed();
    const missing = wanted.flatMap((one) => {
      const peers = daemon.feed.of(groupOf(one.scenario));
      return repeats(one.scenario)
        .map((k) => targetAt(one, k))
        .filter((peer) => peers.get(peer)?.some(({ type }) => type === 'connected') !== true);
    });
    const beside = others - daemon.feed.of(OTHERS).size;
    if (missing.length === 0 && beside === 0) return;
    if (Date.now() > deadline) {
      throw new Error(
        `not connected: ${missing.length} peers (${missing.slice(0, 5).join(' ')}), ${beside} others\n${daemon.log().slice(-2000)}`,
      );
    }
  }
}

function lanesOf(placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const lanes = new Map<string, Placed[]>();
  for (const one of placed) {
    const lane = one.scenario.lane ?? one.scenario.id;
    lanes.set(lane, [...(lanes.get(lane) ?? []), one]);
  }
  return [...lanes.values()];
}

/** Waits for as long as the expectation allows, and no longer than until every repeat has shown something, its twin too. */
async function awaitOutcome({ daemon, twins }: OpenPass, one: Placed, injections: Injections): Promise<void> {
  const { expect, repeat } = one.scenario;
  if (expect.kind === 'connects') return;
  if (expect.kind === 'none') {
    await sleep(expect.forMs);
    return;
  }
  const wanted = expect.kind === 'disconnect' ? 'disconnected' : 'connect_failed';
  const fromStart = injections.every((at) => at === null);
  // A fault that was there from the start has no window: 15 s is twice the slowest of them.
  const waitMs = expect.kind === 'disconnect' && !fromStart ? expect.withinMs[1] + 1000 : 15_000;
  const deadline = Date.now() + waitMs;
  const done = (): boolean => {
    if ((twins.get(one.scenario)?.length ?? repeat) < repeat) return false;
    const peers = daemon.feed.of(groupOf(one.scenario));
    return repeats(one.scenario).every(
      (k) => peers.get(targetAt(one, k))?.some(({ type }) => type === wanted) === true,
    );
  };
  while (!done() && Date.now() < deadline) await sleep(100);
}
