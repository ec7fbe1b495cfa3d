import { buildGoProgram } from '../support/build-go-program.ts';

/** Builds the server of `test/servers/mysql-server`; a cold build takes 25 s of CPU. */
export function buildMysqlServer(): Promise<string> {
  return buildGoProgram('mysql-server', new URL('mysql-server', import.meta.url));
}
