import type { DynamicConfigValue, MatcherConfig } from '@grafana/grafana-foundation-sdk/dashboard';

export type Override = { matcher: MatcherConfig; properties: DynamicConfigValue[] };

const fixed = (fixedColor: string): DynamicConfigValue => ({ id: 'color', value: { mode: 'fixed', fixedColor } });

/** The colour of the series with exactly this name. */
export function colourByName(name: string, colour: string): Override {
  return { matcher: { id: 'byName', options: name }, properties: [fixed(colour)] };
}

/** The colour of every series whose name matches. */
export function colourByRegexp(pattern: string, colour: string): Override {
  return { matcher: { id: 'byRegexp', options: pattern }, properties: [fixed(colour)] };
}

/** Anything about the column or series with exactly this name. */
export function byName(name: string, properties: Readonly<Record<string, unknown>>): Override {
  return {
    matcher: { id: 'byName', options: name },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

/** One colour for each name of a table. */
export function coloursByName(colours: Readonly<Record<string, string>>): Override[] {
  return Object.entries(colours).map(([name, colour]) => colourByName(name, colour));
}
