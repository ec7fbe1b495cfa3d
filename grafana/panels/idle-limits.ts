import { between, count, type HistogramQuery } from '../blocks/histograms.ts';
import { CHARTED_LIMITS, IN_NO_LIMIT } from '../blocks/known-limits.ts';
import { colourByName } from '../blocks/overrides.ts';
import { always, ranking } from '../blocks/panels.ts';
import { now } from '../blocks/queries.ts';

const IDLE: HistogramQuery = {
  family: 'finrst_idle_at_disconnect_seconds',
  scope: 'groups',
  further: 'class!="local"',
  window: '$__range',
};

const named = (name: string, expr: string): string => `label_replace(${expr}, "limit", "${name}", "", "")`;

const ALL_ENDS = 'all ends';

const expr = [
  named(ALL_ENDS, count(IDLE)),
  ...CHARTED_LIMITS.map(({ from, upTo, whose }) => named(`${from}–${upTo} s: ${whose}`, between(IDLE, from, upTo))),
].join(' or ');

/** Only the limits that something ended at: two dozen bars of 0 hide the one that matters. */
export const idleLimits = ranking({
  title: 'Idle at disconnect: whose limit was it?',
  description:
    'How many connections ended after about as long without a received byte as a well-known limit, in the selected range, beside all that ended. A limit that nothing ended at is not listed.',
  unit: 'none',
})
  .noValue('No connection has ended.')
  .colorScheme(always('dark-orange'))
  .overrides([colourByName(ALL_ENDS, IN_NO_LIMIT)])
  .withTarget(now(`sort_desc((${expr}) > 0.5)`, '{{limit}}'));
