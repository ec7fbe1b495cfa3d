import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, slotOf, subnetOf } from './addresses.ts';
import { disagreements } from './consistency.ts';
import type { SeenEvent } from './event-feed.ts';
import { placeOf } from './firewall.ts';
import { KINDS, mixedScenarios, type Harm, type MixedFault, type MixedKind } from './mixed-faults.ts';
import { judgePeer, type Injected, type MixedVerdict } from './mixed-judge.ts';
import type { Network } from './network.ts';
import { groupOf, repeats, targetAt, type Placed } from './pass-config.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { finish, open, type OpenPass, type PassOptions } from './run-pass.ts';

/** What a run of faults at random showed. */
export type Mixed = {
  /** `LAB_SEED` repeats each peer's sequence of faults and waits; the interleaving of peers is the machine's. */
  readonly seed: number;
  readonly seconds: number;
  readonly verdicts: readonly MixedVerdict[];
  /** What does not agree with the injector's record; and where /metrics and events do not agree. */
  readonly faults: readonly string[];
  readonly scrapes: number;
  readonly othersEnded: number;
};

/** `LAB_ONLY=mixed` runs this with hardly anything else. */
export const MIXED = { id: 'mixed', atLeast: 100 } as const;

const SECONDS = Number(process.env['LAB_MIXED_SECONDS'] ?? 30);
const SEED = Number(process.env['LAB_SEED'] ?? Date.now() % 2 ** 31);
/** From a connection to its fault. */
const REST_MS = [100, 2500] as const;
/** The slowest of these faults ends after about 6 s; after twice that there is no end. */
const NO_END_MS = 12_000;
const LOOK_MS = 50;

/** Harms all peers at once, each at random and again as soon as it is held, while /metrics is fetched without pause. */
export async function runMixed(options: Omit<PassOptions, 'scenarios'>): Promise<Mixed> {
  process.stdout.write(`faults at random: LAB_SEED=${SEED} LAB_MIXED_SECONDS=${SECONDS}\n`);
  const pass = await open({ ...options, scenarios: mixedScenarios() });
  const victims = pass.placed.flatMap((placed, n) =>
    repeats(placed.scenario).map((k) => ({ placed, k, kind: KINDS[n]! })),
  );
  const tools = startTools(options.network);
  routeEach(options.network, victims);
  const until = Date.now() + SECONDS * 1000;
  const records = await Promise.all(
    victims.map((victim, n) => harmUntil(pass, tools, victim, { until, random: seededRandom(SEED + n) })),
  );
  const { daemon, metrics, before, after, exitCode } = await finish(pass);
  const judged = victims.map((victim, n) => judgePeer(records[n]!, eventsOf(pass, victim)));
  const exit = exitCode === 0 ? [] : [`exit code ${exitCode}`];
  return {
    seed: SEED,
    seconds: SECONDS,
    verdicts: judged.flatMap(({ verdicts }) => verdicts),
    faults: [...judged.flatMap(({ faults }) => faults), ...disagreements(metrics, before, after), ...exit],
    scrapes: metrics.get('finrst_scrapes_total{outcome="ok"}') ?? 0,
    othersEnded: daemon.feed.all().filter(({ group, type }) => group === 'others' && type !== 'connected').length,
  };
}

type Victim = { readonly placed: Placed; readonly k: number; readonly kind: MixedKind };
type Chance = { readonly until: number; readonly random: () => number };

function eventsOf({ daemon }: OpenPass, { placed, k }: Victim): readonly SeenEvent[] {
  return daemon.feed.of(groupOf(placed.scenario)).get(targetAt(placed, k)) ?? [];
}

/** Waits until the peer is held, waits some more, harms it, waits for the end, heals; and again. Returns the record. */
async function harmUntil(pass: OpenPass, tools: Tools, victim: Victim, chance: Chance): Promise<readonly Injected[]> {
  const record: Injected[] = [];
  const { kind } = victim;
  const peer = targetAt(victim.placed, victim.k);
  while (await heldBefore(pass, victim, chance.until)) {
    await sleep(REST_MS[0] + chance.random() * (REST_MS[1] - REST_MS[0]));
    if (Date.now() > chance.until) break;
    const choice = kind.faults.filter(({ harm: how }) => !(isOfPath(how) && isOfPath(record.at(-1)?.fault.harm)));
    const fault = choice[Math.floor(chance.random() * choice.length)]!;
    record.push({ kind: kind.name, peer, fault, at: Date.now() });
    await harm(pass, tools, victim, fault);
    const ended = await endedInTime(pass, victim, record.length);
    heal(tools, victim, fault.harm);
    if (!ended) break;
  }
  return record;
}

/**
 * Never two faults of the path in a row: the handshake of the connection between them was delayed by the first, so the
 * kernel takes its round trip for seconds, and its patience for minutes.
 */
function isOfPath(how: Harm | undefined): boolean {
  return how !== undefined && ('firewall' in how || 'route' in how);
}

async function heldBefore(pass: OpenPass, victim: Victim, until: number): Promise<boolean> {
  while (Date.now() < until) {
    if (eventsOf(pass, victim).at(-1)?.type === 'connected') return true;
    await sleep(LOOK_MS);
  }
  return false;
}

async function endedInTime(pass: OpenPass, victim: Victim, ends: number): Promise<boolean> {
  const deadline = Date.now() + NO_END_MS;
  const seen = (): number => eventsOf(pass, victim).filter(({ type }) => type === 'disconnected').length;
  while (seen() < ends) {
    if (Date.now() > deadline) return false;
    await sleep(LOOK_MS);
  }
  return true;
}

async function harm({ server }: OpenPass, tools: Tools, victim: Victim, { harm: how }: MixedFault): Promise<void> {
  const { place } = victim.placed;
  const address = addressOf(place, 'daemon', victim.k);
  if ('server' in how) await server.inject(place.index, [slotOf('daemon', victim.k)], how.server);
  else if ('firewall' in how) tools[placeOf(how.firewall)](`nft add element inet lab ${how.firewall} { ${address} }`);
  else if ('route' in how) tools.client(`ip route del ${address}`);
  else tools.client(`ss -t -K dst ${address}`);
}

function heal(tools: Tools, { placed, k }: Victim, how: Harm): void {
  const address = addressOf(placed.place, 'daemon', k);
  if ('firewall' in how) tools[placeOf(how.firewall)](`nft delete element inet lab ${how.firewall} { ${address} }`);
  if ('route' in how) tools.client(`ip route add ${routeTo(address)}`);
}

const routeTo = (address: string): string => `${address} via 10.77.1.1`;

/** A route for each peer instead of one for each kind: so that it can go without the others'. */
function routeEach(network: Network, victims: readonly Victim[]): void {
  const each = victims.map(({ placed, k }) => `route add ${routeTo(addressOf(placed.place, 'daemon', k))}`);
  const shared = new Set(victims.map(({ placed }) => `route del ${subnetOf(placed.place)}`));
  network.run('client', ['ip', '-batch', '-'], `${[...each, ...shared].join('\n')}\n`);
}

/** A shell in each namespace that does one command after the other: without a new process for entering it each time. */
type Tools = { readonly client: (command: string) => void; readonly middlebox: (command: string) => void };

function startTools(network: Network): Tools {
  const shell = (place: 'client' | 'middlebox') => {
    const child: ChildProcess = network.start(place, ['sh'], 'pipe');
    child.stdout!.resume();
    return (command: string): void => void child.stdin!.write(`${command}\n`);
  };
  return { client: shell('client'), middlebox: shell('middlebox') };
}
