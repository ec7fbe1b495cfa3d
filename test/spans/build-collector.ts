import { buildGoProgram } from '../support/build-go-program.ts';

/** Builds the collector of `test/spans/collector`; a cold build takes about a minute on two cores. */
export function buildCollector(): Promise<string> {
  return buildGoProgram('collector', new URL('collector', import.meta.url));
}
