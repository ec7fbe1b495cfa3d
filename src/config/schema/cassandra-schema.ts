import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `cassandra` of a group with `protocol: cassandra`. */
export const cassandraSchema = z
  .strictObject({
    username: userName()
      .optional()
      .describe('Role to log in as; needs password_file. Without it: no login, which nodes do not ask for to be held.'),
    password_file: passwordFile(),
  })
  .register(fieldNotes, { expected: 'a map of options' });
