import type { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { byThresholds, stat, steps } from '../blocks/panels.ts';
import { now } from '../blocks/queries.ts';
import { PEER, type Scope, selector } from '../blocks/selector.ts';

/** The objective of the alert FinrstPeerErrorBudgetBurn. */
export const CONNECTED_OBJECTIVE = 0.999;

/** Not sampled: the counter has what falls between two scrapes. Extrapolation may go beyond either end. */
export function shareOfTime(scope: Scope, by = ''): string {
  const down = `max by (${PEER}) (rate(${selector('finrst_peer_down_seconds_total', scope)}[$__range]))`;
  return `clamp(1 - avg${by === '' ? '' : ` by (${by})`} (${down}), 0, 1)`;
}

/** The share of the selected range that the selected peers were connected. */
export function timeConnected(scope: 'groups' | 'peer'): StatPanel {
  return stat({
    title: 'Time connected',
    description:
      'Share of the selected range that peers were connected, averaged over all peers, outages between two scrapes included. Purple below 99.9 %.',
    unit: 'percentunit',
  })
    .decimals(1)
    .thresholds(
      steps([
        [null, NOT_CONNECTED_COLOUR],
        [CONNECTED_OBJECTIVE, 'text'],
      ]),
    )
    .colorScheme(byThresholds())
    .withTarget(now(shareOfTime(scope), 'time connected'));
}
