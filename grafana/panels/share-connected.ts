import type { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { linkToGroup } from '../blocks/dashboard-links.ts';
import { lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { ofGroups } from '../blocks/selector.ts';

const peers = (state?: string): string => `sum by (cluster, group) (${ofGroups('finrst_peers', state)})`;

/** Which groups are whole, and since when they are not. */
export function shareConnected(description: string): TimeSeriesPanel {
  return lines({ title: 'Share of peers connected, by group', description, unit: 'percentunit' })
    .min(0)
    .max(1)
    .fillOpacity(0)
    .lineWidth(2)
    .dataLinks([linkToGroup('series')])
    .withTarget(overTime(`${peers('state="established"')} / ${peers()}`, '{{group}} {{cluster}}'));
}
