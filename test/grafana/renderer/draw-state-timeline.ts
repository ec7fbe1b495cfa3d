import { rect, text, timeAxis, timeScale, type Plot } from './axes.ts';
import { colourOf, fieldConfig, mapped } from './field-config.ts';
import { css, seriesColour } from './grafana-colours.ts';
import { legendHeight, legendHtml, textWidth, type Box, type LegendEntry } from './markup.ts';
import { namedSeries, type PanelData } from './panel-data.ts';

/** One row per series; neighbours of the same value flow together, a missing point leaves a gap. */
export function drawStateTimeline(data: PanelData, box: Box): string {
  const series = namedSeries(data);
  const legend = new Map<string, LegendEntry>();
  const names = Math.min(box.width * 0.3, Math.max(...series.map(({ name }) => textWidth(name, 12)))) + 10;
  const cells = series.map(({ name, points }, index) => {
    const config = fieldConfig(data.panel, name);
    return points.map(([at, value]) => {
      const colour = colourOf(config, value, seriesColour(index));
      const label = mapped(config, value)?.text ?? name;
      legend.set(label, { name: label, colour });
      return { at, colour };
    });
  });
  const order = mappingOrder(data);
  const entries = [...legend.values()].toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  const height = box.height - legendHeight(entries, box.width);
  const plot: Plot = { left: names, top: 4, width: box.width - names - 12, height: height - 28 };
  const x = timeScale(plot, data.startSeconds, data.endSeconds);
  const row = plot.height / Math.max(1, series.length);
  const rowShare = Number(data.panel.options?.['rowHeight'] ?? 0.9);
  const width = x(data.startSeconds + data.stepSeconds) - x(data.startSeconds);
  const svg = series.map(({ name }, index) => {
    const top = plot.top + index * row + (row * (1 - rowShare)) / 2;
    const label = text(plot.left - 8, plot.top + (index + 0.5) * row + 4, name, 'end');
    const drawn = runs(cells[index] ?? [], data.stepSeconds).map(({ from, to, colour }) =>
      rect(x(from), top, Math.min(x(to) + width, plot.left + plot.width) - x(from), row * rowShare, colour),
    );
    return label + drawn.join('');
  });
  return `<svg width="${box.width}" height="${height}">${timeAxis(plot, data.startSeconds, data.endSeconds)}${svg.join('')}</svg>${legendHtml(entries)}`;
}

function mappingOrder(data: PanelData): readonly string[] {
  return fieldConfig(data.panel, '').mappings.flatMap((mapping) =>
    mapping.type === 'value' ? Object.values(mapping.options).map((result) => result.text ?? '') : [],
  );
}

type Run = { readonly from: number; readonly to: number; readonly colour: string };

function runs(cells: readonly { readonly at: number; readonly colour: string }[], step: number): readonly Run[] {
  const found: Run[] = [];
  for (const { at, colour } of cells) {
    const last = found.at(-1);
    if (last !== undefined && last.colour === colour && at - last.to <= step)
      found[found.length - 1] = { ...last, to: at };
    else found.push({ from: at, to: at, colour: css(colour) });
  }
  return found;
}
