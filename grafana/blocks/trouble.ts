import { PEER, selector, type Scope } from './selector.ts';

/** Beyond any number of ends or failures in a range, and still exact in a float beside them. */
const DOWN_WEIGHT = 1e10;
const END_WEIGHT = 1e5;

/**
 * How often it happened to each peer since the start of the range, or since Finrst started again. Two samples of each series,
 * where `increase()` reads all of them: a thousand peers are put in order here whenever the dashboard refreshes.
 */
function sinceStart(family: string, scope: Scope): string {
  const total = (ago: string): string => `sum by (${PEER}) (${selector(family, scope)}${ago})`;
  return `(${total('')} - ${total(' offset $__range')} >= 0 or ${total('')})`;
}

/**
 * A number to sort by and not to read: peers that are down now come first, then those with the most ends of every class (a
 * peer that closes in order every few seconds is in trouble as well), then those with the most failed connects. It is 0 for a
 * peer with none of it. A peer that was not tried yet has none,
 * and one that is gone as announced has none.
 */
export function worstFirst(scope: 'groups' | 'worst'): string {
  const up = `max by (${PEER}) (${selector('finrst_peer_up', scope)})`;
  const isDown = `${up} == bool 0 unless max by (${PEER}) (${selector('finrst_peer_announced', scope)}) > ${up}`;
  return `${DOWN_WEIGHT} * (${isDown})
    + ${END_WEIGHT} * ${sinceStart('finrst_disconnects_total', scope)}
    + ${sinceStart('finrst_connect_failures_total', scope)}`;
}
