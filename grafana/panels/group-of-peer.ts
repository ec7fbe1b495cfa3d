import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { buckets, quantile } from '../blocks/histograms.ts';
import { ageRows } from '../blocks/known-limits.ts';
import { colourByRegexp, coloursByName } from '../blocks/overrides.ts';
import { CLASS_COLOURS, PHASE_COLOURS } from '../blocks/palette.ts';
import { bars, heat, lines, ranking } from '../blocks/panels.ts';
import { bucketsOverTime, now, overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

const ofGroup = (family: string, further?: string): string => selector(family, 'group', further);

/** How the connections of all peers of the group ended. */
export const groupReasons = ranking({
  title: 'Reasons in the group',
  description: 'Ends of all peers of this group in the selected range: is it this peer or all of them?',
  unit: 'none',
})
  .overrides(Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(
    now(
      `sort_desc(sum by (class, reason) (increase(${ofGroup('finrst_disconnects_by_reason_total')}[$__range])) > 0.5)`,
      '{{class}}: {{reason}}',
    ),
  )
  .withTarget(
    now(
      `sort_desc(sum by (reason) (increase(${ofGroup('finrst_local_closes_total')}[$__range])) > 0.5)`,
      'local: {{reason}}',
    ),
  );

/** The same over time, each end with its exemplar. */
export const groupEnds = bars({
  title: 'Ends in the group, with exemplars',
  description:
    'Ends of all peers of this group in each step of the chart, by class and reason. Each dot is one end that left a span; click it to open the trace.',
})
  .overrides(Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(
    overTime(
      `sum by (class, reason) (${inStep(ofGroup('finrst_disconnects_by_reason_total'))}) > 0`,
      '{{class}}: {{reason}}',
    ),
  );

/** How idle the connections of the group were at their end. */
export const groupIdle = heat({
  title: 'Idle at disconnect in the group',
  description:
    'Time since the last received byte when connections of this group ended. The marked rows hold the well-known limits.',
})
  .withTransformation(ageRows())
  .withTarget(
    bucketsOverTime(
      buckets({
        family: 'finrst_idle_at_disconnect_seconds',
        scope: 'group',
        further: 'class!="local"',
        window: '$__rate_interval',
      }),
    ),
  );

/** How long each step of a connect takes in the group. */
export const groupPhases = lines({
  title: 'Connect phases in the group, p95',
  description:
    'How long each step of a successful connect took for 95 % of them: dns, tcp, tls, protocol, and the whole. Each dot is one connect that left a span.',
  unit: 's',
})
  .min(0)
  .showPoints(VisibilityMode.Auto)
  .overrides(coloursByName(PHASE_COLOURS))
  .withTarget(
    overTime(
      quantile(0.95, 'phase', {
        family: 'finrst_connect_duration_seconds',
        scope: 'group',
        window: '$__rate_interval',
      }),
      '{{phase}}',
    ),
  );
