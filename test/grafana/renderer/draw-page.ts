import { readDashboard, type DashboardName, type PanelJson } from '../support/dashboard-json.ts';
import type { Recording } from '../live/recording.ts';
import { drawBarGauge } from './draw-bar-gauge.ts';
import { drawHeatmap } from './draw-heatmap.ts';
import { drawStat } from './draw-stat.ts';
import { drawStateTimeline } from './draw-state-timeline.ts';
import { drawTable } from './draw-table.ts';
import { drawTimeSeries } from './draw-time-series.ts';
import { fieldConfig } from './field-config.ts';
import { escapeHtml, type Box } from './markup.ts';
import { interpolate } from '../support/interpolate.ts';
import type { PanelData } from './panel-data.ts';
import { STYLE } from './style.ts';

/** Grafana's grid: a row is 30 pixels and the gap 8. */
const ROW = 38;
const GAP = 8;
export const PAGE_WIDTH = 1600;
const HEADER = 96;
const CAPTION = 40;

const DRAW: Readonly<Record<string, (data: PanelData, box: Box) => string>> = {
  stat: drawStat,
  table: drawTable,
  timeseries: drawTimeSeries,
  bargauge: drawBarGauge,
  heatmap: drawHeatmap,
  'state-timeline': drawStateTimeline,
};

/** The whole dashboard as one page of HTML, and how high it is. */
export function drawPage(
  name: DashboardName,
  recording: Recording,
): { readonly html: string; readonly height: number } {
  const dashboard = readDashboard(name);
  const panels = dashboard.panels.map((panel) =>
    panel.type === 'row' ? folded(panel) : framed(name, panel, recording),
  );
  const rows = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = HEADER + rows * ROW + CAPTION;
  const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><body style="width:${PAGE_WIDTH}px;height:${height}px">
${header(name, recording)}<main>${panels.join('')}</main>
<footer style="top:${height - CAPTION}px">Drawn by Finrst's own renderer (test/grafana/renderer) from what Prometheus ${escapeHtml(recording.prometheusVersion)} recorded in a scripted run of ${recording.endSeconds - recording.startSeconds} s, scraped every second. Grafana itself was not run.</footer></body>`;
  return { html, height };
}

function place({ gridPos: { x, y, w, h } }: PanelJson): { left: number; top: number } & Box {
  const column = (PAGE_WIDTH - 2 * 16 + GAP) / 24;
  return { left: 16 + x * column, top: HEADER + y * ROW, width: w * column - GAP, height: h * ROW - GAP };
}

function framed(name: DashboardName, panel: PanelJson, recording: Recording): string {
  const { left, top, width, height } = place(panel);
  const recorded = recording.dashboards[name];
  const data: PanelData = {
    panel,
    targets: (recorded.panels[panel.id] ?? []).map((target) => {
      const asked = (panel.targets ?? []).find(({ refId }) => refId === target.refId);
      if (asked === undefined) throw new Error(`${panel.title} has no query ${target.refId}`);
      return { asked, recorded: target };
    }),
    startSeconds: recording.startSeconds,
    endSeconds: recording.endSeconds,
    stepSeconds: recording.stepSeconds,
    annotations: recorded.annotations,
  };
  const draw = DRAW[panel.type];
  if (draw === undefined) throw new Error(`the renderer does not know the panel type ${panel.type}`);
  const title = interpolate(panel.title, { ...recording, rangeSeconds: 0, variables: recorded.variables });
  const empty = data.targets.every(({ recorded: { series } }) => series.length === 0);
  const content =
    empty && panel.type !== 'stat'
      ? `<div class="nothing">${escapeHtml(fieldConfig(panel, '').noValue)}</div>`
      : draw(data, { width: width - 18, height: height - 42 });
  return `<section style="left:${left}px;top:${top}px;width:${width}px;height:${height}px"><h2>${escapeHtml(title)}</h2><div class="content">${content}</div></section>`;
}

function folded(panel: PanelJson): string {
  const { left, top, width } = place(panel);
  return `<div class="row" style="left:${left}px;top:${top}px;width:${width}px">▸ ${escapeHtml(panel.title)} <em>(${panel.panels?.length ?? 0} panels)</em></div>`;
}

function header(name: DashboardName, recording: Recording): string {
  const dashboard = readDashboard(name);
  const { variables } = recording.dashboards[name];
  const shown = dashboard.templating.list
    .filter((variable) => variables[variable.name] !== undefined && variable.hide !== 2)
    .map((variable) => {
      const value = `${variables[variable.name]?.toString()}`;
      return `<span class="variable"><b>${escapeHtml(variable.label)}</b><i>${escapeHtml(/^\.[+*]$/.test(value) ? 'All' : variable.name === 'show' ? `the worst ${value}` : value)} ▾</i></span>`;
    });
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `<header><h1>${escapeHtml(dashboard.title)}</h1><div class="time">${time(recording.startSeconds)} to ${time(recording.endSeconds)} UTC</div><div class="variables">${shown.join('')}</div></header>`;
}
