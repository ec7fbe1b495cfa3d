import { colourOf, fieldConfig, mapped } from './field-config.ts';
import { formatValue } from './format-value.ts';
import { css } from './grafana-colours.ts';
import { escapeHtml, type Box } from './markup.ts';
import type { PanelData } from './panel-data.ts';
import { tableOf, type Cell } from './table-data.ts';

const HEADER = 36;
const ROW = 36;

/** Rows and columns, as many rows as fit. */
export function drawTable(data: PanelData, box: Box): string {
  const { columns, rows } = tableOf(data);
  if (rows.length === 0) return `<div class="nothing">${escapeHtml(fieldConfig(data.panel, '').noValue)}</div>`;
  const widths = columns.map((column) => {
    const width = fieldConfig(data.panel, column).custom['width'];
    return typeof width === 'number' ? `<col style="width:${width}px">` : '<col>';
  });
  const head = columns
    .map((column) => `<th style="text-align:${alignment(rows[0]?.[column])}">${escapeHtml(column)}</th>`)
    .join('');
  const body = rows
    .slice(0, Math.floor((box.height - HEADER) / ROW))
    .map((row) => `<tr>${columns.map((column) => cell(data, column, row[column])).join('')}</tr>`);
  return `<table><colgroup>${widths.join('')}</colgroup><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** Numbers stand at the right, also those that a mapping turns into words. */
function alignment(value: Cell): 'left' | 'right' {
  return typeof value === 'number' ? 'right' : 'left';
}

function cell(data: PanelData, column: string, value: Cell): string {
  const config = fieldConfig(data.panel, column);
  const type = (config.custom['cellOptions'] as { type?: string } | undefined)?.type;
  const shown =
    typeof value === 'number'
      ? formatValue(value, config.unit, config.decimals, data.endSeconds * 1000)
      : (value ?? '');
  const content = mapped(config, value ?? '')?.text ?? shown;
  const colour = value === undefined ? 'transparent' : colourOf(config, value, css('text'));
  const look =
    type === 'color-background'
      ? `background:${colour};color:${colour === 'transparent' ? css('text') : '#111217'}`
      : type === 'color-text'
        ? `color:${colour}`
        : '';
  const linked = config.links.length > 0 ? ' class="link"' : '';
  return `<td${linked} style="${look};text-align:${alignment(value)}">${escapeHtml(`${content}`)}</td>`;
}
