import { z } from 'zod';
import { DEFAULT_TRACE_SETTINGS } from '../../settings/trace-settings.ts';
import { duration, fieldNotes, filePath, inSeconds, oneOf } from './field-schemas.ts';

/** The `tracing` section. */
export const tracingSchema = z
  .strictObject({
    endpoint: z
      .string()
      .superRefine(checkEndpoint)
      .register(fieldNotes, {
        expected: 'an http:// or https:// URL without query, like http://otel-collector:4318',
        secret: true, // a token or a password may stand in what is not understood as one
      })
      .prefault('')
      .describe('Base URL of an OTLP/HTTP receiver; /v1/traces is appended.'),
    headers_file: filePath()
      .prefault('')
      .describe('File of headers to send, one key=value a line; # begins a comment line.'),
    ca_file: filePath().prefault('').describe('PEM file of certificate authorities of the receiver.'),
    cert_file: filePath().prefault('').describe('PEM file of our certificate; with key_file.'),
    key_file: filePath().prefault('').describe('PEM file of our private key; with cert_file.'),
    compression: oneOf(['gzip', 'none'])
      .prefault(DEFAULT_TRACE_SETTINGS.compression)
      .describe('Compression of what is sent.'),
    timeout: duration({ atLeastMs: 1 })
      .prefault(inSeconds(DEFAULT_TRACE_SETTINGS.timeoutMs))
      .describe('Deadline of one export.'),
    sampling_ratio: z
      .number()
      .min(0)
      .max(1)
      .register(fieldNotes, { expected: 'a number from 0 to 1' })
      .prefault(DEFAULT_TRACE_SETTINGS.samplingRatio)
      .describe('Share of connects and clean ends that is recorded; abnormal ends are never sampled away.'),
  })
  .register(fieldNotes, { expected: 'a map of settings' });

export type TracingValues = z.output<typeof tracingSchema>;

function checkEndpoint(text: string, context: z.core.$RefinementCtx<string>): void {
  if (text === '') return;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.username !== '' || url.password !== '')) {
    const message = 'has a user name or a password in it; use headers_file, with a line like authorization=Basic ...';
    context.addIssue({ code: 'custom', message });
  } else if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    context.addIssue({ code: 'invalid_value', values: [] });
  }
}
