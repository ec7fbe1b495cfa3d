import { z } from 'zod';
import { DEFAULT_GLOBAL_SETTINGS, METRIC_DETAILS, METRIC_HISTOGRAMS } from '../../settings/global-settings.ts';
import { fieldNotes, oneOf, text } from './field-schemas.ts';

/** What reads YAML 1.1, as Helm does, makes `false` of `off`. */
const histograms = z
  .union([z.literal(false), z.enum(METRIC_HISTOGRAMS)])
  .transform((written) => (written === false ? 'off' : written))
  .register(fieldNotes, { expected: `one of ${METRIC_HISTOGRAMS.join(', ')}` });

/** The map `metrics` of the `global` section. */
export const metricsSchema = z
  .strictObject({
    detail: oneOf(METRIC_DETAILS)
      .describe('How many per-peer families are exported.')
      .prefault(DEFAULT_GLOBAL_SETTINGS.detail),
    histograms: histograms
      .describe('Whether the histograms of age and idle time at the end are exported for each group and class.')
      .prefault(DEFAULT_GLOBAL_SETTINGS.histograms),
    target_labels: z
      .array(text('the name of a target label'))
      .register(fieldNotes, { expected: 'a list of label names' })
      .describe('Labels of targets that every per-peer series, line of the log and span has, at most 10.')
      .prefault([...DEFAULT_GLOBAL_SETTINGS.targetLabels]),
  })
  .register(fieldNotes, { expected: 'a map with detail, histograms and target_labels' })
  .describe('What is exported.');
