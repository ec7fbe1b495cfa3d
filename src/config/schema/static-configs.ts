import { z } from 'zod';
import { fieldNotes, text } from './field-schemas.ts';

/** One entry of `static_configs`. */
export const staticConfigSchema = z
  .strictObject({
    targets: z
      .array(text('HOST:PORT, as a string'))
      .register(fieldNotes, { expected: 'a list of HOST:PORT' })
      .describe('Peers as HOST:PORT; IPv6 addresses in brackets.'),
    labels: z
      .record(z.string(), text('a string'))
      .register(fieldNotes, { expected: 'a map of label names to strings' })
      .optional()
      .describe('Labels of these targets, shown on finrst_peer_info.'),
  })
  .register(fieldNotes, { expected: 'a map with targets' });

/** The `static_configs` of a group. */
export const staticConfigsSchema = z
  .array(staticConfigSchema)
  .register(fieldNotes, { expected: 'a list of maps with targets and labels' })
  .optional()
  .describe('Targets and their labels, in the shape of Prometheus.');
