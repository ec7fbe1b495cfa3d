import { lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { ofGroups } from '../blocks/selector.ts';

/** How long paths tolerate silence, beside what the settings allow. */
export const toleratedSilence = lines({
  title: 'Silence: what paths tolerate, and what the settings allow',
  description:
    'Of groups with `silence`: the shortest silence that a path to their peers forgot a connection after, the longest that all survived, and the longest without a packet that their keepalive and heartbeat allow. Where the last is not the lowest, connections die unseen: FinrstKeepaliveTooSlow. Nothing is drawn where neither is on.',
  unit: 's',
})
  .min(0)
  .withTarget(
    overTime(`min by (cluster, group) (${ofGroups('finrst_silence_fatal_seconds')})`, '{{group}} forgotten after'),
  )
  .withTarget(
    overTime(`min by (cluster, group) (${ofGroups('finrst_silence_survived_seconds')})`, '{{group}} survived'),
  )
  .withTarget(
    overTime(`max by (cluster, group) (${ofGroups('finrst_silence_configured_seconds')}) < Inf`, '{{group}} allowed'),
  );
