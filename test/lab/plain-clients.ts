import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import type { Network } from './network.ts';

export type PlainTarget = {
  readonly scenario: string;
  readonly k: number;
  readonly host: string;
  /** Absent: the client's. */
  readonly port?: number;
  readonly writeEveryMs: number;
  readonly writeBytes: number;
  readonly keepAliveMs: number;
  readonly tls: boolean;
  readonly caFile: string;
};

export type PlainEvent = {
  readonly scenario: string;
  readonly k: number;
  readonly event: 'end' | 'error' | 'close' | 'timeout';
  readonly code?: string;
  readonly hadError?: boolean;
  readonly at: number;
};

/** A Node.js process that holds connections the plain way and reports the events it gets. */
export type PlainClient = {
  readonly events: readonly PlainEvent[];
  /** Starts socket.setTimeout(3000) on the scenario's sockets. */
  arm(scenario: string): void;
};

export type PlainClientOptions = {
  readonly node: string;
  readonly folder: string;
  readonly port: number;
  readonly targets: readonly PlainTarget[];
};

export async function startPlainClient(network: Network, options: PlainClientOptions): Promise<PlainClient> {
  const file = path.join(options.folder, `plain-${number++}.json`);
  writeFileSync(file, JSON.stringify({ port: options.port, targets: options.targets }));
  const child = network.start(
    'client',
    [options.node, path.join(import.meta.dirname, 'plain-client.mjs'), file],
    'pipe',
  );
  const events: PlainEvent[] = [];
  const ready = Promise.withResolvers<void>();
  readline.createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as PlainEvent | { readonly event: 'ready' };
    if (event.event === 'ready') ready.resolve();
    else events.push(event);
  });
  child.on('exit', (code) => ready.reject(new Error(`plain client left with ${code}`)));
  await ready.promise;
  return { events, arm: (scenario) => child.stdin!.write(`arm ${scenario}\n`) };
}
let number = 0;

/** Node.js 20, the last line in wide use that reports a reset behind data as an end of stream: the system's, or npm's. */
export function oldNode(): string {
  const system = '/usr/bin/node';
  if (existsSync(system) && versionOf(system).startsWith('v20.')) return system;
  const name = `node-linux-${process.arch}`;
  const folder = path.join(import.meta.dirname, '../../.node', OLD_VERSION);
  const binary = path.join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary)) {
    const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', '--prefix', folder, ...quiet, `${name}@${OLD_VERSION}`], { stdio: 'pipe' });
  }
  return binary;
}
/** The newest 20 that npm carries as a binary, and the last of its line. */
const OLD_VERSION = '20.20.2';

export function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
