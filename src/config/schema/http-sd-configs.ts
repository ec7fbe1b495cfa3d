import { z } from 'zod';
import { DEFAULT_HTTP_SETTINGS } from '../../settings/http-settings.ts';
import { duration, fieldNotes, inSeconds, text } from './field-schemas.ts';
import { httpClientFields } from './http-client-schema.ts';
import { LONGEST_LINGER_MS } from './linger.ts';

const { refreshIntervalMs, lingerMs } = DEFAULT_HTTP_SETTINGS;
const LONGEST_REFRESH_MS = 86_400_000;

const headerSchema = z
  .strictObject({
    values: z
      .array(text('a string'))
      .register(fieldNotes, { expected: 'a list of strings' })
      .describe('Values of the header; each is sent.'),
  })
  .register(fieldNotes, { expected: 'a map with values' });

/** One entry of `http_sd_configs`. */
export const httpSdConfigSchema = z
  .strictObject({
    url: z
      .string()
      .superRefine(checkUrl)
      .register(fieldNotes, {
        expected: 'an http:// or https:// URL, like https://inventory.example/targets',
        secret: true, // a token may stand in its query
      })
      .describe('Where the list of targets is.'),
    ...httpClientFields,
    http_headers: z
      .record(z.string(), headerSchema)
      .register(fieldNotes, { expected: 'a map of header names to maps with values' })
      .optional()
      .describe('Headers to send to that server beside those of Finrst.'),
    refresh_interval: duration({ atLeastMs: 1000, atMostMs: LONGEST_REFRESH_MS })
      .prefault(inSeconds(refreshIntervalMs))
      .describe('How often the list is asked for; an answer may take as long, and at most 1m.'),
    linger: duration({ atMostMs: LONGEST_LINGER_MS })
      .prefault(inSeconds(lingerMs))
      .describe('How long a connection outlives its vanished target.'),
  })
  .register(fieldNotes, { expected: 'a map with url' });

/** The `http_sd_configs` of a group. */
export const httpSdConfigsSchema = z
  .array(httpSdConfigSchema)
  .register(fieldNotes, { expected: 'a list of maps with url' })
  .optional()
  .describe('Targets that an HTTP server lists as JSON, in the shape of Prometheus.');

export type HttpSdValues = z.output<typeof httpSdConfigSchema>;

function checkUrl(written: string, context: z.core.$RefinementCtx<string>): void {
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url !== null && (url.username !== '' || url.password !== '')) {
    const message = 'has a user name or a password in it; use basic_auth, with a password_file';
    context.addIssue({ code: 'custom', message });
  } else if (url === null || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: 'invalid_value', values: [] });
  }
}
