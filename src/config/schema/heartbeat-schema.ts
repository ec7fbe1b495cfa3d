import { z } from 'zod';
import { DEFAULT_HEARTBEAT } from '../../settings/heartbeat.ts';
import { duration, escapedBytes, fieldNotes, filePath, inSeconds } from './field-schemas.ts';

const heartbeatMap = z
  .strictObject({
    send: escapedBytes()
      .optional()
      .describe(
        'What is sent: \\r \\n \\t \\\\ \\xHH are decoded after YAML, nothing is appended. At most 64 KiB. Either this or send_file.',
      ),
    send_file: filePath().optional().describe('File whose bytes are sent as they are. At most 64 KiB.'),
    interval: duration({ atLeastMs: 10 })
      .describe(
        'The first send is at once when TCP and TLS stand. Each wait from send to send is drawn from 0.8 of this, or timeout where that is more, to this.',
      )
      .prefault(inSeconds(DEFAULT_HEARTBEAT.intervalMs)),
    expect: escapedBytes()
      .optional()
      .describe(
        'Bytes that must appear in what arrives after the send, in however many pieces. Written like send. Without it no answer is needed.',
      ),
    timeout: duration({ atLeastMs: 1 })
      .optional()
      .describe(
        `How long the answer may take, counted from the write. At most interval; only with expect. Default ${inSeconds(DEFAULT_HEARTBEAT.timeoutMs)}, or interval where that is less.`,
      ),
  })
  .register(fieldNotes, { expected: 'a map with send or send_file' });

/** The `heartbeat` of a group. */
export const heartbeatSchema = z
  .union([z.literal(false), heartbeatMap])
  .register(fieldNotes, { expected: 'a map with send or send_file, or false' });

/** The map, where one is written. */
export type HeartbeatValues = z.output<typeof heartbeatMap>;
