import { z } from 'zod';
import { DEFAULT_TLS_SETTINGS } from '../../settings/tls-settings.ts';
import { isHostName } from '../../text/host-port.ts';
import { fieldNotes, filePath, oneOf, yesOrNo } from './field-schemas.ts';
import { tlsVersionName } from './tls-versions.ts';

/** The `tls` of a group. */
export const tlsSchema = z
  .strictObject({
    server_name: z
      .string()
      .refine((name) => name === '' || isHostName(name))
      .register(fieldNotes, { expected: 'a host name without a port' })
      .optional()
      .describe('Name for SNI and verification. Default: the host of the target; for an IP address no SNI is sent.'),
    ca_file: filePath().optional().describe('PEM file of certificate authorities; replaces the bundled ones.'),
    cert_file: filePath().optional().describe('PEM file of our certificate and its chain; with key_file.'),
    key_file: filePath().optional().describe('PEM file of our private key; with cert_file.'),
    min_version: oneOf(['TLS12', 'TLS13'])
      .describe('Lowest TLS version.')
      .prefault(tlsVersionName(DEFAULT_TLS_SETTINGS.minVersion)),
    insecure_skip_verify: yesOrNo()
      .describe('Do not verify the certificate of the peer.')
      .prefault(DEFAULT_TLS_SETTINGS.insecureSkipVerify),
    expect_close_notify: yesOrNo()
      .describe('Call an end without close_notify error/tls_truncated instead of eof/fin.')
      .prefault(DEFAULT_TLS_SETTINGS.expectCloseNotify),
  })
  .register(fieldNotes, { expected: 'a map; {} turns TLS on with its defaults' });

export type TlsValues = z.output<typeof tlsSchema>;
