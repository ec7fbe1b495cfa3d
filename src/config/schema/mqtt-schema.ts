import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `mqtt` of a group with `protocol: mqtt`. */
export const mqttSchema = z
  .strictObject({
    version: z
      .union([z.literal(5), z.enum(['3.1.1', '5'])])
      .transform((version): '3.1.1' | '5' => (version === 5 ? '5' : version))
      .register(fieldNotes, { expected: 'one of 3.1.1, 5' })
      .describe('Version of MQTT. In 3.1.1, which every broker has, brokers cannot say why they end a connection.')
      .prefault('3.1.1'),
    client_id: z
      .string()
      .regex(/^[!-~]{1,128}$/)
      .register(fieldNotes, { expected: '1 to 128 printable ASCII characters without blanks' })
      .optional()
      .describe(
        'Client id of every connection of the group: brokers end the older of two that have the same one. Without it: finrst- and 12 random characters, anew at each connect.',
      ),
    username: userName().optional().describe('User to log in as; needs password_file. Without it: no login.'),
    password_file: passwordFile(),
  })
  .register(fieldNotes, { expected: 'a map of options' });
