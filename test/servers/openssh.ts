import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import type { ServerProcess } from './server-process.ts';
import { endsAfter, endsAtOnce, once, refused, sendOnce, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

async function start(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  // As root, sshd wants its empty folder, which its service usually makes.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const key = join(await stage.folder(), 'host-key');
  await stage.program('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const options = ['ListenAddress=127.0.0.1', 'PidFile=none', 'UsePAM=no', `HostKey=${key}`, ...settings];
  return stage.server(1, ([port]) => ({
    // sshd starts itself again for each connection and therefore wants its full path.
    file: programOf('sshd'),
    args: ['-D', '-e', '-f', '/dev/null', '-p', `${port}`, ...options.flatMap((option) => ['-o', option])],
    ready: /Server listening on/,
  }));
}

const impatient = once((stage) => start(stage, 'LoginGraceTime=1', 'MaxStartups=50'));
const portOf = (server: ServerProcess): number => server.ports[0] ?? 0;

export const OPENSSH: RealServer = {
  name: 'OpenSSH',
  program: 'sshd',
  debianPackage: 'openssh-server',
  versionArguments: ['-V'],
  rows: [
    {
      group: 'openssh-login-grace-time',
      setting: '`LoginGraceTime 1` (default 120 s)',
      deed: 'stays silent',
      server: 'says its banner, then closes',
      settings: {},
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'openssh-banner',
      setting: '`LoginGraceTime 1`',
      deed: 'sends a banner of its own, then stays silent',
      server: 'offers its keys, then closes',
      settings: sendOnce('SSH-2.0-finrst\\r\\n'),
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(1, 'eof/fin'),
    },
    {
      group: 'openssh-heartbeat',
      setting: '`LoginGraceTime 1`',
      deed: 'sends a line again and again',
      server: 'takes it for a broken packet and closes',
      settings: { heartbeat: { send: 'SSH-2.0-finrst\\r\\n', interval: '300ms' } },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'openssh-max-startups',
      setting: '`MaxStartups 1`, taken (default 10:30:100)',
      deed: 'connects',
      server: 'says `Exceeded MaxStartups` and closes',
      settings: {},
      async start(stage) {
        const port = portOf(await start(stage, 'LoginGraceTime=0', 'MaxStartups=1'));
        await stage.client(port);
        return { port };
      },
      outcome: endsAtOnce('eof/fin'),
    },
    {
      group: 'openssh-stop',
      setting: '`LoginGraceTime 0`',
      deed: 'silent; the listening sshd is stopped (SIGTERM)',
      server: 'goes, but the process of this connection stays',
      settings: {},
      async start(stage) {
        const server = await start(stage, 'LoginGraceTime=0');
        return { port: portOf(server), act: () => server.signal('SIGTERM') };
      },
      outcome: { kind: 'held', seconds: 5 },
    },
    {
      group: 'openssh-tls',
      setting: '',
      deed: 'starts TLS',
      server: 'says its banner',
      settings: { tls: {} },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: refused('tls/not_tls'),
    },
  ],
};
