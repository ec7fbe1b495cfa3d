import { PanelBuilder as BarGaugePanel } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  HeatmapCellLayout,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellHeight,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  PanelBuilder as HeatmapPanel,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { CHARTED_LIMITS } from './known-limits.ts';
import { PEER_STATE_MAPPINGS } from './peer-state.ts';
import { PROMETHEUS } from './variables.ts';

/** What every panel says about itself. `description` is what the reader gets who asks "what am I looking at?". */
export type PanelText = { readonly title: string; readonly description: string; readonly unit: string };

type Common<Builder> = {
  title(title: string): Builder;
  description(description: string): Builder;
  unit(unit: string): Builder;
  datasource(datasource: { type: string; uid: string }): Builder;
};

function described<Builder extends Common<Builder>>(panel: Builder, { title, description, unit }: PanelText): Builder {
  return panel
    .title(title)
    .description(description)
    .unit(unit)
    .datasource({ ...PROMETHEUS });
}

const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([]);

const allSeriesTooltip = (): VizTooltipOptionsBuilder =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);

/** Lines over time. A gap stays a gap: a dead exporter must not look like a steady value. */
export function lines(text: PanelText): TimeSeriesPanel {
  return described(new TimeSeriesPanel(), text)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend())
    .tooltip(allSeriesTooltip());
}

/** So many bars or cells that each is wide enough to be seen, also when it stands for one end in six hours. */
const MOST_STEPS = 200;

/** Stacked bars over time, for things that happen: how many in each step of the chart, in whole numbers. */
export function bars(text: Omit<PanelText, 'unit'>): TimeSeriesPanel {
  return lines({ ...text, unit: 'none' })
    .decimals(0)
    .maxDataPoints(MOST_STEPS)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(90)
    .min(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/** Areas over time that add up to a whole. */
export function areas(text: PanelText): TimeSeriesPanel {
  return lines(text)
    .lineInterpolation(LineInterpolation.StepAfter)
    .lineWidth(0)
    .fillOpacity(75)
    .min(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/**
 * How long something has lasted, a tooth for each time. A dashed line stands at each well-known idle limit that the chart
 * reaches; the first one always shows.
 */
export function teeth(text: Omit<PanelText, 'unit'>): TimeSeriesPanel {
  return lines({ ...text, unit: 's' })
    .min(0)
    .axisSoftMax(70)
    .lineWidth(2)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
    .thresholds(
      steps([
        [null, 'transparent'],
        ...CHARTED_LIMITS.map(({ seconds }): [number, string] => [seconds, 'dark-orange']),
      ]),
    );
}

/** Threshold steps: from this value on, this colour. The first value is null: from below. */
export function steps(values: readonly (readonly [number | null, string])[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(values.map(([value, color]) => ({ value, color })));
}

export function byThresholds(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

export function always(colour: string): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(colour);
}

/** One or few big values. */
export function stat(text: PanelText): StatPanel {
  return described(new StatPanel(), text)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto);
}

/** A coloured tile for each value: what a glance from across the room should catch. */
export function tiles(text: PanelText): StatPanel {
  return stat(text).colorMode(BigValueColorMode.Background).textMode(BigValueTextMode.ValueAndName);
}

/** Horizontal bars, one per series, largest first when the query sorts. */
export function ranking(text: PanelText): BarGaugePanel {
  return described(new BarGaugePanel(), text)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(false)
    .sizing(BarGaugeSizing.Auto)
    .minVizHeight(8)
    .maxVizHeight(26)
    .min(0)
    .decimals(0);
}

/** One row per peer, in the colours of the classes. */
export function peerTimeline(text: Omit<PanelText, 'unit'>): StateTimelinePanel {
  return described(new StateTimelinePanel(), { ...text, unit: 'none' })
    .mappings(PEER_STATE_MAPPINGS)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .lineWidth(0)
    .fillOpacity(100)
    .rowHeight(0.86)
    .spanNulls(false)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None));
}

/** Rows and columns. */
export function table(text: PanelText): TablePanel {
  return described(new TablePanel(), text).cellHeight(TableCellHeight.Sm).decimals(0);
}

/** Histogram buckets over time. The unit of the values is a count, that of the rows is seconds. */
export function heat(text: Omit<PanelText, 'unit'>): HeatmapPanel {
  return described(new HeatmapPanel(), { ...text, unit: 'none' })
    .maxDataPoints(MOST_STEPS)
    .calculate(false)
    .cellGap(1)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .fill('dark-orange')
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
    .yAxis(new YAxisConfigBuilder().unit('s').axisPlacement(AxisPlacement.Left))
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true))
    .showLegend();
}
