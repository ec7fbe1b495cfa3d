import { z } from 'zod';
import { fieldNotes, filePath, yesOrNo } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `nats` of a group with `protocol: nats`. */
export const natsSchema = z
  .strictObject({
    username: userName().optional().describe('User to log in as; needs password_file. Without it: no login.'),
    password_file: passwordFile(),
    token_file: filePath()
      .optional()
      .describe('File with a token instead of user and password, read again at each connect.'),
    tls_first: yesOrNo()
      .describe('Begin TLS with the first byte (handshake_first of the server) instead of behind its INFO; needs tls.')
      .prefault(false),
  })
  .register(fieldNotes, { expected: 'a map of options' });
