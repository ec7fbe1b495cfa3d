import {
  line,
  linearScale,
  logScale,
  rect,
  timeAxis,
  timeScale,
  valueAxis,
  type Plot,
  type ValueScale,
} from './axes.ts';
import { annotationMarks } from './annotation-marks.ts';
import { colourOf, fieldConfig, type FieldConfig } from './field-config.ts';
import { formatValue } from './format-value.ts';
import { css, seriesColour } from './grafana-colours.ts';
import { legendHeight, legendHtml, textWidth, type Box } from './markup.ts';
import { namedSeries, type NamedSeries, type PanelData } from './panel-data.ts';

type Drawn = NamedSeries & { readonly config: FieldConfig; readonly colour: string; readonly base: readonly number[] };

/** Lines, areas or bars over time. */
export function drawTimeSeries(data: PanelData, box: Box): string {
  const drawn = prepare(data);
  const legend = drawn.map(({ config, colour }) => ({ name: config.displayName, colour }));
  const height = box.height - legendHeight(legend, box.width);
  const config = drawn[0]?.config ?? fieldConfig(data.panel, '');
  const format = (value: number): string => formatValue(value, config.unit, undefined, 0);
  const rough: Plot = { left: 0, top: 8, width: box.width - 14, height: height - 34 };
  const labelWidth = Math.max(...scaleOf(drawn, config, rough).ticks.map((tick) => textWidth(format(tick), 12)));
  const plot: Plot = { ...rough, left: labelWidth + 14, width: box.width - labelWidth - 26 };
  const scale = scaleOf(drawn, config, plot);
  const x = timeScale(plot, data.startSeconds, data.endSeconds);
  const svg = [
    timeAxis(plot, data.startSeconds, data.endSeconds),
    valueAxis(plot, scale, format),
    thresholdLines(config, plot, scale),
    ...drawn.map((series) =>
      series.config.custom['drawStyle'] === 'bars' ? barsOf(series, data, x, scale) : linesOf(series, data, x, scale),
    ),
    exemplarDots(data, drawn, x, scale, plot),
    annotationMarks(data, plot),
  ];
  return `<svg width="${box.width}" height="${height}">${svg.join('')}</svg>${legendHtml(legend)}`;
}

function prepare(data: PanelData): readonly Drawn[] {
  const sums = new Map<number, number>();
  return namedSeries(data).map((series, index) => {
    const config = fieldConfig(data.panel, series.name);
    const stacked = (config.custom['stacking'] as { mode?: string } | undefined)?.mode === 'normal';
    const base = series.points.map(([at, value]) => {
      const below = stacked ? (sums.get(at) ?? 0) : 0;
      if (stacked) sums.set(at, below + value);
      return below;
    });
    return { ...series, config, base, colour: colourOf(config, 0, seriesColour(index)) };
  });
}

function scaleOf(drawn: readonly Drawn[], config: FieldConfig, plot: Plot): ValueScale {
  const values = drawn.flatMap(({ points, base }) => points.map(([, value], index) => value + (base[index] ?? 0)));
  if ((config.custom['scaleDistribution'] as { type?: string } | undefined)?.type === 'log') {
    const positive = values.filter((value) => value > 0);
    return logScale(
      plot,
      Math.min(...positive),
      Math.max(...positive, ...config.thresholds.map(({ value }) => value ?? 0)),
    );
  }
  return linearScale(
    plot,
    Math.min(config.min ?? Infinity, 0, ...values),
    config.max ?? Math.max(Number(config.custom['axisSoftMax'] ?? 0), ...values),
    { base: config.unit === 'bytes' ? 1024 : 1000, whole: config.decimals === 0 && config.unit === 'none' },
  );
}

function linesOf(
  { points, base, config, colour }: Drawn,
  { stepSeconds }: PanelData,
  x: (at: number) => number,
  { y }: ValueScale,
): string {
  const stepped = config.custom['lineInterpolation'] === 'stepAfter';
  const opacity = Number(config.custom['fillOpacity'] ?? 0) / 100;
  let svg = '';
  for (const run of runsOf(
    points.map(([at, value], index) => ({ at, top: value + (base[index] ?? 0), bottom: base[index] ?? 0 })),
    stepSeconds,
  )) {
    const path = run.map(({ at, top }, index) => {
      const before = run[index - 1];
      const corner = stepped && before !== undefined ? `L${x(at).toFixed(1)},${y(before.top).toFixed(1)} ` : '';
      return `${index === 0 ? 'M' : `${corner}L`}${x(at).toFixed(1)},${y(top).toFixed(1)}`;
    });
    const back = run.toReversed().map(({ at, bottom }) => `L${x(at).toFixed(1)},${y(bottom).toFixed(1)}`);
    svg += `<path d="${path.join(' ')} ${back.join(' ')} Z" fill="${colour}" fill-opacity="${opacity}"/>`;
    svg += `<path d="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="${Number(config.custom['lineWidth'] ?? 1) + 0.4}"/>`;
    const lone = config.custom['showPoints'] === 'auto' || run.length === 1;
    if (lone)
      svg += run
        .map(({ at, top }) => `<circle cx="${x(at).toFixed(1)}" cy="${y(top).toFixed(1)}" r="2" fill="${colour}"/>`)
        .join('');
  }
  return svg;
}

/** Points without a missing step between them. */
function runsOf<Point extends { readonly at: number }>(
  points: readonly Point[],
  step: number,
): readonly (readonly Point[])[] {
  const runs: Point[][] = [];
  for (const point of points) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && point.at - last.at <= step * 1.5) runs.at(-1)?.push(point);
    else runs.push([point]);
  }
  return runs;
}

function barsOf(
  { points, base, colour }: Drawn,
  { stepSeconds, startSeconds }: PanelData,
  x: (at: number) => number,
  { y }: ValueScale,
): string {
  const width = Math.max(1, (x(startSeconds + stepSeconds) - x(startSeconds)) * 0.8);
  return points
    .map(([at, value], index) => {
      const bottom = base[index] ?? 0;
      return value <= 0 ? '' : rect(x(at) - width / 2, y(bottom + value), width, y(bottom) - y(bottom + value), colour);
    })
    .join('');
}

function thresholdLines({ thresholds, custom }: FieldConfig, plot: Plot, { y, ticks }: ValueScale): string {
  if ((custom['thresholdsStyle'] as { mode?: string } | undefined)?.mode !== 'dashed') return '';
  return thresholds
    .filter(({ value }) => value !== null && value <= (ticks.at(-1) ?? 0))
    .map(({ value, color }) => line(plot.left, y(value ?? 0), plot.left + plot.width, y(value ?? 0), css(color), '6 5'))
    .join('');
}

/** Grafana places an exemplar at its own value; those of counters lie at 1, so they are kept inside the chart. */
function exemplarDots(
  { targets }: PanelData,
  drawn: readonly Drawn[],
  x: (at: number) => number,
  { y, ticks }: ValueScale,
  plot: Plot,
): string {
  if (drawn.length === 0) return '';
  const dots = targets.flatMap(({ recorded }) => recorded.exemplars.flatMap(({ exemplars }) => exemplars));
  return dots
    .map(({ timestamp, value }) => {
      const top = y(Math.min(Number(value), ticks.at(-1) ?? 1));
      const [cx, cy] = [x(timestamp), Math.min(Math.max(top, plot.top), plot.top + plot.height)];
      return cx < plot.left
        ? ''
        : `<path d="M${cx.toFixed(1)} ${(cy - 3.5).toFixed(1)} l3.5 3.5 l-3.5 3.5 l-3.5 -3.5 Z" fill="#5794F2" fill-opacity="0.9"/>`;
    })
    .join('');
}
