import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { programOf } from '../support/find-program.ts';
import { portOf, type ServerProcess } from './server-process.ts';
import { endsAt, IDLE_ROW, once, refused, type RealServer, type Situation } from './server-row.ts';
import type { Stage } from './stage.ts';

const LOGIN = { protocol: 'amqp' };
const OFTEN = { heartbeat: { interval: '500ms', timeout: '500ms' } };
const HELD = { kind: 'held', seconds: 5 } as const;
const PASSWORD = 'secret';
/** Debian's own programs want to run as their user, in their folder. */
const PROGRAMS = '/usr/lib/rabbitmq/bin';

type Broker = {
  readonly server: ServerProcess;
  /** What an operator types behind `rabbitmqctl`. */
  readonly control: (...args: readonly string[]) => Promise<void>;
};

/** Users, virtual hosts and limits, as `rabbitmqctl export_definitions` writes them. */
function definitions(): string {
  const salt = Buffer.from([1, 2, 3, 4]);
  const hash = createHash('sha256').update(salt).update(PASSWORD).digest();
  const user = (name: string, limits = {}) => ({
    name,
    password_hash: Buffer.concat([salt, hash]).toString('base64'),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: [],
    limits,
  });
  const nothing = { configure: '^$', write: '^$', read: '^$' };
  const vhosts = ['/', 'full', 'closed'];
  return JSON.stringify({
    users: [user('finrst'), user('stranger'), user('limited', { 'max-connections': 0 })],
    vhosts: vhosts.map((name) => ({ name })),
    permissions: [
      ...vhosts.map((vhost) => ({ user: 'finrst', vhost, ...nothing })),
      { user: 'limited', vhost: '/', ...nothing },
    ],
    parameters: [{ vhost: 'full', component: 'vhost-limits', name: 'limits', value: { 'max-connections': 0 } }],
  });
}

/** A broker of one node, with a name server (epmd) of its own: the one that Erlang starts by itself outlives everything. */
export async function startRabbitmq(stage: Stage): Promise<Broker> {
  const folder = await stage.folder();
  const { certFile, keyFile } = await stage.certificate();
  const names = await stage.server(1, ([port]) => ({
    file: programOf('epmd'),
    args: ['-port', `${port}`, '-address', '127.0.0.1'],
  }));
  const file = (name: string): string => join(folder, name);
  const environment = [
    `HOME=${folder}`,
    'RABBITMQ_NODENAME=finrst@localhost',
    `RABBITMQ_MNESIA_BASE=${file('data')}`,
    `RABBITMQ_LOG_BASE=${file('log')}`,
    'RABBITMQ_LOGS=-',
    `RABBITMQ_CONFIG_FILE=${file('rabbitmq.conf')}`,
    `RABBITMQ_CONF_ENV_FILE=${file('none')}`,
    `RABBITMQ_ENABLED_PLUGINS_FILE=${file('plugins')}`,
    `RABBITMQ_PID_FILE=${file('pid')}`,
    `ERL_EPMD_PORT=${portOf(names)}`,
    'ERL_EPMD_ADDRESS=127.0.0.1',
    'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1',
  ];
  await writeFile(file('plugins'), '[].\n');
  await writeFile(file('definitions.json'), definitions());
  const server = await stage.server(3, async ([port, tlsPort, distribution]) => {
    const settings = [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.certfile = ${certFile}`,
      `ssl_options.keyfile = ${keyFile}`,
      `ssl_options.cacertfile = ${certFile}`,
      'distribution.listener.interface = 127.0.0.1',
      `load_definitions = ${file('definitions.json')}`,
      `heartbeat = ${IDLE_ROW.limitSeconds}`,
    ];
    await writeFile(file('rabbitmq.conf'), `${settings.join('\n')}\n`);
    // As under systemd the script becomes the broker, so that its pid is the broker's.
    const own = [`RABBITMQ_DIST_PORT=${distribution}`, 'RUNNING_UNDER_SYSTEMD=true'];
    return {
      file: programOf('env'),
      args: [...environment, ...own, join(PROGRAMS, 'rabbitmq-server')],
      ready: /Server startup complete/,
      readyWithinMs: 90_000,
    };
  });
  const control = async (...args: readonly string[]): Promise<void> => {
    await stage.program('env', [...environment, join(PROGRAMS, 'rabbitmqctl'), ...args]);
  };
  return { server, control };
}

const shared = once(startRabbitmq);
const passwordFile = once(async (stage) => {
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${PASSWORD}\n`);
  return file;
});

type Login = { readonly username?: string; readonly vhost?: string; readonly password?: string };

/** The keys of a login by this user. */
export async function amqpKeys(stage: Stage, { username = 'finrst', password, vhost = '/' }: Login = {}) {
  if (password === undefined) return { amqp: { username, vhost, password_file: await passwordFile(stage) } };
  const file = join(await stage.folder(), 'password');
  await writeFile(file, `${password}\n`);
  return { amqp: { username, vhost, password_file: file } };
}

const loggedIn = async (stage: Stage, login: Login = {}): Promise<Situation> => ({
  port: portOf((await shared(stage)).server),
  settings: await amqpKeys(stage, login),
});

export const RABBITMQ: RealServer = {
  name: 'RabbitMQ',
  program: 'rabbitmq-server',
  debianPackage: 'rabbitmq-server',
  // What is told of the package: to ask the program takes as long as to start it.
  versionProgram: 'dpkg-query',
  versionArguments: ['-W', 'rabbitmq-server'],
  rows: [
    {
      group: 'rabbitmq-beats',
      setting: `\`heartbeat = ${IDLE_ROW.limitSeconds}\` (default 60 s); permissions \`^$ ^$ ^$\``,
      deed: '`protocol: amqp`, heartbeats (`basic.qos`)',
      server: 'answers, keeps the connection',
      settings: { ...LOGIN, ...IDLE_ROW.beats },
      start: (stage) => loggedIn(stage),
      outcome: IDLE_ROW.held,
    },
    {
      group: 'rabbitmq-silent',
      setting: `\`heartbeat = ${IDLE_ROW.limitSeconds}\``,
      deed: '`protocol: amqp`, `heartbeat: false`',
      server: 'sends its own heartbeats, then resets without a word',
      settings: { ...LOGIN, heartbeat: false },
      start: (stage) => loggedIn(stage),
      outcome: endsAt('error/reset'),
    },
    {
      group: 'rabbitmq-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: amqp` with `tls`',
      server: 'takes the login, keeps the connection',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { certFile } = await stage.certificate();
        const settings = { ...(await amqpKeys(stage)), tls: { ca_file: certFile } };
        return { port: portOf((await shared(stage)).server, 1), settings };
      },
      outcome: HELD,
    },
    {
      group: 'rabbitmq-plain-at-tls',
      setting: 'a listener with TLS',
      deed: '`protocol: amqp` without `tls`',
      server: 'answers with an alert of TLS',
      settings: LOGIN,
      start: async (stage) => ({ ...(await loggedIn(stage)), port: portOf((await shared(stage)).server, 1) }),
      outcome: refused('protocol/other', 'protocol_error'),
    },
    {
      group: 'rabbitmq-http',
      setting: '',
      deed: '`protocol: http`',
      server: 'answers with the header of AMQP, and closes',
      settings: { protocol: 'http' },
      start: async (stage) => ({ port: portOf((await shared(stage)).server) }),
      outcome: refused('protocol/other', 'protocol_error'),
    },
    {
      group: 'rabbitmq-wrong',
      setting: '',
      deed: '`protocol: amqp` with a wrong password',
      server: 'refuses the login with 403, and resets',
      settings: LOGIN,
      start: (stage) => loggedIn(stage, { password: 'wrong' }),
      outcome: refused('protocol/rejected', 'auth_failed'),
    },
    {
      group: 'rabbitmq-no-vhost',
      setting: '',
      deed: '`protocol: amqp` with a virtual host that is not there',
      server: 'refuses with 530',
      settings: LOGIN,
      start: (stage) => loggedIn(stage, { vhost: 'nope' }),
      outcome: refused('protocol/rejected', 'not_found'),
    },
    {
      group: 'rabbitmq-no-permission',
      setting: 'a user without permissions in the virtual host',
      deed: '`protocol: amqp`',
      server: 'refuses with 530',
      settings: LOGIN,
      start: (stage) => loggedIn(stage, { username: 'stranger' }),
      outcome: refused('protocol/rejected', 'forbidden'),
    },
    {
      group: 'rabbitmq-user-limit',
      setting: '`max-connections` of the user, reached',
      deed: '`protocol: amqp`',
      server: 'refuses with 530',
      settings: LOGIN,
      start: (stage) => loggedIn(stage, { username: 'limited' }),
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'rabbitmq-vhost-limit',
      setting: '`max-connections` of the virtual host, reached',
      deed: '`protocol: amqp`',
      server: 'refuses with 530',
      settings: LOGIN,
      start: (stage) => loggedIn(stage, { vhost: 'full' }),
      outcome: refused('protocol/rejected', 'too_many_connections'),
    },
    {
      group: 'rabbitmq-closed',
      setting: '',
      deed: '`protocol: amqp`; an operator runs `rabbitmqctl close_all_connections`',
      server: 'says 320, and resets',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { control } = await shared(stage);
        const act = (): Promise<void> => control('close_all_connections', '--vhost', 'closed', 'an upgrade');
        return { ...(await loggedIn(stage, { vhost: 'closed' })), act };
      },
      outcome: endsAt('error/reset', 'admin_shutdown'),
    },
    {
      group: 'rabbitmq-stop',
      setting: '',
      deed: '`protocol: amqp`; the broker is stopped (SIGTERM)',
      server: 'says 320, and resets',
      settings: { ...LOGIN, ...OFTEN },
      async start(stage) {
        const { server } = await startRabbitmq(stage);
        return { port: portOf(server), settings: await amqpKeys(stage), act: () => server.signal('SIGTERM') };
      },
      outcome: endsAt('error/reset', 'admin_shutdown'),
    },
  ],
};
