import { z } from 'zod';
import { duration, fieldNotes } from './field-schemas.ts';

/** The `zookeeper` of a group with `protocol: zookeeper`. */
export const zookeeperSchema = z
  .strictObject({
    session_timeout: duration({ atLeastMs: 1000, atMostMs: 86_400_000 })
      .optional()
      .describe(
        'How long the server keeps the session when it hears nothing, as far as its own bounds allow. Without it: three times heartbeat.interval.',
      ),
  })
  .register(fieldNotes, { expected: 'a map of options' });
