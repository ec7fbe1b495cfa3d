import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildMysqlServer } from './build-mysql-server.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'mysql', heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
/** Its ports: who has accounts and who has a list, the first of each greets with the other method. */
const [ACCOUNT_SWITCHES, ACCOUNT_ASKS, LIST_SWITCHES, LIST_KNOWS] = [0, 1, 2, 3];
const ACCOUNT = 'an account with `caching_sha2_password`';
const LIST = "Vitess' list of users, with `caching_sha2_password`";
const GREETS_BY_OTHER = '; it greets with `mysql_native_password`';
const READ_TIMEOUT = `\`ConnReadTimeout\` ${IDLE_ROW.limitSeconds} s`;

async function start(stage: Stage, ...flags: readonly string[]): Promise<ServerProcess> {
  const [file, { bothFile }] = await Promise.all([buildMysqlServer(), stage.certificate()]);
  return stage.server(4, (ports) => {
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    return { file, args: [`-certificate=${bothFile}`, ...flags, ...addresses], ready: /listening/ };
  });
}

const shared = once((stage) => start(stage));
const impatient = once((stage) => start(stage, `-read-timeout=${IDLE_ROW.limitSeconds}s`));

type At = { readonly server: ServerProcess; readonly place?: number; readonly password?: string };

async function plain(stage: Stage, { server, place = ACCOUNT_ASKS, password = 'secret' }: At): Promise<Situation> {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { port: portOf(server, place), settings: { mysql: { username: 'finrst', password_file: file } } };
}

async function overTls(stage: Stage, at: At): Promise<Situation> {
  const [{ port, settings }, { certFile }] = await Promise.all([plain(stage, at), stage.certificate()]);
  return { port, settings: { ...settings, tls: { ca_file: certFile } } };
}

export const GO_MYSQL_SERVER: RealServer = {
  name: 'go-mysql-server',
  program: 'go',
  debianPackage: 'golang',
  // It is built from the modules of this folder.
  versionArguments: [
    '-C',
    fileURLToPath(new URL('mysql-server', import.meta.url)),
    'list',
    '-m',
    'github.com/dolthub/go-mysql-server',
  ],
  rows: [
    {
      group: 'go-mysql-asks',
      setting: ACCOUNT,
      deed: '`protocol: mysql` with `tls`, heartbeats',
      server: 'asks for the password itself, takes the login, answers',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage) }),
      outcome: HELD,
    },
    {
      group: 'go-mysql-switches',
      setting: `${ACCOUNT}${GREETS_BY_OTHER}`,
      deed: '`protocol: mysql` with `tls`, heartbeats',
      server: 'names the other method, asks for the password itself, takes the login, answers',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage), place: ACCOUNT_SWITCHES }),
      outcome: HELD,
    },
    {
      group: 'go-mysql-knows',
      setting: LIST,
      deed: '`protocol: mysql` with `tls`, heartbeats',
      server: 'knows the digest, takes the login, answers',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage), place: LIST_KNOWS }),
      outcome: HELD,
    },
    {
      group: 'go-mysql-knows-switched',
      setting: `${LIST}${GREETS_BY_OTHER}`,
      deed: '`protocol: mysql` with `tls`, heartbeats',
      server: 'names the other method, knows the digest, takes the login, answers',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage), place: LIST_SWITCHES }),
      outcome: HELD,
    },
    {
      group: 'go-mysql-asks-wrong',
      setting: ACCOUNT,
      deed: '`protocol: mysql` with `tls` and a wrong password',
      server: 'asks for the password itself, refuses the login with 1045',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage), password: 'wrong' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'go-mysql-knows-wrong',
      setting: LIST,
      deed: '`protocol: mysql` with `tls` and a wrong password',
      server: 'refuses the digest with 1045',
      settings: LOGIN,
      start: async (stage) => overTls(stage, { server: await shared(stage), place: LIST_KNOWS, password: 'wrong' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'go-mysql-without-tls',
      setting: ACCOUNT,
      deed: '`protocol: mysql` without `tls`',
      server: 'has no method for it, refuses the login with 2012',
      settings: LOGIN,
      start: async (stage) => plain(stage, { server: await shared(stage) }),
      outcome: refused('protocol/rejected', 'auth_method'),
    },
    {
      group: 'go-mysql-beats',
      setting: `${READ_TIMEOUT} (default: never)`,
      deed: '`protocol: mysql` with `tls`, heartbeats (`COM_PING`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => overTls(stage, { server: await impatient(stage) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'go-mysql-silent',
      setting: READ_TIMEOUT,
      deed: '`protocol: mysql` with `tls`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => overTls(stage, { server: await impatient(stage) }),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'eof/fin'),
    },
    {
      group: 'go-mysql-stop',
      setting: '',
      deed: '`protocol: mysql` with `tls`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { ...(await overTls(stage, { server })), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
