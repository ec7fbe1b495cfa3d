import { z } from 'zod';
import { DEFAULT_FILE_SETTINGS } from '../../settings/file-settings.ts';
import { parseFilePattern } from '../../target-lists/file-pattern.ts';
import { duration, fieldNotes, inSeconds } from './field-schemas.ts';
import { LONGEST_LINGER_MS } from './linger.ts';

const { refreshIntervalMs, lingerMs } = DEFAULT_FILE_SETTINGS;

const targetFile = z
  .string()
  .refine((path) => parseFilePattern(path) !== null)
  .register(fieldNotes, { expected: 'a path that ends in .json, .yml or .yaml, with * only after the last /' });

/** One entry of `file_sd_configs`. */
export const fileSdConfigSchema = z
  .strictObject({
    files: z
      .array(targetFile)
      .register(fieldNotes, { expected: 'a list of paths' })
      .describe('Files of targets. The last part of a path may have *, ? and [a-z].'),
    refresh_interval: duration({ atLeastMs: 1000 })
      .prefault(inSeconds(refreshIntervalMs))
      .describe('How often all files are read again; what changed is seen within 5s.'),
    linger: duration({ atMostMs: LONGEST_LINGER_MS })
      .prefault(inSeconds(lingerMs))
      .describe('How long a connection outlives its vanished target.'),
  })
  .register(fieldNotes, { expected: 'a map with files' });

/** The `file_sd_configs` of a group. */
export const fileSdConfigsSchema = z
  .array(fileSdConfigSchema)
  .register(fieldNotes, { expected: 'a list of maps with files' })
  .optional()
  .describe('Targets in files of JSON or YAML, in the shape of Prometheus.');

export type FileSdValues = z.output<typeof fileSdConfigSchema>;
