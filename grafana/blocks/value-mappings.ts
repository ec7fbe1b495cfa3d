import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { CALM_COLOUR, CONNECTED_INK, NOT_CONNECTED_COLOUR, SEVERITY_COLOURS } from './palette.ts';

/** A zero is grey, whatever the colour of what it counts: only what happened should catch the eye. */
export const ZERO_IS_CALM: ValueMapping[] = [
  { type: MappingType.ValueToText, options: { '0': { text: '0', color: CALM_COLOUR, index: 0 } } },
];

/** For gauges of 0 and 1 that say whether a peer is connected. */
export const UP_DOWN_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '0': { text: 'down', color: NOT_CONNECTED_COLOUR, index: 0 },
      '1': { text: 'connected', color: CONNECTED_INK, index: 1 },
    },
  },
];

/** For gauges of 0 and 1 where 1 is good. */
export function yesNo(yes: string, no: string): ValueMapping[] {
  return [
    {
      type: MappingType.ValueToText,
      options: { '0': { text: no, color: 'red', index: 0 }, '1': { text: yes, color: 'green', index: 1 } },
    },
  ];
}

/** The severities of the alerting rules. */
export const SEVERITY_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      critical: { text: 'critical', color: SEVERITY_COLOURS.critical, index: 0 },
      warning: { text: 'warning', color: SEVERITY_COLOURS.warning, index: 1 },
      info: { text: 'info', color: SEVERITY_COLOURS.info, index: 2 },
    },
  },
];

/** The same words, whatever the text: for a column whose values are there for its link alone. */
export function inOtherWords(words: string): ValueMapping[] {
  return [{ type: MappingType.RegexToText, options: { pattern: '.+', result: { text: words, index: 0 } } }];
}
