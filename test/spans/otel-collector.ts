import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { scratchFolder } from '../e2e/scratch.ts';
import { refusingUrl } from '../support/otlp-sink.ts';

export type CollectedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
};

/** A running collector on a free port; what it received is read from the file that its exporter writes. */
export async function startCollector(program: string) {
  const folder = scratchFolder();
  const written = join(folder, 'spans.jsonl');
  const port = new URL(await refusingUrl()).port;
  const config = join(folder, 'collector.yaml');
  await writeFile(config, collectorConfig(port, written));
  const child = spawn(program, [`--config=${config}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  const left = exit.then(() => Promise.reject(new Error(`the collector left:\n${said}`)));
  const ready = (async () => {
    while (!said.includes('Everything is ready')) await once(child.stderr, 'data');
  })();
  await Promise.race([ready, left]);
  return { url: `http://127.0.0.1:${port}`, spans: () => readSpans(written) };
}

function collectorConfig(port: string, file: string): string {
  return [
    'receivers:',
    `  otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}`,
    'exporters:',
    `  lines: {path: "${file}"}`,
    'service:',
    '  pipelines: {traces: {receivers: [otlp], exporters: [lines]}}',
  ].join('\n');
}

async function readSpans(file: string): Promise<CollectedSpan[]> {
  type Request = {
    readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: CollectedSpan[] }[] }[];
  };
  const text = await readFile(file, 'utf8');
  const requests = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Request);
  return requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}
