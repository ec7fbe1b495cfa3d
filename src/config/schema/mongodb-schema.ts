import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `mongodb` of a group with `protocol: mongodb`. */
export const mongodbSchema = z
  .strictObject({
    username: userName()
      .optional()
      .describe(
        'User to log in as, by SCRAM-SHA-256; needs password_file. Without it: no login, which servers do not ask for to be held.',
      ),
    password_file: passwordFile(),
    auth_source: z
      .string()
      .regex(/^[^\0 "$./\\]{1,63}$/)
      .register(fieldNotes, { expected: 'the name of a database' })
      .describe('Database that knows the user.')
      .prefault('admin'),
  })
  .register(fieldNotes, { expected: 'a map of options' });
