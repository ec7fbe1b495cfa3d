import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { programOf } from '../support/find-program.ts';
import { startServer, type Launch, type ServerProcess } from './server-process.ts';

const run = promisify(execFile);

/** What a row may use to set its scene. Everything it makes is gone after `clear`. */
export type Stage = {
  /** A fresh folder. */
  readonly folder: () => Promise<string>;
  readonly server: (
    ports: number,
    launch: (ports: readonly number[]) => Promise<Launch> | Launch,
  ) => Promise<ServerProcess>;
  /** Runs a program to its end and resolves with what it printed. */
  readonly program: (name: string, args: readonly string[]) => Promise<string>;
  /** A client of the test's own, already connected; what arrives is dropped. */
  readonly client: (port: number) => Promise<Socket>;
  /** Sends these bytes from such a client, and resolves with all that came until `last` was among it ('latin1'). */
  readonly ask: (port: number, bytes: string, last: string) => Promise<string>;
  /** A client like that, which answers in turn what it hears; resolves once the last of these came. */
  readonly conversation: (
    port: number,
    answers: readonly (readonly [heard: RegExp, answer: string])[],
  ) => Promise<void>;
  /** Takes connections and says nothing: what proxies are put in front of. `close` takes no new ones; the old ones stay. */
  readonly silentListener: () => Promise<{ readonly port: number; readonly close: () => void }>;
  /** A self-signed certificate for 127.0.0.1, the same for all rows. */
  readonly certificate: () => Promise<Certificate>;
  readonly clear: () => Promise<void>;
};

export type Certificate = { readonly certFile: string; readonly keyFile: string; readonly bothFile: string };

export function createStage(): Stage {
  const leftovers: (() => Promise<void> | void)[] = [];
  let certificate: Promise<Certificate> | undefined;
  const stage: Stage = {
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'finrst-servers-'));
      leftovers.push(() => rm(path, { recursive: true, force: true }));
      return path;
    },
    async server(ports, launch) {
      const server = await startServer(ports, launch);
      leftovers.push(server.stop);
      return server;
    },
    async program(name, args) {
      const { stdout, stderr } = await run(programOf(name), [...args]);
      return stdout + stderr;
    },
    async client(port) {
      const socket = connect({ port, host: '127.0.0.1' });
      // Its server is stopped in the middle of things: that is the point, not a failure.
      socket.on('error', () => undefined).resume();
      await once(socket, 'connect');
      leftovers.push(() => void socket.destroy());
      return socket;
    },
    async ask(port, bytes, last) {
      const socket = await stage.client(port);
      let answer = '';
      const answered = new Promise<string>((resolve, reject) => {
        socket.on('data', (piece: Buffer) => {
          answer += piece.toString('latin1');
          if (answer.includes(last)) resolve(answer);
        });
        socket.once('close', () => reject(new Error(`the server closed without ${JSON.stringify(last)}: ${answer}`)));
      });
      socket.write(bytes, 'latin1');
      return answered;
    },
    async conversation(port, answers) {
      // A server may still count the client that found out whether it is up.
      for (let tries = 1; ; tries++) {
        if (await converse(await stage.client(port), answers)) return;
        if (tries === MOST_TRIES)
          throw new Error(`the server at ${port} closed before it said all of ${answers.length}`);
      }
    },
    async silentListener() {
      const held = new Set<Socket>();
      const listener = createServer((socket) => {
        held.add(socket.on('error', () => undefined).resume());
      });
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const close = (): void => void listener.close();
      leftovers.push(() => {
        close();
        for (const socket of held) socket.destroy();
      });
      return { port: (listener.address() as AddressInfo).port, close };
    },
    certificate: () => (certificate ??= makeCertificate(stage)),
    async clear() {
      // The last made goes first: servers before the folders they write to.
      for (const clear of leftovers.splice(0).toReversed()) await clear();
    },
  };
  return stage;
}

/** With 100 ms between them. */
const MOST_TRIES = 100;

/** False: the server closed before the last was heard. */
async function converse(
  socket: Socket,
  answers: readonly (readonly [heard: RegExp, answer: string])[],
): Promise<boolean> {
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => void (text += String(bytes))).on('close', () => (isClosed = true));
  for (const [heard, answer] of answers) {
    while (!heard.test(text)) {
      await sleep(100);
      if (isClosed) return false;
    }
    text = '';
    socket.write(answer);
  }
  return true;
}

async function makeCertificate(stage: Stage): Promise<Certificate> {
  const folder = await stage.folder();
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'cert.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const name = ['-subj', '/CN=finrst test', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  await stage.program('openssl', ['req', '-x509', ...key, ...name, '-out', certFile]);
  const bothFile = join(folder, 'both.pem');
  await writeFile(bothFile, (await readFile(certFile, 'utf8')) + (await readFile(keyFile, 'utf8')));
  return { certFile, keyFile, bothFile };
}
