import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { Network } from './network.ts';

/** When and how the kernel told a poll() client of an end; `at` is wall-clock ms with a fraction. */
export type TwinEnd = {
  readonly k: number;
  readonly what: string;
  readonly at: number;
  /** SIOCOUTQ of the dead socket: bytes of ours never acknowledged, unsent ones included. */
  readonly outstanding: number;
  /** TCP_INFO of it: bytes never sent, segments sent again, probes unanswered. */
  readonly unsent: number;
  readonly retransmits: number;
  readonly probes: number;
};

export type TwinOptions = {
  readonly hosts: readonly string[];
  readonly port: number;
  readonly keepalive: { readonly idle: number; readonly interval: number; readonly count: number } | null;
  readonly userTimeoutMs: number;
  /** Null: never writes. */
  readonly echo: { readonly delayMs: number; readonly bytes: number } | null;
  readonly watchData: boolean;
};

export function compileTwin(folder: string): string {
  const binary = path.join(folder, 'twin');
  execFileSync('gcc', ['-O2', '-Wall', '-o', binary, path.join(import.meta.dirname, 'twin.c')], { stdio: 'pipe' });
  return binary;
}

/** Starts the twins of one scenario and resolves once they are connected. The list grows as ends are seen. */
export async function startTwins(network: Network, binary: string, options: TwinOptions): Promise<TwinEnd[]> {
  const { keepalive, echo } = options;
  const numbers = [
    options.port,
    keepalive?.idle ?? 0,
    keepalive?.interval ?? 0,
    keepalive?.count ?? 0,
    options.userTimeoutMs,
    echo?.delayMs ?? 0,
    echo?.bytes ?? 0,
    options.watchData ? 1 : 0,
  ];
  const child = network.start('client', [binary, ...numbers.map(String), ...options.hosts], 'pipe');
  const ends: TwinEnd[] = [];
  const ready = Promise.withResolvers<number>();
  readline.createInterface({ input: child.stdout! }).on('line', (line) => {
    const [word, first, what, nanoseconds, ...figures] = line.split(' ');
    if (word === 'ready') return ready.resolve(Number(first));
    const [outstanding, unsent, retransmits, probes] = figures.map(Number) as [number, number, number, number];
    const at = Number(BigInt(nanoseconds!) / 1000n) / 1000;
    ends.push({ k: Number(first), what: nameOf(what!), at, outstanding, unsent, retransmits, probes });
  });
  child.on('exit', (code) => ready.reject(new Error(`twin left with ${code}`)));
  const held = await ready.promise;
  if (held !== options.hosts.length) throw new Error(`${held} of ${options.hosts.length} twins connected`);
  return ends;
}

/** `104` to `ECONNRESET`; `eof` and `data` stay. */
function nameOf(what: string): string {
  const found = Object.entries(constants.errno).find(([, number]) => String(number) === what);
  return found?.[0] ?? what;
}
