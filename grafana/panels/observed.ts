import { quantile } from '../blocks/histograms.ts';
import { colourByRegexp, coloursByName } from '../blocks/overrides.ts';
import { CALM_COLOUR, CLASS_COLOURS, CONNECTED_INK, NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { bars, lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, ofGroups, selector } from '../blocks/selector.ts';

/** Groups that are observed. */
const OBSERVED = `group by (cluster, job, group) (${ofGroups('finrst_observed_connections')})`;

/** What applications hold, and what none of them closes. */
export const observedConnections = lines({
  title: 'Connections of applications',
  description:
    'Of groups with `observe`: connections that processes of the watched hosts have established, and those that the peer has closed and the process has not, which is a leak. /api/v1/observed lists them with their processes.',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .withTarget(overTime(`sum by (cluster, group) (${ofGroups('finrst_observed_connections')})`, '{{group}} {{cluster}}'))
  .withTarget(
    overTime(
      `sum by (cluster, group) (${ofGroups('finrst_observed_close_wait')}) > 0`,
      '{{group}} {{cluster}} not closed',
    ),
  );

/** How long a process has not noticed that its peer is gone. */
export const longestNotClosed = lines({
  title: 'Longest not closed by its process',
  description: 'How long ago the peer closed the oldest connection that its process still has: FinrstCloseWaitLeak.',
  unit: 's',
})
  .min(0)
  .withTarget(
    overTime(
      `max by (cluster, group) (${ofGroups('finrst_observed_close_wait_oldest_seconds')})`,
      '{{group}} {{cluster}}',
    ),
  );

/** Theirs. */
export const observedEnds = bars({
  title: 'Ends of connections of applications, by class',
  description:
    'In each step of the chart. Beside it stand the ends of our own connections to the same groups: where theirs end and ours do not, look at the application; where both do, at the path or the peer.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofGroups('finrst_observed_ends_total'))})`, '{{class}}'));

/** Ours. */
export const heldEndsOfObserved = bars({
  title: 'Ends of ours in the same groups, by class',
  description: 'In each step of the chart, of groups with `observe` alone.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(
    overTime(
      `sum by (class) (${inStep(ofGroups('finrst_disconnects_by_reason_total'))} and on (cluster, job, group) ${OBSERVED})`,
      '{{class}}',
    ),
  );

/** Why. */
export const observedReasons = bars({
  title: 'Why connections of applications ended',
  description: 'In each step of the chart, by class and reason; `finrst explain REASON` says what each means.',
})
  .overrides(Object.entries(CLASS_COLOURS).map(([name, colour]) => colourByRegexp(`/^${name}: /`, colour)))
  .withTarget(
    overTime(
      `sum by (class, reason) (${inStep(ofGroups('finrst_observed_ends_by_reason_total'))}) > 0`,
      '{{class}}: {{reason}}',
    ),
  );

/** What applications try, and what is sent again. */
export const observedAttempts = bars({
  title: 'Connects of applications, and what was sent again',
  description: 'In each step of the chart: connects, attempts that became no connection, and retransmitted segments.',
})
  .overrides(
    coloursByName({ connected: CONNECTED_INK, 'attempt failed': NOT_CONNECTED_COLOUR, retransmits: CALM_COLOUR }),
  )
  .withTarget(overTime(`sum(${inStep(ofGroups('finrst_observed_connects_total'))})`, 'connected'))
  .withTarget(overTime(`sum(${inStep(ofGroups('finrst_observed_connect_failures_total'))})`, 'attempt failed'))
  .withTarget(overTime(`sum(${inStep(ofGroups('finrst_observed_retransmits_total'))})`, 'retransmits'));

/** How old they get. */
export const observedAges = lines({
  title: 'Age of connections of applications at their end, median',
  description: 'By group; those that existed before they were observed are left out.',
  unit: 's',
})
  .min(0)
  .withTarget(
    overTime(
      quantile(0.5, 'cluster, group', {
        family: 'finrst_observed_duration_seconds',
        scope: 'groups',
        window: '$__rate_interval',
      }),
      '{{group}} {{cluster}}',
    ),
  );

/** Whether the applications can be watched, and what of them was missed. */
export const observer = lines({
  title: 'Observer: works, and what it missed',
  description:
    'works: 1 while connections of other processes are observed, 0 where that fails; nothing where no group has `observe`. Lines of the kernel that were lost, and connections that were gone without one, in each step of the chart.',
  unit: 'none',
})
  .min(0)
  .noValue('Shown where a group has observe.')
  .withTarget(overTime(`min(${selector('finrst_observer_up', 'daemon')})`, 'works'))
  .withTarget(overTime(`sum(${inStep(selector('finrst_observer_lost_events_total', 'daemon'))})`, 'lines lost'))
  .withTarget(overTime(`sum(${inStep(selector('finrst_observer_lost_ends_total', 'daemon'))})`, 'ends lost'));
