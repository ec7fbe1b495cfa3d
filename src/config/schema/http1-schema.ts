import { z } from 'zod';
import { fieldNotes, filePath } from './field-schemas.ts';
import { hostName, requestPath } from './request-fields.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `http` of a group with `protocol: http`. */
export const httpSchema = z
  .strictObject({
    path: requestPath('What HEAD asks for. Any answer but 502, 503 and 504 is a sign of life.'),
    host: hostName('The Host of requests, where servers choose by it. Without it: the target.'),
    ...credentials(),
  })
  .register(fieldNotes, { expected: 'a map of options' });

/** The `websocket` of a group with `protocol: websocket`. */
export const websocketSchema = z
  .strictObject({
    path: requestPath('Where the handshake asks.'),
    host: hostName('The Host of the handshake, where servers choose by it. Without it: the target.'),
    origin: z
      .string()
      .regex(/^[!-~]{1,255}$/)
      .register(fieldNotes, { expected: 'an origin like https://shop.example.com, of at most 255 characters' })
      .optional()
      .describe('The Origin of the handshake, where servers ask for one.'),
    subprotocol: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}$/)
      .register(fieldNotes, { expected: 'one name of at most 127 characters' })
      .optional()
      .describe('The subprotocol that is offered, where servers ask for one.'),
    ...credentials(),
    headers_file: filePath()
      .optional()
      .describe(
        'File with headers of the handshake instead, like Cookie: session=SECRET, one a line, read again at each connect.',
      ),
  })
  .register(fieldNotes, { expected: 'a map of options' });

function credentials() {
  return {
    username: userName().optional().describe('User of the Basic scheme; needs password_file.'),
    password_file: passwordFile(),
    authorization_file: filePath()
      .optional()
      .describe('File with the value of Authorization instead, like Bearer TOKEN, read again at each connect.'),
  } as const;
}
