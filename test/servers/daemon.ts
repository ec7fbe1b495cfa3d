import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { createEventFeed, type EventFeed } from './event-feed.ts';
import { freePorts } from './server-process.ts';

export type Daemon = {
  readonly feed: EventFeed;
  /** One scrape; of one group alone where it is named, since to take hundreds of them apart takes half a second. */
  readonly metrics: (group?: string) => Promise<readonly Sample[]>;
  readonly log: () => string;
  /** SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
};

export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Starting from TypeScript sources on a busy machine. */
const READY_TIMEOUT_MS = 30_000;

/** Starts the real daemon on a configuration file and resolves once it is ready. */
export async function startDaemon(folder: string, configuration: unknown): Promise<Daemon> {
  const file = join(folder, 'finrst.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration, null, 2));
  const [port] = await freePorts(1);
  const flags = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=debug'];
  const child = spawn(process.execPath, [MAIN, 'serve', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (log += text));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  await ready(
    url,
    () => child.exitCode,
    () => log,
  );
  const feed = createEventFeed(`${url}/api/v1/events?limit=1000`);
  return {
    feed,
    metrics: async (group) => parseMetrics(await (await fetch(`${url}/metrics`)).text(), group),
    log: () => log,
    async stop() {
      await feed.stop();
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function ready(url: string, exitCode: () => number | null, log: () => string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && exitCode() === null) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined); // not listening yet
    if (answer?.status === 200) return;
    await sleep(50);
  }
  throw new Error(`The daemon did not become ready:\n${log()}`);
}

function parseMetrics(text: string, group?: string): readonly Sample[] {
  const label = group === undefined ? '' : `group="${group}"`;
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && line.includes(label))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}
