import { BigValueTextMode, VizTextDisplayOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { coloursByName } from '../blocks/overrides.ts';
import { SEVERITY_COLOURS } from '../blocks/palette.ts';
import { always, stat, tiles } from '../blocks/panels.ts';
import { now } from '../blocks/queries.ts';
import { firing } from '../blocks/selector.ts';
import { ZERO_IS_CALM } from '../blocks/value-mappings.ts';

const count = (severity: string): string =>
  `count(${firing(`alertname=~"Finrst.+", severity="${severity}"`)}) or vector(0)`;

/** The alerts that want someone. */
export const alertsFiring = tiles({
  title: 'Alerts firing',
  description:
    'Alerts of the rules that ship with Finrst that fire now and want someone. They are listed at the bottom.',
  unit: 'none',
})
  .decimals(0)
  .mappings(ZERO_IS_CALM)
  .overrides(coloursByName({ critical: SEVERITY_COLOURS.critical, warning: SEVERITY_COLOURS.warning }))
  .withTarget(now(count('critical'), 'critical'))
  .withTarget(now(count('warning'), 'warning'));

/** Those that are only there to be read beside the others. */
export const infoFiring = stat({
  title: 'Info',
  description: 'Alerts of severity info that fire now: nobody has to act on them, they say more about the others.',
  unit: 'none',
})
  .decimals(0)
  .textMode(BigValueTextMode.Value)
  .text(new VizTextDisplayOptionsBuilder().valueSize(18))
  .colorScheme(always(SEVERITY_COLOURS.info))
  .withTarget(now(count('info'), 'info'));
