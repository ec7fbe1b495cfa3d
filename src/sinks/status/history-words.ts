import { CONNECT_FAILURE_REASONS } from '../../domain/connect-failure.ts';
import { DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../../domain/disconnect.ts';
import { GOODBYES } from '../../domain/goodbye.ts';
import { HINTS } from '../../domain/hint.ts';
import { ANNOUNCEMENTS } from '../../settings/announcement.ts';

/** The closed sets, and other words that histories have again and again. One that is missing here takes its letters. */
export const WORDS: readonly string[] = [
  'disconnected',
  'localClosed',
  ...closedSet(DISCONNECT_REASONS),
  ...LOCAL_CLOSE_REASONS,
  ...closedSet(CONNECT_FAILURE_REASONS),
  ...GOODBYES,
  ...HINTS,
  ...ANNOUNCEMENTS,
  'remote',
  'network',
  'local_host',
  'self',
  'established',
  'close',
  'close_wait',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'TLSv1.3',
  'TLS_AES_256_GCM_SHA384',
];

/** Keys and values of a table of reasons. */
function closedSet(table: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(table).flatMap(([key, reasons]) => [key, ...reasons]);
}
