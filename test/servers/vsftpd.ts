import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

async function start(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const folder = await stage.folder();
  await stage.program('chmod', ['755', folder]);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  return stage.server(1, async ([port]) => {
    const lines = [
      'listen=YES',
      'background=NO',
      'listen_address=127.0.0.1',
      `listen_port=${port}`,
      'anonymous_enable=YES',
      `anon_root=${empty}`,
      `secure_chroot_dir=${empty}`,
      'seccomp_sandbox=NO', // kernels that are newer than it end its sessions
      ...settings,
    ];
    const file = join(folder, 'vsftpd.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
    return { file: 'vsftpd', args: [file] };
  });
}

const LOGIN = { protocol: 'ftp' };
const SECONDS = IDLE_ROW.limitSeconds;
const impatient = once((stage) => start(stage, `idle_session_timeout=${SECONDS}`));

export const VSFTPD: RealServer = {
  name: 'vsftpd',
  program: 'vsftpd',
  debianPackage: 'vsftpd',
  versionArguments: ['-v'],
  needsRoot: true,
  rows: [
    {
      group: 'vsftpd-beats',
      setting: `\`idle_session_timeout=${SECONDS}\` (default 300)`,
      deed: '`protocol: ftp` (anonymous), heartbeats (`NOOP`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'vsftpd-silent',
      setting: `\`idle_session_timeout=${SECONDS}\``,
      deed: '`protocol: ftp` (anonymous), `heartbeat: false`',
      server: 'says `421 Timeout.` and closes',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(SECONDS, 'eof/fin', 'idle_limit'),
    },
    {
      group: 'vsftpd-full',
      setting: '`max_clients=1`, taken',
      deed: '`protocol: ftp` (anonymous)',
      server: 'says `421 There are too many connected users` and closes',
      settings: LOGIN,
      async start(stage) {
        const port = portOf(await start(stage, 'max_clients=1'));
        await stage.conversation(port, [[/^220 /m, '']]);
        return { port };
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'vsftpd-anonymous-only',
      setting: '`local_enable=NO`',
      deed: '`protocol: ftp` with a user and a password',
      server: 'answers `530`',
      settings: LOGIN,
      async start(stage) {
        const file = join(await stage.folder(), 'password');
        await writeFile(file, 'secret\n');
        return { port: portOf(await start(stage)), settings: { ftp: { username: 'finrst', password_file: file } } };
      },
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'vsftpd-tls-wanted',
      setting: '`local_enable=YES`, `ssl_enable=YES`',
      deed: '`protocol: ftp` with a user and a password, without TLS',
      server: 'answers `530 Non-anonymous sessions must use encryption`',
      settings: LOGIN,
      async start(stage) {
        const file = join(await stage.folder(), 'password');
        await writeFile(file, 'secret\n');
        const { bothFile } = await stage.certificate();
        const port = portOf(await start(stage, 'local_enable=YES', 'ssl_enable=YES', `rsa_cert_file=${bothFile}`));
        return { port, settings: { ftp: { username: 'finrst', password_file: file } } };
      },
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      group: 'vsftpd-kill',
      setting: '',
      deed: '`protocol: ftp` (anonymous); the session is ended (`pkill -P`)',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        const act = async () => void (await stage.program('pkill', ['-TERM', '-P', `${server.pid}`]));
        return { port: portOf(server), act };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
