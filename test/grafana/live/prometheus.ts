import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Exemplar, Series } from './recording.ts';

const RULES = fileURLToPath(new URL('../../../deploy/rules/finrst.rules.yaml', import.meta.url));
const BASE = 'http://127.0.0.1:9090';

/**
 * The rules that ship with Finrst, evaluated every second: the scenario is over before some of them have had a turn. What
 * `peer:finrst_state` calls lately is as much shorter.
 */
function hurriedRules(): string {
  return readFileSync(RULES, 'utf8')
    .replaceAll(/^( +)interval: \w+$/gm, '$1interval: 1s')
    .replaceAll(/ offset 1m\b/g, ' offset 2s');
}

/** A real Prometheus that scrapes the daemon every second and evaluates the rules that ship with it. */
export class Prometheus {
  readonly #process: ReturnType<typeof spawn>;

  private constructor(process: ReturnType<typeof spawn>) {
    this.#process = process;
  }

  static async start(folder: string, target: string): Promise<Prometheus> {
    const config = join(folder, 'prometheus.json');
    const rules = join(folder, 'rules.yaml');
    writeFileSync(rules, hurriedRules());
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: [rules],
        scrape_configs: [{ job_name: 'finrst', static_configs: [{ targets: [target] }] }],
      }),
    );
    const output = openSync(join(folder, 'prometheus.log'), 'w');
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        '--web.listen-address=127.0.0.1:9090',
        '--enable-feature=exemplar-storage',
        '--query.lookback-delta=3s',
      ],
      { stdio: ['ignore', output, output] },
    );
    const started = new Prometheus(prometheus);
    await started.#ready();
    return started;
  }

  async range(
    expr: string,
    { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<readonly Series[]> {
    return (await this.#ask<{ result: Series[] }>('query_range', { query: expr, start, end, step })).result;
  }

  async instant(expr: string, time: number): Promise<readonly Series[]> {
    return (await this.#ask<{ result: Series[] }>('query', { query: expr, time })).result;
  }

  exemplars(expr: string, start: number, end: number): Promise<readonly Exemplar[]> {
    return this.#ask('query_exemplars', { query: expr, start, end });
  }

  labelValues(label: string, match: string | null): Promise<readonly string[]> {
    return this.#ask(`label/${label}/values`, match === null ? {} : { 'match[]': match });
  }

  labelNames(match: string): Promise<readonly string[]> {
    return this.#ask('labels', { 'match[]': match });
  }

  async version(): Promise<string> {
    return (await this.#ask<{ version: string }>('status/buildinfo', {})).version;
  }

  stop(): void {
    this.#process.kill('SIGTERM');
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      try {
        if ((await fetch(`${BASE}/-/ready`)).ok) return;
      } catch (error) {
        if (attempt === 99) throw error;
      }
      await wait(100);
    }
    throw new Error('Prometheus did not become ready within 10 s');
  }

  async #ask<Data>(path: string, parameters: Readonly<Record<string, string | number>>): Promise<Data> {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, `${value}`]),
    );
    const answer = await fetch(`${BASE}/api/v1/${path}?${query}`);
    const body = (await answer.json()) as { status: string; error?: string; data: Data };
    if (body.status !== 'success') throw new Error(`${path} ${query}: ${body.error}`);
    return body.data;
  }
}
