import { z } from 'zod';
import { DEFAULT_SILENCE, LONGEST_SILENCE_MS } from '../../settings/silence-settings.ts';
import { duration, fieldNotes, inSeconds } from './field-schemas.ts';

/** The `silence` of a group. */
export const silenceSchema = z
  .strictObject({
    up_to: duration({ atLeastMs: 15_000, atMostMs: LONGEST_SILENCE_MS })
      .describe(
        'The longest silence that is tried. Below it the edges of the histograms of age, from 15s on, are tried.',
      )
      .prefault(inSeconds(DEFAULT_SILENCE.upToMs)),
    every: duration({ atLeastMs: 60_000 })
      .describe('One peer is measured in each such period, another each time. Longer than up_to.')
      .prefault(inSeconds(DEFAULT_SILENCE.everyMs)),
  })
  .register(fieldNotes, { expected: 'a map with up_to and every; {} for the defaults' });
