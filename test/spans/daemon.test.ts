import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { scrape, startDaemon } from '../e2e/finrst-process.ts';
import { listener, scratchFolder } from '../e2e/scratch.ts';
import type { ReceivedSpan } from '../support/otlp-decode.ts';
import { refusingUrl } from '../support/otlp-sink.ts';
import { otlpSink } from './fixtures.ts';

/** One peer on loopback that accepts and holds; `sockets` are its ends. */
async function heldPeer() {
  const sockets: Socket[] = [];
  const port = await listener((socket) => void sockets.push(socket));
  return { target: `127.0.0.1:${port}`, sockets };
}

function configFile(folder: string, target: string, endpoint: string): string {
  const file = join(folder, 'finrst.yml');
  writeFileSync(
    file,
    [
      `tracing: {endpoint: "${endpoint}", timeout: 10s}`,
      'groups:',
      '  - name: loopback',
      '    reconnect: {initial: 50ms, max: 50ms}',
      `    static_configs: [{targets: ["${target}"]}]`,
    ].join('\n'),
  );
  return file;
}

const isConnection = (id: string) => (span: ReceivedSpan) =>
  span.name === 'connection' && span.attributes['finrst.connection.id'] === id;

test('the log, the API and the exemplars name traces that the collector has', async () => {
  const sink = await otlpSink();
  const peer = await heldPeer();
  const daemon = await startDaemon(configFile(scratchFolder(), peer.target, sink.url));
  await expect.poll(() => peer.sockets.length).toBe(1);
  peer.sockets[0]?.resetAndDestroy();
  const [, id = '', traceId = ''] = await daemon.logs(
    /msg=disconnected .*connection_id=(\S+) .*trace_id=([0-9a-f]{32})/,
  );

  const span = await sink.span(isConnection(id));
  expect(span).toMatchObject({ traceId, status: 'error', attributes: { 'finrst.reason': 'reset' } });
  const events = (await (await fetch(`${daemon.url}/api/v1/events?class=error`)).json()) as { events: unknown[] };
  expect(events.events).toMatchObject([{ connection_id: id, trace_id: traceId }]);

  const accept = 'application/openmetrics-text;version=1.0.0';
  const text = await (await fetch(`${daemon.url}/metrics`, { headers: { accept } })).text();
  const counted = text.split('\n').find((line) => /^finrst_disconnects_by_reason_total\{.*reason="reset"\}/.test(line));
  expect(counted).toContain(`# {trace_id="${traceId}",span_id="${span.spanId}"}`);
  const inExemplars = [...text.matchAll(/# \{trace_id="([0-9a-f]{32})",span_id="([0-9a-f]{16})"\}/g)];
  expect(inExemplars.length).toBeGreaterThan(2);
  for (const [, , spanId] of inExemplars) await sink.span((received) => received.spanId === spanId);
});

describe('when the collector is dead at SIGTERM', () => {
  const DEADLINE_MS = 3000;

  test.each([
    { how: 'it hangs', url: async () => (await otlpSink({ kind: 'hang' })).url },
    { how: 'it refuses', url: refusingUrl },
  ])('$how: we leave inside the deadline and say how many spans were lost', async ({ url }) => {
    const peer = await heldPeer();
    const file = configFile(scratchFolder(), peer.target, await url());
    const daemon = await startDaemon(file, [`--shutdown.timeout=${DEADLINE_MS}ms`]);
    await daemon.logs(/msg="connection established"/);
    const startedAt = performance.now();
    daemon.child.kill('SIGTERM');
    expect(await daemon.exit).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
    // connect, tcp_connect, connection
    expect(daemon.stderr()).toMatch(/level=error msg="spans were lost at shutdown[^"]*" lost=3\b/);
  });
});

test('when the collector answers, SIGTERM loses no span', async () => {
  const sink = await otlpSink();
  const peer = await heldPeer();
  const daemon = await startDaemon(configFile(scratchFolder(), peer.target, sink.url));
  const [, id = ''] = await daemon.logs(/msg="connection established" .*connection_id=(\S+)/);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
  expect(daemon.stderr()).not.toContain('lost');
  const span = await sink.span(isConnection(id));
  expect(span).toMatchObject({ status: 'unset', attributes: { 'finrst.class': 'local', 'finrst.reason': 'shutdown' } });
});

describe('with a journal', () => {
  test('a run that was killed is told of by the next one, with a span for each connection that died with it', async () => {
    const sink = await otlpSink();
    const peer = await heldPeer();
    const folder = scratchFolder();
    const file = configFile(folder, peer.target, sink.url);
    const journal = join(folder, 'events.jsonl');
    const first = await startDaemon(file, [`--events.file=${journal}`]);
    const [, id = ''] = await first.logs(/msg="connection established" .*connection_id=(\S+)/);
    expect((await scrape(first.url)).get('finrst_last_run_clean')).toBe(1);
    const connect = await sink.span((span) => span.name === 'connect');
    await expect.poll(() => readFile(journal, 'utf8')).toContain(id);
    first.child.kill('SIGKILL');
    await first.exit;

    const second = await startDaemon(file, [`--events.file=${journal}`]);
    expect((await scrape(second.url)).get('finrst_last_run_clean')).toBe(0);
    await second.logs(/level=error msg="the last run did not stop in order" connections=1/);
    await second.logs(
      new RegExp(`msg="a connection ended with the last run" .*connection_id=${id} reason=process_died`),
    );
    const span = await sink.span(isConnection(id));
    expect(span).toMatchObject({
      status: 'error',
      links: [{ traceId: connect.traceId, spanId: connect.spanId }],
      attributes: { 'finrst.class': 'local', 'finrst.reason': 'process_died', 'error.type': 'process_died' },
    });

    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    const third = await startDaemon(file, [`--events.file=${journal}`]);
    expect((await scrape(third.url)).get('finrst_last_run_clean')).toBe(1);
    expect(third.stderr()).not.toContain('last run');
  });

  test('a file that cannot be written is told before anything starts', async () => {
    const peer = await heldPeer();
    const folder = scratchFolder();
    const file = configFile(folder, peer.target, await refusingUrl());
    const nowhere = join(folder, 'nowhere', 'events.jsonl');
    await expect(startDaemon(file, [`--events.file=${nowhere}`])).rejects.toThrow(nowhere);
  });
});
