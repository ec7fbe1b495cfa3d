import { buildGoProgram } from '../support/build-go-program.ts';

/** Builds Prometheus' own relabelling as a program (`test/parity/oracle`); a cold build takes seconds. */
export function buildOracle(): Promise<string> {
  return buildGoProgram('oracle', new URL('oracle', import.meta.url));
}
