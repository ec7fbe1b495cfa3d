import { setTimeout as sleep } from 'node:timers/promises';
import { backendsOf, linkOf, slotOf, subnetOf, type Client } from './addresses.ts';
import type { FaultServer } from './fault-server.ts';
import { placeOf } from './firewall.ts';
import type { Network } from './network.ts';
import { addressesOf, repeats, type Placed } from './pass-config.ts';
import type { Scenario, Step } from './scenario.ts';

export type Stage = {
  readonly network: Network;
  readonly server: FaultServer;
  /** Puts other settings of a scenario's group in force; absent before the daemon runs. */
  readonly reload?: (placed: Placed, settings: Readonly<Record<string, unknown>>) => Promise<void>;
};

/** Wall-clock ms of the injection per repeat; null where the fault was there from the start. */
export type Injections = readonly (number | null)[];

/** Between one repeat's fault and the next: a burst would measure the burst. */
const SPACING_MS = 20;
/** Time for the byte that starts the keepalive clocks to arrive and be acknowledged. */
const SYNC_MS = 100;

/** Does the steps in order and says when each repeat's fault was injected: at the last step that is not a wait. */
export async function performSteps(stage: Stage, placed: Placed, steps: readonly Step[]): Promise<Injections> {
  let injections: Injections = repeats(placed.scenario).map(() => null);
  for (const step of steps) injections = (await performStep(stage, placed, step)) ?? injections;
  return injections;
}

async function performStep({ network, server, reload }: Stage, placed: Placed, step: Step): Promise<Injections | null> {
  const { scenario, place } = placed;
  const all = repeats(scenario);
  if ('wait' in step) {
    await sleep(step.wait);
    return null;
  }
  if ('server' in step) return injectEach(server, placed, step.server);
  const now = Date.now();
  const atOnce = all.map(() => now);
  if ('sync' in step) {
    for (const k of all) await server.inject(place.index, slots(scenario, k), ['write 1']);
    await sleep(SYNC_MS);
  } else if ('killSockets' in step) {
    return killEach(network, placed, step.killSockets);
  } else if ('dns' in step) {
    for (const k of all) await server.name(...step.dns(k, addressesOf(placed)));
  } else if ('run' in step) {
    network.run(
      step.in,
      step.run.map((word) => inPlaceOf(word, place)),
    );
  } else if ('reload' in step) {
    await reload!(placed, step.reload);
  } else {
    const [verb, set] = 'heal' in step ? (['delete', step.heal] as const) : (['add', step.firewall] as const);
    const name = place.family === 'ipv4' ? set : `${set}_6`;
    network.run(placeOf(set), ['nft', `${verb} element inet lab ${name} { ${subnetOf(place)} }`]);
  }
  return atOnce;
}

function inPlaceOf(word: string, place: Placed['place']): string {
  const link = linkOf(place);
  return word
    .replace('SUBNET', subnetOf(place))
    .replace('BACKENDS', backendsOf(place))
    .replace('LINK', link.name)
    .replace('GATEWAY', link.gateway);
}

/** The twin's socket first: what the order costs is charged to the daemon. */
function clientsOf(scenario: Scenario): readonly Client[] {
  const order: readonly Client[] = ['twin', 'daemon', 'plainCurrent', 'plainOld'];
  return order.filter((client) =>
    client === 'twin' ? scenario.twin !== false : client === 'daemon' || scenario.plain !== false,
  );
}

function slots(scenario: Scenario, k: number): readonly number[] {
  return clientsOf(scenario).map((client) => slotOf(client, k));
}

/** The server does `ops` to one repeat after the other; those not chosen are left alone. */
export async function injectEach(
  server: FaultServer,
  { scenario, place }: Placed,
  ops: readonly string[],
  chosen: (k: number) => boolean = () => true,
): Promise<Injections> {
  const times: (number | null)[] = repeats(scenario).map(() => null);
  for (const k of repeats(scenario).filter(chosen)) {
    times[k] = await server.inject(place.index, slots(scenario, k), ops);
    await sleep(SPACING_MS);
  }
  return times;
}

async function killEach(network: Network, placed: Placed, where: 'client' | 'server'): Promise<Injections> {
  const at = addressesOf(placed);
  const times: number[] = [];
  for (const k of repeats(placed.scenario)) {
    const far = where === 'client' ? 'dst' : 'src';
    const filter = clientsOf(placed.scenario).flatMap((client, n) => [
      ...(n === 0 ? [] : ['or']),
      far,
      bracketed(at(client, k)),
    ]);
    times.push(Date.now());
    network.run(where, ['ss', '-K', ...filter]);
    await sleep(SPACING_MS);
  }
  return times;
}

/** ss takes the last part of a bare IPv6 address for a port. */
function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
