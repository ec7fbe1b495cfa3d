import { makeCertificates } from './certificates.ts';
import type { Janitor } from './janitor.ts';
import { createNetwork } from './network.ts';
import type { PassOptions } from './run-pass.ts';
import { startSocketTrace } from './socket-trace.ts';
import { compileTwin } from './twins.ts';

export type Place = { readonly folder: string; readonly node: string; readonly janitor: Janitor };

/** A network and all else that every pass needs: nothing is held beside its scenarios, and nobody else looks. */
export function createPassBase({ folder, node, janitor }: Place): Omit<PassOptions, 'scenarios'> {
  const network = createNetwork(janitor);
  const trace = startSocketTrace(folder, janitor);
  makeCertificates(folder);
  return {
    network,
    folder,
    node,
    trace,
    twinBinary: compileTwin(folder),
    others: 0,
    scraped: false,
    plain: null,
    observed: null,
  };
}
