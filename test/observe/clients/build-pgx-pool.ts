import { buildGoProgram } from '../../support/build-go-program.ts';

/** Builds the client of `pgx-pool`; a cold build takes some seconds on two cores. */
export function buildPgxPool(): Promise<string> {
  return buildGoProgram('pgx-pool', new URL('pgx-pool', import.meta.url));
}
