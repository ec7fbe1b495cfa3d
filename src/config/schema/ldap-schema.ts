import { z } from 'zod';
import { fieldNotes, yesOrNo } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `ldap` of a group with `protocol: ldap`. */
export const ldapSchema = z
  .strictObject({
    username: userName()
      .optional()
      .describe('Distinguished name to bind as; needs password_file. Without it: an anonymous bind.'),
    password_file: passwordFile(),
    starttls: yesOrNo()
      .describe('Ask for TLS in words of the protocol, instead of TLS from the first byte; needs tls.')
      .prefault(false),
  })
  .register(fieldNotes, { expected: 'a map of options' });
