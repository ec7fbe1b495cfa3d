import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { hostName, requestPath } from './request-fields.ts';

/** The `http2` of a group with `protocol: http2`. */
export const http2Schema = z
  .strictObject({
    path: requestPath('What HEAD asks for. Any answer is a sign of life.'),
    authority: authority(),
  })
  .register(fieldNotes, { expected: 'a map of options' });

/** The `grpc` of a group with `protocol: grpc`. */
export const grpcSchema = z
  .strictObject({
    service: z
      .string()
      .regex(/^[!-~]{0,127}$/)
      .register(fieldNotes, { expected: 'at most 127 printable ASCII characters without blanks' })
      .describe('The service whose health is asked for; "" = the whole server. Any answer is a sign of life.')
      .prefault(''),
    authority: authority(),
  })
  .register(fieldNotes, { expected: 'a map of options' });

/** The name under which a server or a proxy is asked. */
function authority() {
  return hostName('The :authority of requests, where proxies choose by it. Without it: the target.');
}
