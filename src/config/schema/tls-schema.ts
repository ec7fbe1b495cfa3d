import { z } from 'zod';
import { DEFAULT_TLS_SETTINGS } from '../../settings/tls-settings.ts';
import { fieldNotes, yesOrNo } from './field-schemas.ts';
import { tlsClientFields } from './tls-client-fields.ts';

/** The `tls` of a group. */
export const tlsSchema = z
  .strictObject({
    ...tlsClientFields({
      defaultName: 'the host of the target; for an IP address no SNI is sent.',
      verified: 'peer',
      defaults: DEFAULT_TLS_SETTINGS,
    }),
    expect_close_notify: yesOrNo()
      .describe('Call an end without close_notify error/tls_truncated instead of eof/fin.')
      .prefault(DEFAULT_TLS_SETTINGS.expectCloseNotify),
  })
  .register(fieldNotes, { expected: 'a map; {} turns TLS on with its defaults' });

export type TlsValues = z.output<typeof tlsSchema>;
