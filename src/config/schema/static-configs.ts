import { z } from 'zod';
import { fieldNotes, text } from './field-schemas.ts';

/**
 * For editors and Helm alone: a host, in brackets where it has colons, and a port from 1 to 65535. Takes all that
 * `parseTarget` takes; what it refuses and this takes is refused by the daemon, with a sentence.
 */
export const TARGET_PATTERN = String.raw`^(\[[^\]\s]+\]|[^\s:/\[\]]+):0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$`;

/** One entry of `static_configs`. */
export const staticConfigSchema = z
  .strictObject({
    targets: z
      .array(text('HOST:PORT, as a string').meta({ pattern: TARGET_PATTERN }))
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
