import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `amqp` of a group with `protocol: amqp`. */
export const amqpSchema = z
  .strictObject({
    username: userName().describe('User to log in as, with the method PLAIN.').optional(),
    password_file: passwordFile(),
    vhost: z
      .string()
      // A zero byte is in no name.
      .regex(/^[^\0]{1,255}$/u)
      .register(fieldNotes, { expected: 'the name of a virtual host' })
      .describe('Virtual host to open.')
      .prefault('/'),
  })
  .register(fieldNotes, { expected: 'a map with username and password_file' });
