import type { OverrideJson, PanelJson } from '../support/dashboard-json.ts';
import { css } from './grafana-colours.ts';

type MappingResult = { readonly text?: string; readonly color?: string };
export type MappingJson =
  | { readonly type: 'value'; readonly options: Readonly<Record<string, MappingResult>> }
  | { readonly type: 'regex'; readonly options: { readonly pattern: string; readonly result: MappingResult } }
  | { readonly type: 'special'; readonly options: { readonly match: string; readonly result: MappingResult } };

/** What Grafana works out for one field: the defaults of the panel with the overrides that match its name laid over them. */
export type FieldConfig = {
  readonly displayName: string;
  readonly unit: string;
  readonly decimals: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly color: { readonly mode: string; readonly fixedColor?: string } | undefined;
  readonly thresholds: readonly { readonly value: number | null; readonly color: string }[];
  readonly mappings: readonly MappingJson[];
  readonly links: readonly unknown[];
  /** What stands where there is nothing. */
  readonly noValue: string;
  readonly custom: Readonly<Record<string, unknown>>;
};

/** @param name the name of the series or column, before any override renames it */
export function fieldConfig(panel: PanelJson, name: string): FieldConfig {
  const defaults: Record<string, unknown> = { ...panel.fieldConfig?.defaults };
  const custom: Record<string, unknown> = { ...(defaults['custom'] as object | undefined) };
  for (const { properties } of (panel.fieldConfig?.overrides ?? []).filter((override) => matches(override, name))) {
    for (const { id, value } of properties) {
      if (id.startsWith('custom.')) custom[id.slice('custom.'.length)] = value;
      else defaults[id] = value;
    }
  }
  return {
    displayName: typeof defaults['displayName'] === 'string' ? defaults['displayName'] : name,
    unit: defaults['unit'] as string,
    decimals: defaults['decimals'] as number | undefined,
    min: defaults['min'] as number | undefined,
    max: defaults['max'] as number | undefined,
    color: defaults['color'] as FieldConfig['color'],
    thresholds: (defaults['thresholds'] as { steps: FieldConfig['thresholds'] } | undefined)?.steps ?? [],
    mappings: (defaults['mappings'] as readonly MappingJson[] | undefined) ?? [],
    links: (defaults['links'] as readonly unknown[] | undefined) ?? [],
    noValue: typeof defaults['noValue'] === 'string' ? defaults['noValue'] : 'No data',
    custom,
  };
}

function matches({ matcher }: OverrideJson, name: string): boolean {
  if (matcher.id === 'byName') return matcher.options === name;
  if (matcher.id === 'byRegexp') return new RegExp(matcher.options.replaceAll(/^\/|\/$/g, '')).test(name);
  throw new Error(`the renderer does not know the matcher ${matcher.id}`);
}

/** The text and colour that a mapping gives this value; null: none does. */
export function mapped(config: FieldConfig, value: number | string): MappingResult | null {
  for (const mapping of config.mappings) {
    if (mapping.type === 'special') {
      if (value === '') return mapping.options.result;
      continue;
    }
    if (mapping.type === 'regex') {
      if (new RegExp(mapping.options.pattern).test(`${value}`)) return mapping.options.result;
      continue;
    }
    const result = mapping.options[`${value}`];
    if (result !== undefined) return result;
  }
  return null;
}

/** The colour of the highest threshold that the value has reached. */
export function thresholdColour(config: FieldConfig, value: number): string {
  const reached = config.thresholds.filter((step) => step.value === null || value >= step.value);
  return css(reached.at(-1)?.color ?? 'green');
}

/** A mapping wins, then the colour mode; `otherwise` is what a series gets that asks for nothing. */
export function colourOf(config: FieldConfig, value: number | string, otherwise: string): string {
  const byMapping = mapped(config, value)?.color;
  if (byMapping !== undefined) return css(byMapping);
  if (config.color?.mode === 'fixed') return css(config.color.fixedColor ?? 'text');
  if (config.color?.mode === 'thresholds' && typeof value === 'number') return thresholdColour(config, value);
  return otherwise;
}
