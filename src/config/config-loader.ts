import type { ConfigResult } from './config.ts';
import type { LoadOptions } from './load-config.ts';
import type { ConfigSnapshot } from './snapshot/config-snapshot.ts';
import type { FindNames } from './snapshot/snapshot-reader.ts';

/** Checks configurations without holding the event loop. */
export type ConfigLoader = {
  /** As `namesIn` does; null: it failed. */
  readonly findNames: FindNames;
  /** As `loadSnapshot` does. Never rejects: where the check itself fails, that is the one problem. */
  readonly load: (snapshot: ConfigSnapshot, options: LoadOptions) => Promise<ConfigResult>;
  /** Ends what runs; nobody gets an answer of it that is of use. */
  readonly stop: () => Promise<void>;
};
