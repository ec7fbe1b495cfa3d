import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { lackOf } from '../deploy/lack-of.ts';
import { startDaemon } from '../e2e/finrst-process.ts';
import { configText, listener, scratchFolder } from '../e2e/scratch.ts';
import { refusingUrl } from '../support/otlp-sink.ts';
import { otlpSink } from './fixtures.ts';

const lack = lackOf(['prometheus']);

/** A real Prometheus that keeps exemplars and scrapes `target` twice a second. */
async function startPrometheus(target: string): Promise<string> {
  const folder = scratchFolder();
  const data = join(folder, 'data');
  mkdirSync(data);
  const config = join(folder, 'prometheus.yml');
  const scrape = `  - job_name: finrst\n    static_configs: [{targets: ["${target}"]}]\n`;
  writeFileSync(config, `global: {scrape_interval: 500ms}\nscrape_configs:\n${scrape}`);
  const { host } = new URL(await refusingUrl());
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${host}`];
  const child = spawn('prometheus', [...flags, '--enable-feature=exemplar-storage'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return `http://${host}`;
}

type Exemplars = {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>;
    readonly exemplars: readonly { readonly labels: { readonly trace_id: string; readonly span_id: string } }[];
  }[];
};

async function exemplarsOf(prometheus: string, query: string): Promise<Exemplars['data']> {
  const parameters = new URLSearchParams({
    query,
    start: String(Date.now() / 1000 - 300),
    end: String(Date.now() / 1000 + 300),
  });
  const response = await fetch(`${prometheus}/api/v1/query_exemplars?${parameters}`).catch(() => null);
  return response?.ok === true ? ((await response.json()) as Exemplars).data : [];
}

describe.skipIf(lack.skip)(`a real Prometheus${lack.note}`, () => {
  test.each([
    { metric: 'finrst_disconnects_by_reason_total', span: 'connection' },
    { metric: 'finrst_connection_duration_seconds_bucket', span: 'connection' },
    { metric: 'finrst_connect_duration_seconds_bucket', span: 'connect' },
  ])('leads from $metric to the $span span that the collector has', async ({ metric, span: name }) => {
    const sink = await otlpSink();
    const sockets: Socket[] = [];
    const port = await listener((socket) => void sockets.push(socket));
    const file = join(scratchFolder(), 'finrst.yml');
    const tracing = `tracing: {endpoint: "${sink.url}"}\n`;
    writeFileSync(file, tracing + configText('loopback', [`127.0.0.1:${port}`]));
    const daemon = await startDaemon(file);
    const prometheus = await startPrometheus(new URL(daemon.url).host);
    await daemon.logs(/msg="connection established"/);
    await expect.poll(() => sockets.length).toBe(1); // our side is established before the peer's program has accepted
    sockets[0]?.resetAndDestroy();

    await expect.poll(() => exemplarsOf(prometheus, metric), { timeout: 30_000, interval: 250 }).not.toEqual([]);
    const found = await exemplarsOf(prometheus, metric);
    expect(found.flatMap(({ exemplars }) => exemplars)).not.toEqual([]);
    for (const { seriesLabels, exemplars } of found) {
      expect(seriesLabels['group']).toBe('loopback');
      for (const { labels } of exemplars) {
        const span = await sink.span(({ spanId }) => spanId === labels.span_id);
        expect(span).toMatchObject({ name, traceId: labels.trace_id, attributes: { 'finrst.group': 'loopback' } });
      }
    }
  });
});
