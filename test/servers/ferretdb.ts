import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildFerretdb, FERRETDB_MODULE } from './build-ferretdb.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'mongodb' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const PASSWORD = 'secret';

/** With the user finrst, and a second port for TLS. It asks nobody else for anything. */
export async function startFerretdb(stage: Stage): Promise<ServerProcess> {
  const [program, folder, { certFile, keyFile }] = await Promise.all([
    buildFerretdb(),
    stage.folder(),
    stage.certificate(),
  ]);
  return stage.server(2, async ([port, portOfTls]) => {
    const data = join(folder, `${port}`);
    await mkdir(data);
    const args = [
      '--handler=sqlite',
      `--sqlite-url=file:${data}/`,
      `--state-dir=${data}`,
      '--telemetry=disable',
      '--debug-addr=-',
      `--listen-addr=127.0.0.1:${port}`,
      `--listen-tls=127.0.0.1:${portOfTls}`,
      `--listen-tls-cert-file=${certFile}`,
      `--listen-tls-key-file=${keyFile}`,
      '--test-enable-new-auth',
      '--setup-database=admin',
      '--setup-username=finrst',
      `--setup-password=${PASSWORD}`,
    ];
    return { file: program, args, ready: /Listening on TLS/ };
  });
}

const shared = once(startFerretdb);

type User = { readonly username?: string; readonly password?: string };

async function asUser(stage: Stage, { username = 'finrst', password = PASSWORD }: User): Promise<Situation> {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { port: portOf(await shared(stage)), settings: { mongodb: { username, password_file: file } } };
}

export const FERRETDB: RealServer = {
  name: 'FerretDB',
  program: 'go',
  debianPackage: 'golang',
  versionArguments: ['mod', 'download', '-json', FERRETDB_MODULE],
  rows: [
    {
      group: 'mongodb-beats',
      setting: 'users have passwords',
      deed: '`protocol: mongodb` without a login, heartbeats (`ping`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'mongodb-silent',
      setting: 'it has no idle limit',
      deed: '`protocol: mongodb`, `heartbeat: false`',
      server: 'keeps the connection',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'mongodb-password',
      setting: 'users have passwords',
      deed: '`protocol: mongodb` with name and password, heartbeats',
      server: 'takes the login (SCRAM-SHA-256), answers',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage) => asUser(stage, {}),
      outcome: HELD,
    },
    {
      group: 'mongodb-wrong',
      setting: 'users have passwords',
      deed: '`protocol: mongodb` with a wrong password',
      server: 'refuses the login with 18',
      settings: LOGIN,
      start: (stage) => asUser(stage, { password: 'wrong' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'mongodb-nobody',
      setting: 'users have passwords',
      deed: '`protocol: mongodb` with a user that is not there',
      server: 'refuses the login with 18',
      settings: LOGIN,
      start: (stage) => asUser(stage, { username: 'nobody' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'mongodb-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: mongodb` with `tls`, heartbeats',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        return { port: portOf(await shared(stage), 1), settings: { tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    },
    {
      group: 'mongodb-plain-at-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: mongodb` without `tls`',
      server: 'closes without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await shared(stage), 1) }),
      outcome: refused('protocol/eof'),
    },
    {
      group: 'mongodb-stop',
      setting: '',
      deed: '`protocol: mongodb`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const server = await shared(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      endsOthers: true,
      outcome: endsAt('eof/fin'),
    },
  ],
};
