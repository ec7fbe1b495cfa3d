import { LineInterpolation } from '@grafana/grafana-foundation-sdk/common';
import { coloursByName } from '../blocks/overrides.ts';
import { lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { selector } from '../blocks/selector.ts';

const own = (family: string): string => selector(family, 'daemon');

/** Whether Prometheus reaches each process, and which configuration it runs on. */
export const reachableAndLoaded = lines({
  title: 'Is it scraped, is its configuration good?',
  description:
    'scraped: Prometheus reached it. configuration: the last load succeeded. Both should be 1 for every process. The others are the share of processes on each configuration, by the first 12 digits of its sha256: more than one line means that they differ.',
  unit: 'none',
})
  .lineInterpolation(LineInterpolation.StepAfter)
  .fillOpacity(0)
  .lineWidth(2)
  .min(0)
  .max(1)
  .decimals(0)
  .overrides(coloursByName({ scraped: 'green', 'configuration loaded': 'purple' }))
  .withTarget(overTime(`avg(${own('up')})`, 'scraped'))
  .withTarget(overTime(`avg(${own('finrst_config_last_reload_successful')})`, 'configuration loaded'))
  .withTarget(
    overTime(
      `count by (sha256) (${own('finrst_config_info')}) / ignoring (sha256) group_left () count(${own('finrst_config_info')})`,
      '{{sha256}}',
    ),
  );
