import { coloursByName } from '../blocks/overrides.ts';
import {
  CALM_COLOUR,
  CONNECTED_INK,
  NOT_CONNECTED_COLOUR,
  NOT_TRIED_COLOUR,
  SEVERITY_COLOURS,
} from '../blocks/palette.ts';
import { areas, bars, byThresholds, lines, steps, tiles } from '../blocks/panels.ts';
import { quantile } from '../blocks/histograms.ts';
import { now, overTime } from '../blocks/queries.ts';
import { inStep, ofGroups, selector } from '../blocks/selector.ts';

/** Each shard finds all targets: what is no peer of anybody is counted by each of them. */
const SEEN_BY_ALL = `sum by (state) (max by (cluster, job, group, state) (${ofGroups('finrst_sd_targets', 'state=~"dropped|invalid|duplicate"')}))`;

/** What became of the targets. */
export const targetsByState = areas({
  title: 'Targets by what became of them',
  description:
    'active: a peer is made of it, in one of the shards where there are several. lingering: it vanished, and its connection may go on a while. dropped: a relabel rule left it out. invalid: it cannot be a peer, the log and /api/v1/targets say why. duplicate: another target is the same peer.',
  unit: 'none',
})
  .overrides(
    coloursByName({
      active: CONNECTED_INK,
      lingering: 'light-yellow',
      dropped: NOT_TRIED_COLOUR,
      duplicate: CALM_COLOUR,
      invalid: SEVERITY_COLOURS.warning,
    }),
  )
  .withTarget(overTime(`sum by (state) (${ofGroups('finrst_sd_targets', 'state=~"active|lingering"')})`, '{{state}}'))
  .withTarget(overTime(SEEN_BY_ALL, '{{state}}'));

/** What is wrong with discovery now. */
export const discoveryTroubles = tiles({
  title: 'Sources that fail, groups over their limit',
  description:
    'Sources that cannot be read now: their targets of before stay. Groups with more targets than target_limit: their peers of before stay.',
  unit: 'none',
})
  .decimals(0)
  .thresholds(
    steps([
      [null, CALM_COLOUR],
      [1, NOT_CONNECTED_COLOUR],
    ]),
  )
  .colorScheme(byThresholds())
  .withTarget(
    now(`count(min by (cluster, job, group, mechanism) (${ofGroups('finrst_sd_up')}) == 0) or vector(0)`, 'failing'),
  )
  .withTarget(
    now(
      `count(max by (cluster, job, group) (${ofGroups('finrst_sd_limit_exceeded')}) == 1) or vector(0)`,
      'over target_limit',
    ),
  );

/** How old what is known may be. */
export const sinceLastSuccess = lines({
  title: 'Since a source was last read',
  description: 'Of the oldest source of each group and mechanism. A Kubernetes source in sync counts as read now.',
  unit: 's',
})
  .min(0)
  .withTarget(
    overTime(
      `time() - min by (cluster, group, mechanism) (${ofGroups('finrst_sd_last_success_timestamp_seconds')} > 0)`,
      '{{group}} {{mechanism}} {{cluster}}',
    ),
  );

/** Looks at sources. */
export const sourceReads = bars({
  title: 'Sources read, and changes applied',
  description: 'In each step of the chart: reads by outcome, and changed sets of targets that reached the peers.',
})
  .overrides(coloursByName({ ok: CONNECTED_INK, failed: NOT_CONNECTED_COLOUR, 'changes applied': CALM_COLOUR }))
  .withTarget(overTime(`sum by (outcome) (${inStep(ofGroups('finrst_sd_refreshes_total'))})`, '{{outcome}}'))
  .withTarget(overTime(`sum(${inStep(ofGroups('finrst_sd_updates_total'))})`, 'changes applied'));

/** How long sources take. */
export const readDuration = lines({
  title: 'Time to read a source, 99th percentile',
  description: 'From the first request or look until all of its targets are known, by mechanism.',
  unit: 's',
})
  .min(0)
  .withTarget(
    overTime(
      quantile(0.99, 'mechanism', {
        family: 'finrst_sd_refresh_duration_seconds',
        scope: 'daemon',
        window: '$__rate_interval',
      }),
      '{{mechanism}}',
    ),
  );

/** What Kubernetes is asked, and says. */
export const kubernetesRequests = bars({
  title: 'Requests to Kubernetes API servers, and objects that changed',
  description: 'In each step of the chart: requests by outcome, objects by what happened to them.',
})
  .withTarget(
    overTime(
      `sum by (outcome) (${inStep(selector('finrst_sd_kubernetes_requests_total', 'daemon'))})`,
      'request {{outcome}}',
    ),
  )
  .withTarget(
    overTime(`sum by (event) (${inStep(selector('finrst_sd_kubernetes_events_total', 'daemon'))})`, 'object {{event}}'),
  );
