import type { Network } from './network.ts';

/** TCP states of all sockets of the client namespace, by the far end's address. */
export function socketStates(network: Network): ReadonlyMap<string, readonly string[]> {
  const states = new Map<string, readonly string[]>();
  for (const line of network.run('client', ['ss', '-Htan']).split('\n')) {
    const [state, , , , peer] = line.split(/\s+/);
    if (peer === undefined) continue;
    const address = peer.slice(0, peer.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
    states.set(address, [...(states.get(address) ?? []), state!]);
  }
  return states;
}
