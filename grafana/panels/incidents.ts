import { bars, lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

/** How many run. */
export const incidentsRunning = lines({
  title: 'Incidents that run',
  description:
    'Connections of several peers broke at the same moment, and most of the peers are not back. /api/v1/incidents has each in one sentence: who, why, what they share, where to look.',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .withTarget(
    overTime(
      `sum by (cluster, instance) (${selector('finrst_incident_active', 'daemon')})`,
      '{{instance}} {{cluster}}',
    ),
  );

/** What their peers shared. */
export const incidentsByScope = bars({
  title: 'Incidents over, by what their peers share',
  description:
    'In each step of the chart: a group, one value of a target label, a network, or all peers of the process. Counted when they are over.',
}).withTarget(overTime(`sum by (scope) (${inStep(selector('finrst_incidents_total', 'daemon'))})`, '{{scope}}'));
