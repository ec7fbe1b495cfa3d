import { colourByRegexp } from '../blocks/overrides.ts';
import { CLASS_COLOURS } from '../blocks/palette.ts';
import { ranking } from '../blocks/panels.ts';
import { now } from '../blocks/queries.ts';
import { selector } from '../blocks/selector.ts';

const ends = selector('finrst_peer_disconnects_by_reason_total', 'peer');

/**
 * A series of it appears with the first end of that reason, to which `increase()` is blind. What there was no series of at the
 * start of the range has all happened since, or since Finrst started.
 */
const inRange = `(${ends} - ${ends} offset $__range >= 0 or ${ends})`;

/** How the connections of this one peer ended. */
export const reasonsOfPeer = ranking({
  title: 'Reasons of this peer',
  description:
    'Disconnects of this peer in the selected range by reason, in the colour of their class. Needs detail: full.',
  unit: 'none',
})
  .noValue('None, or metrics.detail is not full.')
  .overrides(Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(now(`sort_desc(sum by (class, reason) ${inRange} > 0)`, '{{class}}: {{reason}}'));
