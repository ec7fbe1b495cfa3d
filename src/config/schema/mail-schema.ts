import { z } from 'zod';
import { fieldNotes, yesOrNo } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `smtp` of a group with `protocol: smtp`, and the `imap` of one with `protocol: imap`. */
export const mailSchema = z
  .strictObject({
    username: userName().optional().describe('Account to log in to; needs password_file. Without it: no login.'),
    password_file: passwordFile(),
    starttls: yesOrNo()
      .describe('Ask for TLS in words of the protocol, instead of TLS from the first byte; needs tls.')
      .prefault(false),
  })
  .register(fieldNotes, { expected: 'a map of options' });
