import { selector } from './selector.ts';

/**
 * How much happened to each peer in the range: ends of every class and failed connects. Clean ends count too, for a peer
 * that closes in order every few seconds is in trouble as well.
 * It is taken at the end of the range, so that it is one number for a whole chart.
 */
export function trouble(): string {
  const inRange = (family: string): string =>
    `sum by (group, peer) (increase(${selector(family, 'groups')}[$__range] @ end()))`;
  return `(${inRange('finrst_disconnects_total')} + on (group, peer) ${inRange('finrst_connect_failures_total')})`;
}

/** Beyond any number of ends or failures in a range, and still exact in a float beside them. */
const DOWN_WEIGHS = 1e10;
const END_WEIGHS = 1e5;

/**
 * A number to sort by and not to read: peers that are down now come first, then those with the most ends, then those with
 * the most failed connects. Peers with none of it have no value.
 */
export function worstFirst(): string {
  const inRange = (family: string): string =>
    `sum by (group, peer) (increase(${selector(family, 'groups')}[$__range]))`;
  return `(${DOWN_WEIGHS} * (1 - max by (group, peer) (${selector('finrst_peer_up', 'groups')}))
    + on (group, peer) ${END_WEIGHS} * ${inRange('finrst_disconnects_total')}
    + on (group, peer) ${inRange('finrst_connect_failures_total')}) > 0`;
}
