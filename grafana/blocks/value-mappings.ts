import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';

/** A zero is grey, whatever the colour of what it counts: only what happened should catch the eye. */
export const ZERO_IS_CALM: ValueMapping[] = [
  { type: MappingType.ValueToText, options: { '0': { text: '0', color: '#3d3d46', index: 0 } } },
];

/** For gauges of 0 and 1 that say whether a peer is connected. */
export const UP_DOWN_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      '0': { text: 'down', color: 'red', index: 0 },
      '1': { text: 'connected', color: 'light-blue', index: 1 },
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
      critical: { text: 'critical', color: 'red', index: 0 },
      warning: { text: 'warning', color: 'orange', index: 1 },
      info: { text: 'info', color: 'light-blue', index: 2 },
    },
  },
];
