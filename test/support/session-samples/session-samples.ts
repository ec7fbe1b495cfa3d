import type { ProtocolName } from '../../../src/settings/protocol-settings.ts';
import { BROKER_SAMPLES } from './brokers.ts';
import { DATABASE_SAMPLES } from './databases.ts';
import type { SampleRow, SessionSample } from './session-sample.ts';
import { LINE_SAMPLES } from './talk-by-lines.ts';
import { WEB_SAMPLES } from './web-servers.ts';

/** A registered protocol without samples does not compile. */
const ROWS: Readonly<Record<ProtocolName, readonly SampleRow[]>> = {
  ...DATABASE_SAMPLES,
  ...BROKER_SAMPLES,
  ...WEB_SAMPLES,
  ...LINE_SAMPLES,
};

/** Each shape of each registered protocol. */
export const SESSION_SAMPLES: readonly (SessionSample & { readonly name: string })[] = Object.entries(ROWS).flatMap(
  ([name, rows]) => rows.map((row) => ({ name, context: {}, more: [], ...row })),
);
