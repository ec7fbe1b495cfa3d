import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
