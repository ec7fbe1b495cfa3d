import { z } from 'zod';
import { fieldNotes } from './field-schemas.ts';
import { passwordFile, userName } from './script-schema.ts';

/** The `ftp` of a group with `protocol: ftp`. */
export const ftpSchema = z
  .strictObject({
    username: userName().optional().describe('Account to log in to; needs password_file. Without it: anonymous.'),
    password_file: passwordFile(),
  })
  .register(fieldNotes, { expected: 'a map of options' });

/** The `memcached` of a group with `protocol: memcached`, which has no options. */
export const memcachedSchema = z.strictObject({}).register(fieldNotes, { expected: 'an empty map' });
