import { z } from 'zod';
import { fieldNotes, filePath } from './field-schemas.ts';

/** The `mysql` of a group with `protocol: mysql`. */
export const mysqlSchema = z
  .strictObject({
    username: z
      .string()
      // Longer than any account's; a zero byte would end the name on the wire.
      .regex(/^[^\0]{1,255}$/u)
      .register(fieldNotes, { expected: 'a user' })
      .describe('User to log in as.')
      .optional(),
    password_file: filePath()
      .optional()
      .describe('File with the password, read again at each connect. One line end behind it is cut.'),
    server_public_key_file: filePath()
      .optional()
      .describe("The server's RSA key (public_key.pem), for caching_sha2_password without tls. Read at load."),
  })
  .register(fieldNotes, { expected: 'a map with username' });
