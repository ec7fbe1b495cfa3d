import { buildGoProgram } from '../support/build-go-program.ts';

/** Builds the broker of `test/servers/mochi-server`; a cold build takes half a minute on two cores. */
export function buildMochiServer(): Promise<string> {
  return buildGoProgram('mochi-server', new URL('mochi-server', import.meta.url));
}
