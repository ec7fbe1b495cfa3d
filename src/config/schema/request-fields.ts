import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';

/** What is asked for, as it stands in a request. */
export function requestPath(meaning: string) {
  return z
    .string()
    .max(2048)
    .regex(/^\/[!-~]*$/)
    .register(fieldNotes, { expected: 'a path that begins with /, of at most 2048 printable ASCII characters' })
    .describe(meaning)
    .prefault('/');
}

/** The name under which a server or a proxy is asked. */
export function hostName(meaning: string) {
  return z
    .string()
    .regex(/^[!-.0-~]{1,255}$/)
    .register(fieldNotes, { expected: 'HOST or HOST:PORT, of at most 255 characters' })
    .optional()
    .describe(meaning);
}
