import { colourOf, fieldConfig } from './field-config.ts';
import { formatValue } from './format-value.ts';
import { seriesColour } from './grafana-colours.ts';
import { escapeHtml, textWidth, type Box } from './markup.ts';
import { namedSeries, separateBuckets, type PanelData } from './panel-data.ts';

/** Horizontal bars with the name at the left and the value behind the bar. */
export function drawBarGauge(data: PanelData, box: Box): string {
  const heatmap = data.targets.some(({ asked }) => asked.format === 'heatmap');
  const series = heatmap ? separateBuckets(data) : namedSeries(data);
  const gap = series.length > 14 ? 3 : 8;
  const bar = Math.min(
    Number(data.panel.options?.['maxVizHeight'] ?? 300),
    (box.height - 8) / Math.max(1, series.length) - gap,
  );
  const size = Math.min(13, Math.max(9, bar * 0.86));
  const values = series.map(({ name, points }, index) => {
    const config = fieldConfig(data.panel, name);
    const value = points.at(-1)?.[1] ?? 0;
    return {
      name: config.displayName,
      value,
      shown: formatValue(value, config.unit, config.decimals, 0),
      colour: colourOf(config, value, seriesColour(index)),
    };
  });
  const names = Math.min(box.width * 0.5, Math.max(...values.map(({ name }) => textWidth(name, size))) + 12);
  const most = Math.max(...values.map(({ value }) => value), 1e-9);
  const rows = values.map(({ name, value, shown, colour }) => {
    const width = (box.width - names - 52) * (value / most);
    return `<div class="gauge" style="height:${bar.toFixed(1)}px;margin-bottom:${gap}px;font-size:${size.toFixed(1)}px">
<span class="name" style="width:${names.toFixed(0)}px">${escapeHtml(name)}</span><b style="width:${width.toFixed(1)}px;background:${colour}22;border-right:2px solid ${colour};background:linear-gradient(90deg, color-mix(in srgb, ${colour} 20%, transparent), color-mix(in srgb, ${colour} 60%, transparent))"></b><span style="color:${value === 0 ? '#6e6e78' : colour}">${escapeHtml(shown)}</span></div>`;
  });
  return `<div class="gauges">${rows.join('')}</div>`;
}
