import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, endsAtOnce, IDLE_ROW, once, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

const SECONDS = IDLE_ROW.limitSeconds;
const LOGIN = { protocol: 'http' };
const MODULES = '/usr/lib/apache2/modules';

/** Answers 404 to everything, as Debian's package does without a site. */
async function start(stage: Stage, directives: string): Promise<ServerProcess> {
  const folder = await stage.folder();
  return stage.server(1, async ([port]) => {
    const file = join(folder, 'apache.conf');
    const modules = ['mpm_event', 'authz_core'].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
    const lines = [
      ...modules,
      `ServerRoot ${folder}`,
      `PidFile ${join(folder, 'pid')}`,
      `ErrorLog ${join(folder, 'error.log')}`,
      `DefaultRuntimeDir ${folder}`,
      `DocumentRoot ${folder}`,
      'ServerName finrst.test',
      'User nobody',
      'Group nogroup',
      `Listen 127.0.0.1:${port}`,
      directives,
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return { file: 'apache2', args: ['-f', file, '-D', 'FOREGROUND'] };
  });
}

const impatient = once((stage) => start(stage, `KeepAliveTimeout ${SECONDS}`));

export const APACHE: RealServer = {
  name: 'Apache',
  program: 'apache2',
  debianPackage: 'apache2-bin',
  versionArguments: ['-v'],
  rows: [
    {
      group: 'apache-beats',
      setting: `\`KeepAliveTimeout ${SECONDS}\` (the default), said as \`Keep-Alive: timeout=${SECONDS}\``,
      deed: '`protocol: http` with the default interval of 30 s',
      server: 'is asked every 4 s, answers, keeps the connection',
      settings: LOGIN,
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'apache-silent',
      setting: `\`KeepAliveTimeout ${SECONDS}\``,
      deed: '`protocol: http`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(SECONDS, 'eof/fin'),
    },
    {
      group: 'apache-requests',
      setting: '`MaxKeepAliveRequests 3` (default 100)',
      deed: '`protocol: http`, heartbeats',
      server: 'says `Connection: close` in the third answer, and closes',
      settings: { ...LOGIN, heartbeat: { interval: '500ms', timeout: '500ms' } },
      start: async (stage) => ({ port: portOf(await start(stage, 'MaxKeepAliveRequests 3')) }),
      outcome: endsAtOnce('eof/fin', 'going_away'),
    },
    {
      group: 'apache-graceful-stop',
      setting: '',
      deed: '`protocol: http`; `apachectl graceful-stop`',
      server: 'closes without a word and exits',
      settings: LOGIN,
      async start(stage) {
        const server = await start(stage, 'KeepAliveTimeout 3600');
        return { port: portOf(server), act: () => server.signal('SIGWINCH') };
      },
      outcome: endsAt('eof/fin'),
    },
  ],
};
