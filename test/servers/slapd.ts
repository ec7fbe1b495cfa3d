import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { portOf, type ServerProcess } from './server-process.ts';
import {
  endsAfter,
  endsAt,
  endsAtOnce,
  IDLE_ROW,
  once,
  refused,
  type RealServer,
  type Situation,
} from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'ldap' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const NAME = 'cn=finrst,dc=test';

type Slapd = {
  readonly settings?: readonly string[];
  readonly scheme?: 'ldap' | 'ldaps';
  /** What it says of requests, as "loglevel" has it; `0`: nothing. */
  readonly debugLevel?: string;
};

/** An empty directory with TLS for those who ask, and this name's password `secret`. */
export async function startSlapd(
  stage: Stage,
  { settings = [], scheme = 'ldap', debugLevel = '0' }: Slapd = {},
): Promise<ServerProcess> {
  const folder = await stage.folder();
  const { certFile, keyFile } = await stage.certificate();
  const data = join(folder, 'data');
  await mkdir(data);
  const file = join(folder, 'slapd.conf');
  const lines = [
    'include /etc/ldap/schema/core.schema',
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `TLSCertificateFile ${certFile}`,
    `TLSCertificateKeyFile ${keyFile}`,
    ...settings,
    'database mdb',
    'suffix "dc=test"',
    `rootdn "${NAME}"`,
    'rootpw secret',
    `directory ${data}`,
    'maxsize 10485760',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return stage.server(1, ([port]) => ({
    file: 'slapd',
    // -d keeps it in the foreground.
    args: ['-d', debugLevel, '-f', file, '-h', `${scheme}://127.0.0.1:${port}/`],
  }));
}

const shared = once((stage) => startSlapd(stage));
const secure = once((stage) => startSlapd(stage, { scheme: 'ldaps' }));
const impatient = once((stage) => startSlapd(stage, { settings: [`idletimeout ${IDLE_ROW.limitSeconds}`] }));

async function asUser(stage: Stage, password: string): Promise<Situation> {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { port: portOf(await shared(stage)), settings: { ldap: { username: NAME, password_file: file } } };
}

async function overTls(stage: Stage, server: ServerProcess, options: object): Promise<Situation> {
  const { certFile } = await stage.certificate();
  return { port: portOf(server), settings: { ldap: options, tls: { ca_file: certFile } } };
}

export const SLAPD: RealServer = {
  name: 'OpenLDAP',
  program: 'slapd',
  debianPackage: 'slapd',
  versionArguments: ['-VV'],
  rows: [
    {
      group: 'slapd-anonymous',
      setting: '',
      deed: '`protocol: ldap`, heartbeats (search of the root)',
      server: 'takes the anonymous bind, answers',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: HELD,
    },
    {
      group: 'slapd-password',
      setting: '',
      deed: '`protocol: ldap` with name and password, heartbeats',
      server: 'takes the bind, answers',
      settings: { ...LOGIN, ...OFTEN },
      start: (stage) => asUser(stage, 'secret'),
      outcome: HELD,
    },
    {
      group: 'slapd-starttls',
      setting: 'TLS',
      deed: '`protocol: ldap` with `starttls`, heartbeats',
      server: 'begins TLS, takes the bind, answers',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => overTls(stage, await shared(stage), { starttls: true }),
      outcome: HELD,
    },
    {
      group: 'slapd-ldaps',
      setting: '`ldaps://`',
      deed: '`protocol: ldap` with `tls`, heartbeats',
      server: 'takes the bind, answers',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => overTls(stage, await secure(stage), {}),
      outcome: HELD,
    },
    {
      group: 'slapd-plain-at-ldaps',
      setting: '`ldaps://`',
      deed: '`protocol: ldap` without `tls`',
      server: 'closes without a word',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await secure(stage)) }),
      outcome: refused('protocol/eof'),
    },
    {
      group: 'slapd-wrong-password',
      setting: '',
      deed: '`protocol: ldap` with a wrong password',
      server: 'refuses the bind with 49',
      settings: LOGIN,
      start: (stage) => asUser(stage, 'wrong'),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'slapd-no-anonymous',
      setting: '`disallow bind_anon`',
      deed: '`protocol: ldap` without a name',
      server: 'refuses the bind with 48',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await startSlapd(stage, { settings: ['disallow bind_anon'] })) }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'slapd-wants-tls',
      setting: '`security tls=1`',
      deed: '`protocol: ldap` without `tls`, heartbeats',
      server: 'refuses the bind with 13',
      settings: { ...LOGIN, ...OFTEN },
      start: async (stage) => ({ port: portOf(await startSlapd(stage, { settings: ['security tls=1'] })) }),
      outcome: refused('protocol/rejected', 'tls_mismatch'),
    },
    {
      group: 'slapd-beats',
      setting: `\`idletimeout ${IDLE_ROW.limitSeconds}\` (default 0: never)`,
      deed: '`protocol: ldap`, heartbeats',
      server: 'keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'slapd-no-beats',
      setting: `\`idletimeout ${IDLE_ROW.limitSeconds}\``,
      deed: '`protocol: ldap`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(IDLE_ROW.limitSeconds, 'eof/fin'),
    },
    {
      group: 'slapd-notice',
      setting: '',
      deed: 'heartbeat of a bind without a content, expects the notice of disconnection',
      server: 'says so (2, decoding error), and closes',
      settings: {
        heartbeat: {
          send: String.raw`\x30\x05\x02\x01\x01\x60\x00`,
          expect: String.raw`\x0a\x01\x02\x04\x00\x04\x0edecoding error\x8a\x161.3.6.1.4.1.1466.20036`,
          interval: '1h',
          timeout: '5s',
        },
      },
      start: async (stage) => ({ port: portOf(await shared(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'slapd-stop',
      setting: '',
      deed: '`protocol: ldap`; the server is stopped (SIGTERM)',
      server: 'closes without a word',
      settings: LOGIN,
      async start(stage) {
        const server = await startSlapd(stage);
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
