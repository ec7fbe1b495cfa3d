import { portOf, type ServerProcess } from './server-process.ts';
import type { Stage } from './stage.ts';

/** A server that keeps nothing, with these settings as its command line spells them. */
export async function startRedis(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const folder = await stage.folder();
  const plain = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  return stage.server(1, ([port]) => ({
    file: 'redis-server',
    args: ['--port', `${port}`, ...plain, ...settings],
    ready: /Ready to accept connections/,
  }));
}

/** The same, with TLS alone. */
export async function startRedisTls(stage: Stage, ...settings: readonly string[]): Promise<ServerProcess> {
  const folder = await stage.folder();
  const { certFile, keyFile } = await stage.certificate();
  const tls = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-auth-clients', 'no'];
  return stage.server(1, ([port]) => ({
    file: 'redis-server',
    args: [
      '--port',
      '0',
      '--tls-port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      folder,
      ...tls,
      ...settings,
    ],
    ready: /Ready to accept connections/,
  }));
}

/** So many keys, each of which takes so long to load: a minute and a half, with an answer to clients between two keys. */
const LOADED = { keys: 4500, microsecondsEach: 20_000 };

/** A server that reads its data from the disk for longer than any row takes, and answers `-LOADING` meanwhile. */
export async function startRedisLoading(stage: Stage): Promise<ServerProcess> {
  const folder = await stage.folder();
  const data = ['--dir', folder, '--rdbcompression', 'no'];
  const writer = await startRedis(stage, ...data);
  const script = `for i=1,${LOADED.keys} do redis.call('set','key:'..i,string.rep('x',1024)) end`;
  await stage.ask(portOf(writer), `EVAL "${script}" 0\r\nSAVE\r\n`, '+OK');
  await command(stage, portOf(writer), 'SHUTDOWN NOSAVE');
  await writer.exited;
  const slow = ['--key-load-delay', `${LOADED.microsecondsEach}`, '--loading-process-events-interval-bytes', '1024'];
  const server = await stage.server(1, ([port]) => ({
    file: 'redis-server',
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', ...data, ...slow],
  }));
  await stage.ask(portOf(server), 'PING\r\n', '-LOADING');
  return server;
}

/** About a second of a loop in Redis' Lua on a machine of today. Nothing depends on it: it only keeps a script from running for ever. */
const ROUNDS_A_SECOND = 100_000_000;

/** Has a server run a script for about so many seconds of its processor, and resolves once it answers `-BUSY`. */
export async function keepBusy(stage: Stage, server: ServerProcess, cpuSeconds: number): Promise<void> {
  // Other rows wait for the same processors.
  await stage.program('renice', ['-n', '19', '-p', `${server.pid}`]);
  await command(stage, portOf(server), `EVAL "for i=1,${cpuSeconds * ROUNDS_A_SECOND} do end" 0`);
  for (;;) {
    // What is asked before the script runs is answered as ever.
    const answer = await stage.ask(portOf(server), 'PING\r\n', '\r\n');
    if (answer.startsWith('-BUSY')) return;
  }
}

/** A command from a client of the test's own; Redis reads plain lines. */
export async function command(stage: Stage, port: number, line: string): Promise<void> {
  const client = await stage.client(port);
  client.write(`${line}\r\n`);
}
