import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS } from '../../src/domain/disconnect.ts';
import { reasonWords } from '../../src/explanations/reason-words.ts';
import { CLASS_COLOURS } from './palette.ts';

/** Turns the `reason` label into words, in the colour of its class. */
export const REASON_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      DISCONNECT_CLASSES.flatMap((name) => DISCONNECT_REASONS[name].map((reason) => [name, reason] as const)).map(
        ([name, reason], index) => [
          reason,
          { text: `${reason}: ${reasonWords(reason).what}`, color: CLASS_COLOURS[name], index },
        ],
      ),
    ),
  },
];
