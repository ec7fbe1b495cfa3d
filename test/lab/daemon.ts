import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { announced } from './announced.ts';
import { createEventFeed, NO_EVENTS, type EventFeed } from './event-feed.ts';
import type { Network, Place } from './network.ts';

/** The daemon as a user runs it, in the client namespace, and the only ways the lab looks at it: HTTP, its log, its exit. */
export type Daemon = {
  readonly feed: EventFeed;
  /** What it answers over HTTP; rejects where that is not 200. */
  get(url: string): Promise<string>;
  /** Samples of /metrics by their full name with labels, as printed. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Replaces the configuration file; `signal('SIGHUP')` makes the daemon read it. */
  configure(config: object): void;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>;
  log(): string;
};

export type DaemonOptions = {
  readonly network: Pick<Network, 'start'>;
  readonly folder: string;
  readonly node: string;
  readonly config: object;
  /** Descriptors the process may open; absent: as many as the machine allows. */
  readonly openFiles?: number;
  /** Fetch /metrics over and over without pause, from a process of its own. */
  readonly scraped?: boolean;
  /** Where it runs; absent: where the clients are. */
  readonly place?: Place;
  /** What it is started by; absent: nothing. */
  readonly under?: readonly string[];
  /** Beside those that every daemon of the lab has. */
  readonly flags?: readonly string[];
  /** Nobody asks for its events. */
  readonly unasked?: boolean;
  /** Between two looks at its events; absent: as short as a crowd of peers needs. */
  readonly pollMs?: number;
};

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
/** Namespaces are ours alone: any port is free. Each daemon of a run takes the next. */
let nextPort = 10_346;
const START_DEADLINE_MS = 60_000;

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { network, folder, node, place = 'client' } = options;
  const port = nextPort++;
  const configFile = path.join(folder, `finrst-${port}.yml`);
  const logFile = path.join(folder, `finrst-${port}.log`);
  const configure = (config: object): void => writeFileSync(configFile, stringify(config));
  configure(options.config);
  const logDescriptor = openSync(logFile, 'w');
  const child = network.start(place, commandLine(options, configFile, port), logDescriptor);
  closeSync(logDescriptor);
  const relayPath = path.join(folder, `web-${port}.sock`);
  const relay = await startRelay({ network, node, place }, [relayPath, String(port)]);
  const log = (): string => readFileSync(logFile, 'utf8');
  const get = (url: string): Promise<string> => fetchThrough(relayPath, url);
  await untilReady(get, child, log);
  const scraper =
    options.scraped === true ? await startRelay({ network, node, place }, ['scrape', String(port)]) : null;
  const feed = options.unasked === true ? NO_EVENTS : createEventFeed(get, options.pollMs);
  return {
    feed,
    get,
    configure,
    log,
    metrics: async () => parseMetrics(await get('/metrics')),
    signal: (name) => void child.kill(name),
    async stop() {
      await feed.stop();
      scraper?.kill();
      const exited = child.exitCode === null ? once(child, 'exit') : Promise.resolve([child.exitCode]);
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      relay.kill();
      return code;
    },
  };
}

function commandLine(
  { node, openFiles, under = [], flags: more = [] }: DaemonOptions,
  configFile: string,
  port: number,
): readonly string[] {
  const limit = openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}:${openFiles}`];
  const flags = [
    `--config.file=${configFile}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--config.auto-reload-interval=0s',
    ...more,
  ];
  return [...under, ...limit, node, MAIN, 'serve', ...flags];
}

async function startRelay(
  { network, node, place }: Pick<DaemonOptions, 'network' | 'node'> & { readonly place: Place },
  args: readonly string[],
): Promise<ChildProcess> {
  const relay = network.start(place, [node, path.join(import.meta.dirname, 'web-relay.mjs'), ...args], 'pipe');
  await announced(relay);
  relay.stdout!.resume();
  return relay;
}

async function untilReady(
  get: (url: string) => Promise<string>,
  child: ChildProcess,
  log: () => string,
): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the daemon left with ${child.exitCode}:\n${log()}`);
    const answer = await get('/-/ready').catch((error: unknown) => error);
    if (typeof answer === 'string') return;
    if (Date.now() > deadline) throw new Error(`the daemon is not ready (${String(answer)}):\n${log().slice(-2000)}`);
    await sleep(50);
  }
}

function fetchThrough(socketPath: string, url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = http.get({ socketPath, path: url, timeout: 20_000 }, (response) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(parts).toString();
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`${url}: ${response.statusCode} ${text.slice(0, 200)}`));
    });
  });
  request.on('timeout', () => request.destroy(new Error(`${url}: no answer`)));
  request.on('error', reject);
  return promise;
}

function parseMetrics(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}
