import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';
import { lackOf } from './lack-of.ts';
import { PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS, buildPrometheus3 } from './prometheus-3.ts';
import type { Loose } from './rendered-chart.ts';
import { RULES } from './rule-tests.ts';
import { freePort } from '../support/free-port.ts';
import { eventually, fetchJson, startProgram, untilReady } from './started-program.ts';

const lack = lackOf(PROMETHEUS_3_NEEDS);
const PATIENCE_MS = 60_000;
const JOBS = ['classic', 'converted'] as const;

describe.skipIf(lack.skip)(`a real Prometheus 3 that converts classic histograms${lack.note}`, () => {
  const opened: (() => void | Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  test(
    'takes every rule, and finds in them what it finds in classic ones',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'finrst-converted-'));
      opened.push(() => rmSync(folder, { recursive: true }));
      const target = await startTarget();
      opened.push(() => target.close());
      const { query, rules, stop } = await startPrometheus(folder, target.port);
      opened.push(stop);

      const jobsOf = async (expr: string): Promise<readonly string[]> =>
        (await query(expr)).map(({ metric }) => metric.job as string).toSorted();
      // Both are scraped before anything ends, so that the increase is seen.
      await eventually(
        async () => expect(await jobsOf('count_over_time(finrst_build_info[1m]) > 2')).toEqual(JOBS),
        PATIENCE_MS,
      );
      target.endSome();

      const limits = 'group:finrst_disconnect_%:increase10m{group="timer", limit="350s"}';
      await eventually(async () => {
        for (const kind of ['age', 'idle']) {
          // The record keeps ten minutes of distance from the one before, so it is asked for by range.
          expect(await jobsOf(`last_over_time(${limits.replace('%', kind)}[1m])`)).toEqual(JOBS);
        }
        expect(await jobsOf('last_over_time(group:finrst_disconnects:increase10m{group="timer"}[1m])')).toEqual(JOBS);
        const shortLived = (await rules()).find(({ name }) => name === 'FinrstConnectionsShortLived');
        expect(shortLived.alerts.map(({ labels }: Loose) => `${labels.job} ${labels.group}`).toSorted()).toEqual(
          JOBS.map((job) => `${job} short`),
        );
      }, PATIENCE_MS);

      expect(await jobsOf('count by (job) (finrst_connection_duration_seconds_bucket)')).toEqual(['classic']);
      expect(await jobsOf('count by (job) (histogram_count(finrst_connection_duration_seconds))')).toEqual([
        'converted',
      ]);
      expect((await rules()).filter(({ health }) => health !== 'ok')).toEqual([]);
    },
    PROMETHEUS_3_BUILD_MS,
  );
});

/** What a Finrst exposes of two groups: one whose connections live 350 s, one whose connections live 2 s. */
async function startTarget() {
  let ends = 0;
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    const families = ['finrst_connection_duration_seconds', 'finrst_idle_at_disconnect_seconds'].flatMap((name) => [
      `# TYPE ${name} histogram`,
      ...histogram(name, 'timer', { ends, age: 350 }),
      ...histogram(name, 'short', { ends, age: 2 }),
    ]);
    response.end([...families, '# TYPE finrst_build_info gauge', 'finrst_build_info 1', ''].join('\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    endSome: () => (ends = 20),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function histogram(name: string, group: string, { ends, age }: { readonly ends: number; readonly age: number }) {
  const bounds = [...LIFETIME_BUCKETS_SECONDS.map((bound) => `${bound}`), '+Inf'];
  const labels = `group="${group}",class="error"`;
  return [
    ...bounds.map((le) => `${name}_bucket{${labels},le="${le}"} ${le === '+Inf' || age <= Number(le) ? ends : 0}`),
    `${name}_sum{${labels}} ${ends * age}`,
    `${name}_count{${labels}} ${ends}`,
  ];
}

/** Scrapes it twice, once converted, and evaluates each rule group every second. */
async function startPrometheus(folder: string, target: number) {
  const { prometheus: program } = await buildPrometheus3();
  const port = await freePort();
  const { groups } = parse(readFileSync(join(RULES, 'finrst.rules.yaml'), 'utf8')) as {
    readonly groups: readonly object[];
  };
  writeFileSync(
    join(folder, 'rules.yml'),
    stringify({ groups: groups.map((group) => ({ ...group, interval: '1s' })) }, { aliasDuplicateObjects: false }),
  );
  const scrape = JOBS.map((job) => ({
    job_name: job,
    convert_classic_histograms_to_nhcb: job === 'converted',
    static_configs: [{ targets: [`127.0.0.1:${target}`] }],
  }));
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  writeFileSync(
    join(folder, 'prometheus.yml'),
    stringify({ global, rule_files: ['rules.yml'], scrape_configs: scrape }),
  );
  const prometheus = startProgram(program, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'storage')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  const address = `http://127.0.0.1:${port}/api/v1`;
  await untilReady(`http://127.0.0.1:${port}/-/ready`, [prometheus]);
  return {
    query: async (expr: string): Promise<readonly Loose[]> =>
      (await fetchJson(`${address}/query?query=${encodeURIComponent(expr)}`)).data.result,
    rules: async (): Promise<readonly Loose[]> =>
      (await fetchJson(`${address}/rules`)).data.groups.flatMap((group: Loose) => group.rules),
    stop: () => prometheus.stop(),
  };
}
