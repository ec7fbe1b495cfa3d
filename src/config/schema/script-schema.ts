import { z } from 'zod';
import { GOODBYES } from '../../domain/goodbye.ts';
import { escapedBytes, fieldNotes, filePath, oneOf, text, yesOrNo } from './field-schemas.ts';

/** The bounds of a script: nobody needs longer ones, and each pattern is held against each line of a peer. */
export const MOST_STEPS = 20;
export const MOST_MEANINGS = 20;

const linePattern = () => text('a regular expression, as a string');

/** What is sent; whether it can be filled in is found out with the whole script. */
function sending() {
  return z
    .string()
    .min(1)
    .max(4096)
    .register(fieldNotes, { expected: "a string of 1 to 4096 characters, like 'NOOP\\r\\n'", secret: true });
}

/** The name of an account: a control character would end its line. */
export function userName() {
  return (
    z
      .string()
      // eslint-disable-next-line no-control-regex
      .regex(/^[^\0-\x1f\x7f]{1,255}$/u)
      .register(fieldNotes, { expected: 'a user name' })
  );
}

/** The file that a login reads its password from. */
export function passwordFile() {
  return filePath()
    .optional()
    .describe('File with the password, read again at each connect. One line end behind it is cut.');
}

const meaningsSchema = z
  .array(
    z
      .strictObject({
        match: linePattern().describe('RE2, found anywhere in a line; at most 256 characters.'),
        goodbye: oneOf(GOODBYES).describe('What such a line means, as in docs/reasons.md.'),
      })
      .register(fieldNotes, { expected: 'a map with match and goodbye' }),
  )
  .register(fieldNotes, { expected: `a list of at most ${MOST_MEANINGS} maps with match and goodbye` });

const expectKey = linePattern().optional().describe('RE2 that is found in one of the lines that arrive.');
const expectBytesKey = escapedBytes()
  .optional()
  .describe('Bytes that appear in what arrives, instead of a pattern; written like heartbeat.send.');

const stepSchema = z
  .strictObject({
    send: sending()
      .optional()
      .describe('What is sent, with the escapes of heartbeat.send, ${name}, ${base64:...} and ${quoted:...}.'),
    expect: expectKey,
    expect_bytes: expectBytesKey,
    starttls: yesOrNo().optional().describe('TLS begins once this step was answered; needs tls.'),
    refuse: meaningsSchema.optional().describe('Lines that refuse the login at this step.'),
  })
  .register(fieldNotes, { expected: 'a map with send, expect or expect_bytes' });

/** The `script` of a group with `protocol: script`. */
export const scriptSchema = z
  .strictObject({
    username: userName().optional().describe('What ${username} stands for.'),
    password_file: filePath()
      .optional()
      .describe('File with what ${password} stands for, read again at each connect. One line end behind it is cut.'),
    login: z
      .array(stepSchema)
      .register(fieldNotes, { expected: `a list of at most ${MOST_STEPS} steps` })
      .describe('Steps from the connect on, one after the other.'),
    heartbeat: z
      .strictObject({
        send: sending().describe('What is sent.'),
        expect: expectKey,
        expect_bytes: expectBytesKey,
      })
      .register(fieldNotes, { expected: 'a map with send and expect' })
      .optional()
      .describe('The heartbeat, with the times of the group. Required unless heartbeat is false.'),
    goodbyes: meaningsSchema
      .optional()
      .describe('Lines by which the peer says why it leaves, and while logging in why it refuses.'),
    farewell: sending().optional().describe('What is sent before our own FIN.'),
  })
  .register(fieldNotes, { expected: 'a map with login' });

export type ScriptValues = z.output<typeof scriptSchema>;
