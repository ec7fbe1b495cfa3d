import { type ValueMapping, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { CONNECT_FAILURE_REASONS, type ConnectFailure } from '../../src/domain/connect-failure.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS } from '../../src/domain/disconnect.ts';
import { failureWords, reasonWords } from '../../src/explanations/reason-words.ts';
import { CLASS_COLOURS, NOT_CONNECTED_COLOUR } from './palette.ts';

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

const FAILURES = Object.entries(CONNECT_FAILURE_REASONS).flatMap(([phase, reasons]) =>
  reasons.map((reason) => ({ phase, reason }) as ConnectFailure),
);

/** Turns `phase/reason` of a failed attempt into words. */
export const FAILURE_MAPPINGS: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      FAILURES.map((failure, index) => {
        const name = `${failure.phase}/${failure.reason}`;
        return [name, { text: `${name}: ${failureWords(failure).what}`, color: NOT_CONNECTED_COLOUR, index }];
      }),
    ),
  },
];
