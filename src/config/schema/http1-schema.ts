import { z } from 'zod';
import { fieldNotes, filePath } from './field-schemas.ts';
import { hostName, requestPath } from './request-fields.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `http` of a group with `protocol: http`. */
export const httpSchema = z
  .strictObject({
    path: requestPath('What HEAD asks for. Any answer but 502, 503 and 504 is a sign of life.'),
    host: hostName('The Host of requests, where servers choose by it. Without it: the target.'),
    username: userName().optional().describe('User of the Basic scheme; needs password_file.'),
    password_file: passwordFile(),
    authorization_file: filePath()
      .optional()
      .describe('File with the value of Authorization instead, like Bearer TOKEN, read again at each connect.'),
  })
  .register(fieldNotes, { expected: 'a map of options' });
