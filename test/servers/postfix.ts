import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startDovecot } from './dovecot.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const BINARIES = '/usr/lib/postfix/sbin';
/** What `postfix start` makes; it takes seconds, since it checks every file. */
const QUEUE_FOLDERS = ['active', 'bounce', 'defer', 'deferred', 'flush', 'incoming', 'private', 'public'];

/** A Postfix of its own, with its folders, that takes mail on one loopback port and delivers none. */
async function start(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const folder = await stage.folder();
  const { certFile, keyFile } = await stage.certificate();
  await stage.program('chmod', ['755', folder]);
  const [etc, queue, data] = ['etc', 'queue', 'data'].map((name) => join(folder, name)) as [string, string, string];
  await Promise.all([etc, queue, data].map((path) => mkdir(path)));
  const inQueue = (names: readonly string[]) => names.map((name) => join(queue, name));
  await Promise.all(inQueue([...QUEUE_FOLDERS, 'pid']).map((path) => mkdir(path)));
  await stage.program('chown', ['postfix', data, ...inQueue(QUEUE_FOLDERS)]);
  const lines = [
    'compatibility_level = 3.6',
    `queue_directory = ${queue}`,
    `data_directory = ${data}`,
    `daemon_directory = ${BINARIES}`,
    'command_directory = /usr/sbin',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'myhostname = localhost',
    'alias_maps =',
    'smtpd_client_event_limit_exceptions =', // loopback clients count, too
    'smtpd_junk_command_limit = 10000', // of 100 a heartbeat a second is errors after 100 s, and the run may be longer
    'smtpd_tls_security_level = may',
    `smtpd_tls_cert_file = ${certFile}`,
    `smtpd_tls_key_file = ${keyFile}`,
    ...settings,
  ];
  await writeFile(join(etc, 'main.cf'), `${lines.join('\n')}\n`);
  return stage.server(1, async ([port]) => {
    const services = [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      'anvil unix - - n - 1 anvil',
      'rewrite unix - - n - - trivial-rewrite',
      'tlsmgr unix - - n 1000? 1 tlsmgr',
      'proxymap unix - - n - - proxymap',
    ];
    await writeFile(join(etc, 'master.cf'), `${services.join('\n')}\n`);
    return { file: join(BINARIES, 'master'), args: ['-c', etc, '-s'] };
  });
}

async function plain(stage: Stage, ...settings: readonly string[]): Promise<Situation> {
  return { port: portOf(await start(stage, ...settings)) };
}

/** One that asks a Dovecot whether a password is right, and takes it over TLS alone. */
async function withLogin(stage: Stage, password: string): Promise<Situation> {
  const { authSocket } = await startDovecot(stage);
  const sasl = ['smtpd_sasl_auth_enable = yes', 'smtpd_sasl_type = dovecot', `smtpd_sasl_path = ${authSocket}`];
  const { port } = await plain(stage, ...sasl, 'smtpd_tls_auth_only = yes');
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  const { certFile } = await stage.certificate();
  return {
    port,
    settings: { smtp: { starttls: true, username: 'finrst', password_file: file }, tls: { ca_file: certFile } },
  };
}

async function overTls(stage: Stage, smtp: Readonly<Record<string, unknown>>, ...settings: readonly string[]) {
  const { certFile } = await stage.certificate();
  return { ...(await plain(stage, ...settings)), settings: { smtp, tls: { ca_file: certFile } } };
}

const LOGIN = { protocol: 'smtp' };
const SECONDS = IDLE_ROW.limitSeconds;
const impatient = once((stage) => plain(stage, `smtpd_timeout = ${SECONDS}s`));

export const POSTFIX: RealServer = {
  name: 'Postfix',
  program: 'postconf',
  debianPackage: 'postfix',
  versionArguments: ['mail_version'],
  needsRoot: true,
  rows: [
    {
      group: 'postfix-starttls',
      setting: '`smtpd_tls_security_level = may`',
      deed: '`protocol: smtp` with `starttls`',
      server: 'takes TLS in the middle, keeps the connection',
      settings: { ...LOGIN, heartbeat: { interval: '1s' } },
      start: (stage) => overTls(stage, { starttls: true }),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'postfix-no-tls',
      setting: '`smtpd_tls_security_level = none`',
      deed: '`protocol: smtp` with `starttls`',
      server: 'answers `502`',
      settings: LOGIN,
      start: (stage) => overTls(stage, { starttls: true }, 'smtpd_tls_security_level = none'),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      group: 'postfix-login',
      setting: '`smtpd_sasl_auth_enable = yes`',
      deed: '`protocol: smtp` with `starttls` and the password',
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, heartbeat: { interval: '1s' }, connect_timeout: '20s' },
      start: (stage) => withLogin(stage, 'secret'),
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'postfix-login-wrong',
      setting: '`smtpd_sasl_auth_enable = yes`',
      deed: '`protocol: smtp` with `starttls` and a wrong password',
      server: 'answers `535 5.7.8`',
      settings: { ...LOGIN, connect_timeout: '20s' },
      start: (stage) => withLogin(stage, 'wrong'),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'postfix-beats',
      setting: `\`smtpd_timeout = ${SECONDS}s\` (default 5 min)`,
      deed: '`protocol: smtp`, heartbeats (`NOOP`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: impatient,
      outcome: IDLE_ROW.held,
    },
    {
      group: 'postfix-silent',
      setting: `\`smtpd_timeout = ${SECONDS}s\``,
      deed: '`protocol: smtp`, `heartbeat: false`',
      server: 'says `421 4.4.2` and closes',
      settings: { ...LOGIN, heartbeat: false },
      start: impatient,
      outcome: endsAfter(SECONDS, 'eof/fin', 'idle_limit'),
    },
    {
      group: 'postfix-connections',
      setting: '`smtpd_client_connection_count_limit = 1`, taken',
      deed: '`protocol: smtp`',
      server: 'says `421 4.7.0 ... too many connections` and closes',
      settings: LOGIN,
      async start(stage) {
        const situation = await plain(stage, 'smtpd_client_connection_count_limit = 1');
        await stage.conversation(situation.port, [[/^220 /m, '']]);
        return situation;
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'postfix-junk',
      setting: '`smtpd_junk_command_limit = 2`, `smtpd_hard_error_limit = 4`',
      deed: '`protocol: smtp`, heartbeats (`NOOP`) and never a mail',
      server: 'counts them as errors, says `421 4.7.0 ... too many errors` and closes',
      settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
      start: (stage) =>
        plain(
          stage,
          'smtpd_junk_command_limit = 2',
          'smtpd_soft_error_limit = 3',
          'smtpd_hard_error_limit = 4',
          'smtpd_error_sleep_time = 0',
        ),
      outcome: endsAt('eof/fin', 'slow_down'),
    },
    {
      group: 'postfix-stop',
      setting: '',
      deed: '`protocol: smtp`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
