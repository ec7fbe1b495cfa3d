import { portOf, type ServerProcess } from './server-process.ts';
import { endsAfter, endsAt, IDLE_ROW, once, refused, type RealServer } from './server-row.ts';
import type { Stage } from './stage.ts';

async function start(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  return stage.server(1, ([port]) => ({
    file: 'memcached',
    // It refuses root, and changes to another user by itself.
    args: ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', '-t', '1', '-m', '8', '-u', 'nobody', ...settings],
  }));
}

const LOGIN = { protocol: 'memcached' };
const SECONDS = IDLE_ROW.limitSeconds;
const impatient = once((stage) => start(stage, '-o', `idle_timeout=${SECONDS}`));
/** A few more than it takes for itself. */
const CONNECTIONS = 64;

/** What `protocol: memcached` says, as a script. */
const SCRIPT = {
  protocol: 'script',
  script: {
    login: [{ send: 'version\\r\\n' }, { expect: '^VERSION (?<version>\\S+)' }],
    heartbeat: { send: 'version\\r\\n', expect_bytes: 'VERSION ' },
    farewell: 'quit\\r\\n',
  },
};

export const MEMCACHED: RealServer = {
  name: 'memcached',
  program: 'memcached',
  debianPackage: 'memcached',
  versionArguments: ['--version'],
  rows: [
    {
      group: 'memcached-beats',
      setting: `\`-o idle_timeout=${SECONDS}\` (default 0: never)`,
      deed: '`protocol: memcached`, heartbeats (`version`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'memcached-script',
      setting: `\`-o idle_timeout=${SECONDS}\``,
      deed: '`protocol: script` that says the same',
      server: 'answers, keeps the connection',
      settings: { ...SCRIPT, ...IDLE_ROW.beats },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'memcached-silent',
      setting: `\`-o idle_timeout=${SECONDS}\``,
      deed: '`protocol: memcached`, `heartbeat: false`',
      server: 'closes without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: async (stage) => ({ port: portOf(await impatient(stage)) }),
      outcome: endsAfter(SECONDS, 'eof/fin'),
    },
    {
      group: 'memcached-full',
      setting: `\`-c ${CONNECTIONS}\`, all taken`,
      deed: '`protocol: memcached`',
      server: 'says `ERROR Too many open connections` and closes',
      settings: LOGIN,
      async start(stage) {
        const port = portOf(await start(stage, '-c', `${CONNECTIONS}`));
        // The client that found it up may still be counted: those that come later take its place.
        for (let count = 0; count < CONNECTIONS + 8; count++) await stage.client(port);
        return { port };
      },
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'memcached-stop',
      setting: '',
      deed: '`protocol: memcached`; the server is stopped (SIGTERM)',
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
