import { PORT } from './addresses.ts';
import type { Place } from './network.ts';
import { startObserving, type Observing } from './observing.ts';
import { dialledTargets, plainTargets, twinOptions, type Placed } from './pass-config.ts';
import { startPlainClient, type PlainClient, type PlainEvent } from './plain-clients.ts';
import type { PassOptions } from './run-pass.ts';
import type { Scenario } from './scenario.ts';
import { startTwins, type TwinEnd } from './twins.ts';

export function observe(
  { network, folder, node }: PassOptions,
  placed: readonly Placed[],
  place: Place,
): Promise<Observing | null> {
  const watched = placed.filter(({ scenario }) => scenario.twin !== false || scenario.dialled !== undefined);
  // Of the rows that were asked for none may have such a client: there is nothing to observe.
  if (watched.length === 0) return Promise.resolve(null);
  return startObserving({ network, folder, node, placed: watched, place });
}

/** The attempts of a plain client, once each has ended. */
export async function dialAll(
  { network, folder, node, observed }: PassOptions,
  placed: readonly Placed[],
): Promise<readonly PlainEvent[]> {
  if (observed === null) return [];
  const client = await startPlainClient(network, { node, folder, port: PORT, targets: dialledTargets(placed, folder) });
  return client.events;
}

export async function holdTwins(
  { network, twinBinary }: PassOptions,
  placed: readonly Placed[],
): Promise<Map<Scenario, TwinEnd[]>> {
  const twins = new Map<Scenario, TwinEnd[]>();
  for (const one of placed) {
    if (one.scenario.twin === false) continue;
    twins.set(one.scenario, await startTwins(network, twinBinary, twinOptions(one)));
  }
  return twins;
}

export async function holdPlain(
  { network, folder }: PassOptions,
  runtimes: { readonly current: string; readonly old: string },
  placed: readonly Placed[],
): Promise<{ current: PlainClient; old: PlainClient }> {
  const start = (node: string, client: 'plainCurrent' | 'plainOld'): Promise<PlainClient> =>
    startPlainClient(network, { node, folder, port: PORT, targets: plainTargets(placed, client, folder) });
  return { current: await start(runtimes.current, 'plainCurrent'), old: await start(runtimes.old, 'plainOld') };
}
