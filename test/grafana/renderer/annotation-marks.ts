import { line, rect, timeScale, type Plot } from './axes.ts';
import { css } from './grafana-colours.ts';
import type { PanelData } from './panel-data.ts';

/** Where something happened to Finrst itself: a dashed line, or a band where it lasted for several steps. */
export function annotationMarks({ annotations, startSeconds, endSeconds, stepSeconds }: PanelData, plot: Plot): string {
  const x = timeScale(plot, startSeconds, endSeconds);
  const bottom = plot.top + plot.height;
  return annotations
    .flatMap(({ colour, timesSeconds }) =>
      spans(timesSeconds, stepSeconds).map(({ from, to }) => {
        const ink = css(colour);
        const edges = [...new Set([from, to])].map((at) => line(x(at), plot.top, x(at), bottom, ink, '4 4'));
        const band = `<g opacity="0.12">${rect(x(from), plot.top, x(to) - x(from), plot.height, ink)}</g>`;
        const foot = `<path d="M${(x(from) - 4).toFixed(1)} ${bottom + 5} L${(x(to) + 4).toFixed(1)} ${bottom + 5} L${x(to).toFixed(1)} ${bottom} L${x(from).toFixed(1)} ${bottom} Z" fill="${ink}"/>`;
        return `${band}${edges.join('')}${foot}`;
      }),
    )
    .join('');
}

/** Times that follow each other step by step are one span. */
function spans(times: readonly number[], step: number): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const at of times) {
    const last = found.at(-1);
    if (last !== undefined && at - last.to <= step) last.to = at;
    else found.push({ from: at, to: at });
  }
  return found;
}
