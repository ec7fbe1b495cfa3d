import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQueryBuilder,
  type Dashboard,
  type Panel,
  type VariableModel,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations.ts';
import { otherDashboards, TAG } from './dashboard-links.ts';

/** `id` is the panel's for ever: links to a single panel carry it. `width` counts in Grafana's 24 columns. */
export type PlacedPanel = { readonly id: number; readonly width: number; readonly panel: Builder<Panel> };

/** Panels side by side, or a row that is folded away until someone opens it (and queries nothing until then). */
export type Band =
  | { readonly kind: 'band'; readonly height: number; readonly panels: readonly PlacedPanel[] }
  | {
      readonly kind: 'folded';
      readonly id: number;
      readonly title: string;
      readonly height: number;
      readonly panels: readonly PlacedPanel[];
    };

export type DashboardSpec = {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  /** Beside those of every dashboard. */
  readonly annotations?: readonly AnnotationQueryBuilder[];
  readonly bands: readonly Band[];
};

/**
 * Lays the bands out from top to bottom and builds the dashboard in the classic form: the only one that files, side-cars
 * and the operator load in Grafana 11 to 13. The builder's own placement is not used: it lets a wide panel stick out.
 */
export function assemble(spec: DashboardSpec): Dashboard {
  const { uid, title, description, variables, bands } = spec;
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('1m')
    .time({ from: 'now-6h', to: 'now' })
    .readonly()
    .links([otherDashboards()])
    .variables([...variables])
    .annotations([...annotations(), ...(spec.annotations ?? [])]);
  let y = 0;
  for (const band of bands) {
    if (band.kind === 'folded') {
      dashboard.withRow(folded(band, y));
      y += 1;
    } else {
      for (const panel of beside(band.panels, y, band.height)) dashboard.withPanel(panel);
      y += band.height;
    }
  }
  return dashboard.build();
}

function folded(band: Extract<Band, { kind: 'folded' }>, y: number): RowBuilder {
  const row = new RowBuilder(band.title).id(band.id).collapsed(true).gridPos({ x: 0, y, w: 24, h: 1 });
  for (const panel of beside(band.panels, y + 1, band.height)) row.withPanel(panel);
  return row;
}

function beside(panels: readonly PlacedPanel[], y: number, height: number): Builder<Panel>[] {
  let x = 0;
  return panels.map(({ id, width, panel }) => {
    const built = panel.build();
    built.id = id;
    built.gridPos = { x, y, w: width, h: height };
    built.targets?.forEach((target, index) => {
      const query = target as { refId?: string | undefined };
      query.refId ??= 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index];
    });
    x += width;
    return { build: () => built };
  });
}
