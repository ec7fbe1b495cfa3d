import { escapeHtml } from './markup.ts';

/** Where in a chart the data lies, in pixels. */
export type Plot = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

const GRID = 'rgba(240, 250, 255, 0.09)';
const LABEL = 'rgba(204, 204, 220, 0.75)';

/** Pixels from the left for a time. */
export function timeScale(plot: Plot, start: number, end: number): (seconds: number) => number {
  return (seconds) => plot.left + ((seconds - start) / (end - start)) * plot.width;
}

/** The time axis at the bottom with its grid lines. */
export function timeAxis(plot: Plot, start: number, end: number, grid = true): string {
  const x = timeScale(plot, start, end);
  const wanted = Math.max(2, Math.floor(plot.width / 80));
  const step = [5, 10, 15, 20, 30, 60, 120, 300].find((size) => (end - start) / size <= wanted) ?? 600;
  let svg = '';
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
    const label = new Date(at * 1000).toISOString().slice(11, 19);
    if (grid) svg += line(x(at), plot.top, x(at), plot.top + plot.height);
    if (x(at) > plot.left + 20 && x(at) < plot.left + plot.width - 20) {
      svg += text(x(at), plot.top + plot.height + 16, label, 'middle');
    }
  }
  return svg;
}

export type ValueScale = { readonly y: (value: number) => number; readonly ticks: readonly number[] };

export type Rounding = { readonly base: 1000 | 1024; readonly whole: boolean };

/** Round steps from `min` to at least `max`; `base` 1024 makes the steps round in KiB and MiB, `whole` leaves out fractions. */
export function linearScale(plot: Plot, min: number, max: number, { base, whole }: Rounding): ValueScale {
  const span = max - min || 1;
  const wanted = Math.max(2, Math.floor(plot.height / 34));
  const rough = span / wanted;
  const steps = base === 1024 ? [1, 2, 4, 8, 16] : [1, 2, 2.5, 5, 10];
  const magnitude = base === 1024 ? 2 ** Math.floor(Math.log2(rough)) : 10 ** Math.floor(Math.log10(rough));
  const fitting = steps.map((factor) => factor * magnitude).find((size) => size >= rough) ?? rough;
  const step = whole ? Math.ceil(fitting) : fitting;
  const [low, high] = [Math.floor(min / step) * step, Math.ceil(max / step) * step || step];
  const ticks: number[] = [];
  for (let tick = low; tick <= high + step / 2; tick += step) ticks.push(Number(tick.toPrecision(10)));
  return { y: (value) => plot.top + plot.height - ((value - low) / (high - low)) * plot.height, ticks };
}

/** Powers of ten from below `min` to above `max`. */
export function logScale(plot: Plot, min: number, max: number): ValueScale {
  const [low, high] = [
    Math.floor(Math.log10(min)),
    Math.max(Math.ceil(Math.log10(max)), Math.floor(Math.log10(min)) + 1),
  ];
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const y = (value: number): number =>
    plot.top + plot.height - ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * plot.height;
  return { y, ticks };
}

/** The value axis at the left with its grid lines. */
export function valueAxis(plot: Plot, { y, ticks }: ValueScale, format: (value: number) => string): string {
  return ticks
    .map(
      (tick) =>
        line(plot.left, y(tick), plot.left + plot.width, y(tick)) +
        text(plot.left - 8, y(tick) + 4, format(tick), 'end'),
    )
    .join('');
}

export function line(x1: number, y1: number, x2: number, y2: number, colour = GRID, dash = ''): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}" stroke-dasharray="${dash}"/>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  anchor: 'start' | 'middle' | 'end',
  colour = LABEL,
  size = 12,
): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}" font-size="${size}">${escapeHtml(content)}</text>`;
}

export function rect(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" fill="${colour}"/>`;
}
