import { z } from 'zod';
import { fieldNotes, oneOf } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `kafka` of a group with `protocol: kafka`. */
export const kafkaSchema = z
  .strictObject({
    sasl: oneOf(['none', 'plain', 'scram-sha-256', 'scram-sha-512'])
      .optional()
      .describe('How to log in. Without it: scram-sha-512 where there is a username, else none.'),
    username: userName().optional().describe('User to log in as.'),
    password_file: passwordFile(),
    client_id: z
      .string()
      .regex(/^[!-~]{1,128}$/)
      .register(fieldNotes, { expected: '1 to 128 printable ASCII characters without blanks' })
      .describe('Client id in each request: for the metrics and quotas of the broker.')
      .prefault('finrst'),
  })
  .register(fieldNotes, { expected: 'a map of options' });
