import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import type { ServerProcess } from './server-process.ts';
import { bytesOf, once } from './server-row.ts';
import type { Stage } from './stage.ts';

/** The superuser of each cluster, and who its server runs as where the tests are root: PostgreSQL refuses that. */
export const SUPERUSER = 'postgres';

/** A cluster that trusts everybody on the loopback address, made once and copied for each server. */
const emptyCluster = once(async (stage) => {
  const folder = await ownFolder(stage);
  const data = join(folder, 'data');
  await asOwner(stage, 'initdb', [
    '-D',
    data,
    '-U',
    SUPERUSER,
    '--auth=trust',
    '--no-sync',
    '--no-locale',
    '-E',
    'UTF8',
  ]);
  return data;
});

/** A fresh folder that the server may write to. */
export async function ownFolder(stage: Stage): Promise<string> {
  const folder = await stage.folder();
  if (process.getuid?.() === 0) await stage.program('chown', [SUPERUSER, folder]);
  return folder;
}

async function asOwner(stage: Stage, program: string, args: readonly string[]): Promise<void> {
  const root = process.getuid?.() === 0;
  if (!root) await stage.program(program, args);
  else
    await stage.program('setpriv', [
      `--reuid=${SUPERUSER}`,
      `--regid=${SUPERUSER}`,
      '--init-groups',
      '--',
      programOf(program),
      ...args,
    ]);
}

/** A server of its own, which trusts everybody unless the settings say otherwise. */
export async function startPostgres(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  return launch(stage, await ownData(stage), { settings, ready: /ready to accept connections/ });
}

/** A server that stays in recovery: it takes connections, and refuses each login. */
export async function startRecovering(stage: Stage): Promise<ServerProcess> {
  const data = await ownData(stage);
  await asOwner(stage, 'touch', [join(data, 'standby.signal')]);
  return launch(stage, data, { settings: ['hot_standby=off'], ready: /entering standby mode/ });
}

/** Settings that turn TLS on, with the certificate of all rows. */
export async function tlsSettingsOf(stage: Stage): Promise<readonly string[]> {
  const { certFile, keyFile } = await stage.certificate();
  const folder = await ownFolder(stage);
  // PostgreSQL reads a key that is its own alone.
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await stage.program('cp', [certFile, keyFile, folder]);
  if (process.getuid?.() === 0) await stage.program('chown', [SUPERUSER, cert, key]);
  await stage.program('chmod', ['600', key]);
  return ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`];
}

async function ownData(stage: Stage): Promise<string> {
  const data = join(await ownFolder(stage), 'data');
  await asOwner(stage, 'cp', ['-r', await emptyCluster(stage), data]);
  return data;
}

type Start = { readonly settings: readonly string[]; readonly ready: RegExp };

function launch(stage: Stage, data: string, { settings, ready }: Start): Promise<ServerProcess> {
  const plain = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_wal_senders=0'];
  const options = [...plain, ...settings].flatMap((setting) => ['-c', setting]);
  return stage.server(1, ([port]) => ({
    file: programOf('postgres'),
    args: ['-D', data, '-p', `${port}`, ...options],
    user: SUPERUSER,
    ready,
  }));
}

/** A StartupMessage as Finrst's configuration spells it: length, protocol 3.0, names and values, each ended by a zero byte. */
export function startupMessage(parameters: Readonly<Record<string, string>>): string {
  const body = Object.entries(parameters)
    .flat()
    .map((text) => `${text}\\x00`)
    .join('');
  // Every \xHH is four characters for one byte.
  const length = 4 + 4 + body.replaceAll('\\x00', '0').length + 1;
  return `\\x00\\x00\\x00\\x${length.toString(16).padStart(2, '0')}\\x00\\x03\\x00\\x00${body}\\x00`;
}

/** Logs in as the superuser, where it is trusted. */
export const TRUSTED_LOGIN = startupMessage({ user: SUPERUSER, database: SUPERUSER });
/** ReadyForQuery, idle: what PostgreSQL says once a session stands. */
export const READY = 'Z\\x00\\x00\\x00\\x05I';

/** A statement of the superuser; resolves with what it printed. */
export async function query(stage: Stage, port: number, sql: string): Promise<string> {
  return stage.program('psql', ['-h', '127.0.0.1', '-p', `${port}`, '-U', SUPERUSER, '-d', SUPERUSER, '-Atqc', sql]);
}

/** A session of the test's own that has its slot: the server has said ReadyForQuery. */
export async function occupy(stage: Stage, port: number): Promise<void> {
  await stage.ask(port, bytesOf(TRUSTED_LOGIN), bytesOf(READY));
}
