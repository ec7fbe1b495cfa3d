import { z } from 'zod';
import { fieldNotes, filePath, yesOrNo } from './field-schemas.ts';

/** NAMEDATALEN is 64; poolers take longer ones. A zero byte would end the name on the wire. */
function name(expected: string) {
  return z
    .string()
    .regex(/^[^\0]{1,255}$/u)
    .register(fieldNotes, { expected });
}

/** The `postgres` of a group with `protocol: postgres`. */
export const postgresSchema = z
  .strictObject({
    username: name('a role').describe('Role to log in as.').optional(),
    password_file: filePath()
      .optional()
      .describe('File with the password, read again at each connect. One line end behind it is cut.'),
    database: name('a database').describe('Database to connect to.').prefault('postgres'),
    application_name: name('a name').describe('What pg_stat_activity shows.').prefault('finrst'),
    direct_tls: yesOrNo()
      .describe('Begin TLS with the first byte (PostgreSQL 17) instead of asking for it; needs tls.')
      .prefault(false),
  })
  .register(fieldNotes, { expected: 'a map with username' });
