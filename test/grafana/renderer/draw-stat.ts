import { colourOf, fieldConfig, mapped } from './field-config.ts';
import { formatValue } from './format-value.ts';
import { css, seriesColour } from './grafana-colours.ts';
import { escapeHtml, textWidth, type Box } from './markup.ts';
import { namedSeries, type PanelData } from './panel-data.ts';
import { tableOf, type Cell } from './table-data.ts';

type Big = { readonly name: string; readonly value: string; readonly colour: string };

/** Big values side by side, or under each other where the panel is higher than wide. */
export function drawStat(data: PanelData, box: Box): string {
  const values = valuesOf(data);
  const options = data.panel.options ?? {};
  const onBackground = options['colorMode'] === 'background';
  const withName = options['textMode'] === 'value_and_name' || (options['textMode'] === 'auto' && values.length > 1);
  const width = (box.width - 4 * (values.length - 1)) / Math.max(1, values.length);
  const longest = Math.max(1, ...values.map(({ value }) => textWidth(value, 1)));
  const fixed = (options['text'] as { valueSize?: number } | undefined)?.valueSize;
  const size =
    fixed ?? Math.max(14, Math.min(withName ? box.height * 0.46 : box.height * 0.56, (width * 0.84) / longest, 64));
  const tiles = values.map(({ name, value, colour }) => {
    const look = onBackground
      ? `background:linear-gradient(120deg, color-mix(in srgb, ${colour} 88%, black), ${colour});color:${inkOn(colour)}`
      : `color:${colour}`;
    const title = withName ? `<div class="name">${escapeHtml(name)}</div>` : '';
    return `<div class="tile" style="${look}">${title}<div class="big" style="font-size:${size.toFixed(0)}px">${escapeHtml(value)}</div></div>`;
  });
  return `<div class="tiles">${tiles.join('')}</div>`;
}

function valuesOf(data: PanelData): readonly Big[] {
  const nowMs = data.endSeconds * 1000;
  const fields = (data.panel.options?.['reduceOptions'] as { fields?: string } | undefined)?.fields ?? '';
  const found: readonly (readonly [string, Cell])[] =
    fields === ''
      ? namedSeries(data).map(({ name, points }) => [name, points.at(-1)?.[1]] as const)
      : columnsMatching(data, fields);
  if (found.length === 0) {
    return [{ name: '', value: fieldConfig(data.panel, '').noValue, colour: css('text') }];
  }
  return found.map(([name, value], index) => {
    const config = fieldConfig(data.panel, name);
    const shown = typeof value === 'number' ? formatValue(value, config.unit, config.decimals, nowMs) : (value ?? '');
    const key = typeof value === 'number' && config.decimals === 0 ? Math.round(value * 1000) / 1000 : (value ?? '');
    return {
      name: config.displayName,
      value: mapped(config, key)?.text ?? shown,
      colour: colourOf(config, key, seriesColour(index)),
    };
  });
}

function columnsMatching(data: PanelData, fields: string): readonly (readonly [string, Cell])[] {
  const { columns, rows } = tableOf(data);
  const wanted = new RegExp(fields.slice(1, -1));
  return rows.flatMap((row) =>
    columns.filter((column) => wanted.test(column)).map((column) => [column, row[column]] as const),
  );
}

/** Dark letters on bright colours, as Grafana chooses them. */
function inkOn(colour: string): string {
  const parts = /^#(..)(..)(..)$/
    .exec(colour)
    ?.slice(1)
    .map((part) => Number.parseInt(part, 16));
  if (parts === undefined) return '#fff';
  const [red = 0, green = 0, blue = 0] = parts;
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? '#111217' : '#fff';
}
