import { z } from 'zod';
import { DEFAULT_HTTP_CLIENT_SETTINGS } from '../../settings/http-client-settings.ts';
import { fieldNotes, filePath, text, yesOrNo } from './field-schemas.ts';
import { tlsClientFields } from './tls-client-fields.ts';

const { tls, followRedirects } = DEFAULT_HTTP_CLIENT_SETTINGS;

const basicAuthSchema = z
  .strictObject({
    username: text('a string').optional().describe('User name; or username_file.'),
    username_file: filePath().optional().describe('File that holds the user name, read at each request.'),
    password_file: filePath().optional().describe('File that holds the password, read at each request.'),
  })
  .register(fieldNotes, { expected: 'a map with username and password_file' });

const authorizationSchema = z
  .strictObject({
    type: text('the scheme, as a string').prefault('Bearer').describe('Scheme of the Authorization header.'),
    credentials_file: filePath().describe('File that holds the credentials, read at each request.'),
  })
  .register(fieldNotes, { expected: 'a map with credentials_file' });

const tlsConfigSchema = z
  .strictObject(tlsClientFields({ defaultName: 'the host of the URL.', verified: 'server', defaults: tls }))
  .register(fieldNotes, { expected: 'a map of settings' });

/** The keys of an entry that say how its HTTP server is spoken to: those of Prometheus' HTTP clients that Finrst has. */
export const httpClientFields = {
  basic_auth: basicAuthSchema.optional().describe('User name and password.'),
  authorization: authorizationSchema.optional().describe('An Authorization header.'),
  tls_config: tlsConfigSchema.optional().describe('TLS of an https:// server.'),
  follow_redirects: yesOrNo().describe('Follow redirects, at most 10.').prefault(followRedirects),
  enable_http2: yesOrNo().optional().describe('HTTP/2 is not built: false, or absent.'),
} as const;

const httpClientSchema = z.strictObject(httpClientFields);

export type HttpClientValues = z.output<typeof httpClientSchema>;
