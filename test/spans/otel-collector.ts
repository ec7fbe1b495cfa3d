import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

import { scratchFolder } from '../e2e/scratch.ts';
import { refusingUrl } from '../support/otlp-sink.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('collector', import.meta.url));

/**
 * Builds the collector of `test/spans/collector` with the Go toolchain and resolves with the program. It is built once for
 * each content of its sources and kept in the user's cache; a cold build takes about a minute on two cores.
 */
export async function buildCollector(): Promise<string> {
  const sources = await Promise.all(['go.mod', 'go.sum', 'main.go'].map((name) => readFile(join(SOURCE, name))));
  const content = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'finrst', `collector-${content}`);
  const program = join(folder, 'collector');
  const there = await access(program).then(
    () => true,
    () => false,
  );
  if (there) return program;
  await mkdir(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w'];
  await run('go', ['build', ...flags, '-o', unfinished, '.'], { cwd: SOURCE, maxBuffer: 1 << 26 });
  await rename(unfinished, program);
  return program;
}

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
