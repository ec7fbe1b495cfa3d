import { rect, text, timeAxis, timeScale, type Plot } from './axes.ts';
import { annotationMarks } from './annotation-marks.ts';
import { formatValue } from './format-value.ts';
import { orangeScale } from './grafana-colours.ts';
import { escapeHtml, textWidth, type Box } from './markup.ts';
import { separateBuckets, type PanelData } from './panel-data.ts';

const LEGEND_PIXELS = 34;

/** Buckets as rows, time to the right, brightness for how many. Rows are named by their upper bound, at their top edge. */
export function drawHeatmap(data: PanelData, box: Box): string {
  const buckets = separateBuckets(data);
  const renamed = (data.panel.transformations?.find(({ id }) => id === 'organize')?.options['renameByName'] ??
    {}) as Record<string, string>;
  const unit = (data.panel.options?.['yAxis'] as { unit?: string } | undefined)?.unit ?? 'short';
  const labels = buckets.map(({ name }) => {
    const shown = renamed[name] ?? name;
    return Number.isFinite(Number(shown)) ? formatValue(Number(shown), unit, undefined, 0) : shown;
  });
  const names = Math.max(...labels.map((label) => textWidth(label, 11))) + 12;
  const height = box.height - LEGEND_PIXELS;
  const plot: Plot = { left: names, top: 8, width: box.width - names - 12, height: height - 34 };
  const x = timeScale(plot, data.startSeconds, data.endSeconds);
  const row = plot.height / buckets.length;
  const most = Math.max(...buckets.flatMap(({ points }) => points.map(([, count]) => count)));
  const width = x(data.startSeconds + data.stepSeconds) - x(data.startSeconds);
  const svg = buckets.flatMap(({ points }, index) => {
    const top = plot.top + plot.height - (index + 1) * row;
    const cells = points
      .filter(([, count]) => count > 1e-9)
      .map(([at, count]) => rect(x(at) - width, top + 0.5, width - 1, row - 1, orangeScale(count / most)));
    const marked = labels[index]?.startsWith('◀') ?? false;
    return [
      ...cells,
      text(plot.left - 6, top + 4, labels[index] ?? '', 'end', marked ? '#FFB357' : undefined, row < 12 ? 10 : 11),
    ];
  });
  const scale = Array.from({ length: 40 }, (_, index) => `<i style="background:${orangeScale(index / 39)}"></i>`).join(
    '',
  );
  return `<svg width="${box.width}" height="${height}">${timeAxis(plot, data.startSeconds, data.endSeconds)}${svg.join('')}${annotationMarks(data, plot)}</svg>
<div class="scale">0 <span>${scale}</span> ${escapeHtml(formatValue(most, 'none', undefined, 0))}</div>`;
}
