import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSecondsOf } from '../../bench/machine.ts';
import { freePort } from '../../support/free-port.ts';
import type { Series } from '../live/recording.ts';
import { type Fleet, writeFleet } from './synthetic-fleet.ts';

export type Answer = {
  readonly series: readonly Series[];
  /** Samples that Prometheus read for it: the same on every machine. */
  readonly samples: number;
  readonly bytes: number;
};

export type OverTime = { readonly start: number; readonly end: number; readonly step: number };

/** A Prometheus that scrapes nothing and answers from blocks that were made beforehand. */
export class StoredPrometheus {
  readonly #process: ChildProcess;
  readonly #base: string;

  private constructor(process: ChildProcess, base: string) {
    this.#process = process;
    this.#base = base;
  }

  /** Makes the blocks of the fleet in `folder` and starts `program` on them. */
  static async holding(fleet: Fleet, folder: string, program = 'prometheus'): Promise<StoredPrometheus> {
    const text = join(folder, 'fleet.om');
    const blocks = join(folder, 'tsdb');
    await writeFleet(fleet, text);
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, blocks], { stdio: 'pipe' });
    return StoredPrometheus.on(blocks, folder, program);
  }

  /** Starts `program` on blocks that are there; its files and its log go to `folder`. */
  static async on(blocks: string, folder: string, program = 'prometheus'): Promise<StoredPrometheus> {
    const port = await freePort();
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, '{}');
    const log = openSync(join(folder, 'prometheus.log'), 'w');
    const process = spawn(
      program,
      [`--config.file=${config}`, `--storage.tsdb.path=${blocks}`, `--web.listen-address=127.0.0.1:${port}`],
      { stdio: ['ignore', log, log] },
    );
    const started = new StoredPrometheus(process, `http://127.0.0.1:${port}`);
    await started.#ready();
    return started;
  }

  range(query: string, { start, end, step }: OverTime): Promise<Answer> {
    return this.#ask('query_range', { query, start, end, step });
  }

  instant(query: string, time: number): Promise<Answer> {
    return this.#ask('query', { query, time });
  }

  async version(): Promise<string> {
    const answer = await fetch(`${this.#base}/api/v1/status/buildinfo`);
    return ((await answer.json()) as { data: { version: string } }).data.version;
  }

  /** CPU seconds that the process has used so far, in user and kernel. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.#process.pid ?? NaN);
  }

  async stop(): Promise<void> {
    const closed = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await closed;
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      if (this.#process.exitCode !== null) throw new Error('Prometheus ended at once; see prometheus.log');
      const answer = await fetch(`${this.#base}/-/ready`).catch(() => null);
      if (answer?.ok === true) return;
      await wait(100);
    }
    throw new Error('Prometheus did not become ready within 30 s');
  }

  async #ask(path: string, parameters: Readonly<Record<string, string | number>>): Promise<Answer> {
    const form = new URLSearchParams({ stats: 'all' });
    for (const [name, value] of Object.entries(parameters)) form.set(name, `${value}`);
    const text = await (await fetch(`${this.#base}/api/v1/${path}`, { method: 'POST', body: form })).text();
    const body = JSON.parse(text) as {
      readonly status: string;
      readonly error?: string;
      readonly data: {
        readonly result: readonly Series[];
        readonly stats: { readonly samples: { readonly totalQueryableSamples: number } };
      };
    };
    if (body.status !== 'success') throw new Error(`${form.get('query')}: ${body.error}`);
    return { series: body.data.result, samples: body.data.stats.samples.totalQueryableSamples, bytes: text.length };
  }
}
