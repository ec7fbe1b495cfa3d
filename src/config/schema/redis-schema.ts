import { z } from 'zod';
import { fieldNotes, filePath, text } from './field-schemas.ts';

/** The `redis` of a group with `protocol: redis`. */
export const redisSchema = z
  .strictObject({
    username: text('a user name')
      .optional()
      .describe('User of the ACL; needs password_file. Without it: the default user.'),
    password_file: filePath()
      .optional()
      .describe('File with the password, read again at each connect. One line end behind it is cut.'),
    client_name: z
      .string()
      .regex(/^[!-~]{0,128}$/)
      .register(fieldNotes, { expected: 'at most 128 characters without blanks' })
      .describe('Name for CLIENT SETNAME; "" = none.')
      .prefault(''),
  })
  .register(fieldNotes, { expected: 'a map of options' });
