import { selector } from './selector.ts';

/**
 * How much happened to each peer in the range: ends of every class and failed connects. Clean ends count too, for a peer
 * that closes in order every few seconds is in trouble as well.
 *
 * @param at `range`: at the end of the range, for lists. `end`: the same number at every point of a chart.
 */
export function trouble(at: 'range' | 'end'): string {
  const modifier = at === 'end' ? ' @ end()' : '';
  const inRange = (family: string): string =>
    `sum by (group, peer) (increase(${selector(family, 'groups')}[$__range]${modifier}))`;
  return `(${inRange('finrst_disconnects_total')} + on (group, peer) ${inRange('finrst_connect_failures_total')})`;
}
