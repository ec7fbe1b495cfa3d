import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrometheus3 } from '../../deploy/prometheus-3.ts';
import { shortenedRules } from '../shortened-rules.ts';
import { fetchInside } from './fetch-inside.ts';
import { type Machine, startInside } from './machine.ts';
import { waitUntil } from './wait-until.ts';

const LISTEN = '127.0.0.1:9090';

/** An alert that fired, by its name and the labels of the peer, if it is about one. */
export type FiredAlert = { readonly alertname: string; readonly group?: string; readonly peer?: string };

type Sample = { readonly metric: object; readonly value: readonly [number, string] };

/**
 * A real Prometheus 3 in the cluster's network with the rules that ship with Finrst. Its intervals, Prometheus' own defaults
 * and those of the rules, are all divided by the same factor, so that minutes of it pass in less. It ends with the machine.
 */
export class ClusterPrometheus {
  readonly #machine: Machine;
  readonly #factor: number;

  private constructor(machine: Machine, factor: number) {
    this.#machine = machine;
    this.#factor = factor;
  }

  static async start(machine: Machine, target: string, factor: number): Promise<ClusterPrometheus> {
    const { prometheus } = await buildPrometheus3();
    const folder = join(machine.folder, 'prometheus');
    mkdirSync(folder);
    writeFileSync(join(folder, 'rules.yaml'), shortenedRules(factor));
    const shortened = (seconds: number): string => `${(seconds * 1000) / factor}ms`;
    const config = {
      global: { scrape_interval: shortened(15), scrape_timeout: shortened(10), evaluation_interval: shortened(60) },
      rule_files: [join(folder, 'rules.yaml')],
      scrape_configs: [{ job_name: 'finrst', static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, 'prometheus.json'), JSON.stringify(config));
    const flags = [
      `--config.file=${join(folder, 'prometheus.json')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=${LISTEN}`,
      `--query.lookback-delta=${shortened(300)}`,
    ];
    startInside(machine, 'prometheus', [prometheus, ...flags]);
    const started = new ClusterPrometheus(machine, factor);
    await waitUntil('Prometheus', async () => {
      const samples = await started.query('up == 1');
      if (samples.length === 0) throw new Error('nothing was scraped yet');
    });
    return started;
  }

  /** Resolves once the alerts were evaluated that many minutes of shortened time after now. */
  async untilPassed(minutes: number): Promise<void> {
    const end = Date.now() + (minutes * 60_000) / this.#factor;
    await waitUntil(`${minutes} minutes of Prometheus`, async () => {
      const { groups } = await this.#ask<{ readonly groups: readonly { readonly lastEvaluation: string }[] }>(
        'rules?type=alert&rule_name[]=FinrstAbnormalDisconnect',
      );
      const last = Date.parse(groups[0]?.lastEvaluation ?? '');
      if (!(last > end)) throw new Error(`last evaluation ${(end - last) / 1000} s too early`);
    });
  }

  /** Every alert that fired at any time since the start, each once. */
  async fired(): Promise<readonly FiredAlert[]> {
    const expr = 'max by (alertname, group, peer) (max_over_time(ALERTS{alertstate="firing"}[1h]))';
    return (await this.query(expr)).map(({ metric }) => metric as FiredAlert);
  }

  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.#ask<{ readonly result: readonly Sample[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    );
    return result;
  }

  async #ask<Data>(question: string): Promise<Data> {
    const answer = await fetchInside(this.#machine, `http://${LISTEN}/api/v1/${question}`);
    return (JSON.parse(answer) as { readonly data: Data }).data;
  }
}
