import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { findProgram } from '../support/find-program.ts';

export type Launch = {
  readonly file: string;
  readonly args: readonly string[];
  /** What its output says once it accepts connections; without it, a port is tried until it answers. */
  readonly ready?: RegExp;
  /** The place of that port: the one that it opens last. Default: the first. */
  readonly lastPort?: number;
  /** How long that may take; without it 20 s. */
  readonly readyWithinMs?: number;
  /** Runs as this user, for servers that refuse root. Ignored where the tests do not run as root. */
  readonly user?: string;
};

export type ServerProcess = {
  readonly pid: number;
  readonly ports: readonly number[];
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when the process has exited. */
  readonly exited: Promise<void>;
  /** SIGTERM, and SIGKILL if that was not enough. */
  readonly stop: () => Promise<void>;
};

/** The port of a server; where it has several, the one at this place. */
export function portOf(server: ServerProcess, index = 0): number {
  return server.ports[index] ?? 0;
}

/** Ports that were free a moment ago. Another process may take one first: starting is tried again then. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}

/** A server took longer than this to accept connections: it will not. */
const READY_TIMEOUT_MS = 20_000;
/** Tries: a lost port is rare, three in a row are something else. */
const TRIES = 3;

/** Starts a server from its binary on free ports of the loopback address. Rejects with its output when it does not come up. */
export async function startServer(
  count: number,
  launch: (ports: readonly number[]) => Promise<Launch> | Launch,
): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(count);
    const wanted = await launch(ports);
    const server = start(wanted, ports);
    const up = await isUp(server, wanted);
    if (up) return server;
    await server.stop();
    if (attempt === TRIES) throw new Error(`${wanted.file} did not start:\n${server.output()}`);
  }
}

function start(launch: Launch, ports: readonly number[]): ServerProcess {
  const command = wrapped(launch);
  const child = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  }
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return { pid: child.pid ?? -1, ports, output: () => output, signal, exited, stop: () => stop(child, exited) };
}

/** `setpriv` changes the user, and has the kernel end the server should the test run be killed. It becomes the server: same pid. */
export function wrapped(launch: Launch): { readonly file: string; readonly args: readonly string[] } {
  const setpriv = findProgram('setpriv');
  if (setpriv === null) return launch;
  const root = process.getuid?.() === 0;
  const user = root && launch.user ? [`--reuid=${launch.user}`, `--regid=${launch.user}`, '--init-groups'] : [];
  return { file: setpriv, args: [...user, '--pdeathsig', 'KILL', '--', launch.file, ...launch.args] };
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGCONT'); // a frozen one cannot hear the next
  child.kill('SIGTERM');
  const patience = new AbortController();
  const kill = sleep(5000, undefined, { signal: patience.signal }).then(
    () => void child.kill('SIGKILL'),
    () => undefined, // it went by itself
  );
  await exited;
  patience.abort();
  await kill;
}

async function isUp(server: ServerProcess, launch: Launch): Promise<boolean> {
  const deadline = Date.now() + (launch.readyWithinMs ?? READY_TIMEOUT_MS);
  let gone = false;
  void server.exited.then(() => (gone = true));
  while (Date.now() < deadline && !gone) {
    const ready = launch.ready ? launch.ready.test(server.output()) : await accepts(portOf(server, launch.lastPort));
    if (ready) return true;
    await sleep(20);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.end();
      resolve(true);
    });
    socket.resume();
  });
}
