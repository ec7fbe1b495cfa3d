import { z } from 'zod';
import type { TlsSettings } from '../../settings/tls-settings.ts';
import { isHostName } from '../../text/host-port.ts';
import { fieldNotes, filePath, oneOf, yesOrNo } from './field-schemas.ts';
import { tlsVersionName } from './tls-versions.ts';

type TlsClientWords = {
  /** What `server_name` is where it is not given, as a sentence. */
  readonly defaultName: string;
  /** Whose certificate is verified. */
  readonly verified: 'peer' | 'server';
  readonly defaults: Pick<TlsSettings, 'minVersion' | 'insecureSkipVerify'>;
};

/** The keys of TLS that every client has: that of a group's peers, and those that ask HTTP servers. */
export function tlsClientFields({ defaultName, verified, defaults }: TlsClientWords) {
  return {
    server_name: z
      .string()
      .refine((name) => name === '' || isHostName(name))
      .register(fieldNotes, { expected: 'a host name without a port' })
      .optional()
      .describe(`Name for SNI and verification. Default: ${defaultName}`),
    ca_file: filePath().optional().describe('PEM file of certificate authorities; replaces the bundled ones.'),
    cert_file: filePath().optional().describe('PEM file of our certificate and its chain; with key_file.'),
    key_file: filePath().optional().describe('PEM file of our private key; with cert_file.'),
    min_version: oneOf(['TLS12', 'TLS13'])
      .describe('Lowest TLS version.')
      .prefault(tlsVersionName(defaults.minVersion)),
    insecure_skip_verify: yesOrNo()
      .describe(`Do not verify the certificate of the ${verified}.`)
      .prefault(defaults.insecureSkipVerify),
  } as const;
}
