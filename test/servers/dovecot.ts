import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerProcess } from './server-process.ts';
import { endsAt, refused, type RealServer, type ServerRow, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

type Dovecot = {
  readonly server: ServerProcess;
  readonly imap: number;
  readonly imaps: number;
  readonly confFile: string;
  /** Where Postfix asks whether a password is right. */
  readonly authSocket: string;
};

/** A Dovecot of its own that knows every user by the password `secret`. */
export async function startDovecot(stage: Stage, ...settings: readonly string[]): Promise<Dovecot> {
  const folder = await stage.folder();
  const { certFile, keyFile } = await stage.certificate();
  await stage.program('chmod', ['755', folder]);
  const [confFile, mail, authSocket] = ['dovecot.conf', 'mail', 'auth'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(mail);
  await stage.program('chown', ['dovecot', mail]);
  const server = await stage.server(2, async ([imap, imaps]) => {
    const lines = [
      `base_dir = ${join(folder, 'run')}`,
      `state_dir = ${join(folder, 'state')}`,
      'log_path = /dev/stderr',
      'protocols = imap',
      'listen = 127.0.0.1',
      'ssl = yes',
      `ssl_cert = <${certFile}`,
      `ssl_key = <${keyFile}`,
      `mail_location = maildir:${mail}/%u`,
      'first_valid_uid = 1',
      'passdb {\n  driver = static\n  args = password=secret\n}',
      `userdb {\n  driver = static\n  args = uid=dovecot gid=dovecot home=${mail}/%u\n}`,
      `service imap-login {`,
      `  inet_listener imap {\n    port = ${imap}\n  }`,
      `  inet_listener imaps {\n    port = ${imaps}\n  }`,
      `}`,
      `service auth {\n  unix_listener ${authSocket} {\n    mode = 0666\n  }\n}`,
      'default_vsz_limit = 512M',
      ...settings,
    ];
    await writeFile(confFile, `${lines.join('\n')}\n`);
    return { file: 'dovecot', args: ['-F', '-c', confFile] };
  });
  const [imap = 0, imaps = 0] = server.ports;
  return { server, imap, imaps, confFile, authSocket };
}

async function passwordFile(stage: Stage, password: string): Promise<string> {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return file;
}

/** The options of the user finrst with this password. */
async function account(stage: Stage, password = 'secret'): Promise<Readonly<Record<string, unknown>>> {
  return { username: 'finrst', password_file: await passwordFile(stage, password) };
}

// Dovecot answers a wrong password after 2 s, and starts a process for the first login.
const LOGIN = { protocol: 'imap', connect_timeout: '20s' };
const BEATS = { heartbeat: { interval: '1s' } };
const HELD = { kind: 'held', seconds: 5 } as const;

function row(written: Omit<ServerRow, 'settings' | 'setting'> & Partial<ServerRow>): ServerRow {
  return { setting: '', ...written, settings: { ...LOGIN, ...BEATS, ...written.settings } };
}

/** With the user finrst logged in. */
async function loggedIn(
  stage: Stage,
  ...settings: readonly string[]
): Promise<Dovecot & { readonly situation: Situation }> {
  const dovecot = await startDovecot(stage, ...settings);
  return { ...dovecot, situation: { port: dovecot.imap, settings: { imap: await account(stage) } } };
}

export const DOVECOT: RealServer = {
  name: 'Dovecot',
  program: 'dovecot',
  debianPackage: 'dovecot-imapd',
  versionArguments: ['--version'],
  needsRoot: true,
  rows: [
    row({
      group: 'dovecot-greeting',
      deed: '`protocol: imap` without a login',
      server: 'greets, answers `NOOP`',
      start: async (stage) => ({ port: (await startDovecot(stage)).imap }),
      outcome: HELD,
    }),
    row({
      group: 'dovecot-login',
      deed: '`protocol: imap` with the password',
      server: 'takes the login, keeps the connection',
      start: async (stage) => (await loggedIn(stage)).situation,
      outcome: HELD,
    }),
    row({
      group: 'dovecot-starttls',
      deed: '`protocol: imap` with `starttls` and the password',
      server: 'takes TLS in the middle and the login, keeps the connection',
      async start(stage) {
        const { certFile } = await stage.certificate();
        const imap = { ...(await account(stage)), starttls: true };
        return { port: (await startDovecot(stage)).imap, settings: { imap, tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    }),
    row({
      group: 'dovecot-imaps',
      deed: '`protocol: imap` with `tls` and the password',
      server: 'takes the login, keeps the connection',
      async start(stage) {
        const { certFile } = await stage.certificate();
        const imap = await account(stage);
        return { port: (await startDovecot(stage)).imaps, settings: { imap, tls: { ca_file: certFile } } };
      },
      outcome: HELD,
    }),
    row({
      group: 'dovecot-no-tls',
      setting: '`ssl = no`',
      deed: '`protocol: imap` with `starttls`',
      server: 'answers `BAD`',
      settings: { imap: { starttls: true }, tls: {} },
      start: async (stage) => ({ port: (await startDovecot(stage, 'ssl = no')).imap }),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    }),
    row({
      group: 'dovecot-wrong',
      deed: '`protocol: imap` with a wrong password',
      server: 'waits for 2 s (`auth_failure_delay`), answers `NO [AUTHENTICATIONFAILED]`',
      async start(stage) {
        return { port: (await startDovecot(stage)).imap, settings: { imap: await account(stage, 'wrong') } };
      },
      outcome: refused('protocol/rejected', 'auth_failed'),
    }),
    row({
      group: 'dovecot-limit',
      setting: '`mail_max_userip_connections = 1`, taken',
      deed: '`protocol: imap` with the password',
      server: 'answers `NO [LIMIT]`',
      async start(stage) {
        const { imap, situation } = await loggedIn(stage, 'mail_max_userip_connections = 1');
        await stage.conversation(imap, [
          [/^\* OK/m, 'x LOGIN finrst secret\r\n'],
          [/^x OK/m, ''],
        ]);
        return situation;
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    }),
    row({
      group: 'dovecot-kick',
      deed: '`protocol: imap` with the password; an operator runs `doveadm kick`',
      server: 'says `* BYE` and closes',
      async start(stage) {
        const { confFile, situation } = await loggedIn(stage);
        const kick = () => stage.program('doveadm', ['-c', confFile, 'kick', 'finrst']);
        return { ...situation, act: async () => void (await kick()) };
      },
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    }),
    row({
      group: 'dovecot-stop',
      deed: '`protocol: imap` with the password; the server is stopped (SIGTERM)',
      server: 'says `* BYE` and closes',
      async start(stage) {
        const { server, situation } = await loggedIn(stage);
        return { ...situation, act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin', 'admin_shutdown'),
    }),
  ],
};
