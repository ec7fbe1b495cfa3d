import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import { mariadbLogins } from './mariadb-logins.ts';
import type { ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, once, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

/** MariaDB refuses to run as root unless told twice. */
const USER = 'mysql';

/** System tables, made once and copied for each server: two installations at a time trip over each other's temporary tables. */
const emptyData = once(async (stage) => {
  const folder = await ownFolder(stage);
  const data = join(folder, 'data');
  const install = [`--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await stage.program('mariadb-install-db', [...(process.getuid?.() === 0 ? [`--user=${USER}`] : []), ...install]);
  return data;
});

/** A folder that the server may read. */
export async function ownFolder(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  if (process.getuid?.() === 0) await stage.program('chown', [USER, folder]);
  return folder;
}

/** With tables of its own, as after the installation. */
export async function startMariadb(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const folder = await ownFolder(stage);
  const data = join(folder, 'data');
  // -a keeps the owner where the tests run as root.
  await stage.program('cp', ['-a', await emptyData(stage), data]);
  const plain = ['--no-defaults', `--datadir=${data}`, `--socket=${join(folder, 's')}`, '--bind-address=127.0.0.1'];
  return stage.server(1, ([port]) => ({
    file: programOf('mariadbd'),
    args: [...plain, `--port=${port}`, '--skip-log-bin', ...settings],
    user: USER,
    ready: /ready for connections/,
  }));
}

const shared = once((stage) => startMariadb(stage, '--connect-timeout=2'));
const portOf = (server: ServerProcess): number => server.ports[0] ?? 0;

export const MARIADB: RealServer = {
  name: 'MariaDB',
  program: 'mariadbd',
  debianPackage: 'mariadb-server',
  versionArguments: ['--version'],
  rows: [
    {
      group: 'mariadb-connect-timeout',
      setting: '`connect_timeout = 2` (default 10 s)',
      deed: 'stays silent (never logs in)',
      server: 'says its greeting, then resets; counts a broken handshake against the host',
      settings: {},
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAfter(2, 'error/reset'),
    },
    {
      group: 'mariadb-max-connections',
      setting: '`max_connections = 10`, all taken by clients that never log in',
      deed: 'connects',
      server: 'says `Too many connections` and closes',
      settings: {},
      async start(stage) {
        const port = portOf(await startMariadb(stage, '--connect-timeout=600', '--max-connections=10'));
        // One more than it says: MariaDB keeps the last for an administrator, and who is one shows only at login.
        for (let taken = 0; taken < 11; taken++) await stage.client(port);
        return { port };
      },
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'mariadb-stop',
      setting: '',
      deed: 'silent before login; the server is stopped (SIGTERM)',
      server: 'closes and exits',
      settings: {},
      async start(stage) {
        const server = await startMariadb(stage, '--connect-timeout=600');
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
    ...mariadbLogins({ start: startMariadb, ownFolder }),
  ],
};
