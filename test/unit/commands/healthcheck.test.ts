import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { createFakeRuntime } from '../../support/fake-runtime.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function daemon(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/-/ready`;
}

test('a ready daemon is exit 0', async () => {
  const url = await daemon((_request, response) => response.end('ready'));
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['healthcheck', `--url=${url}`])).toBe(0);
  expect(runtime.printed).toEqual(['ready']);
  expect(runtime.clock.pending).toBe(0);
});

test('one that is not ready is exit 1 with its answer', async () => {
  const url = await daemon((_request, response) => response.writeHead(503).end());
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['healthcheck', `--url=${url}`])).toBe(1);
  expect(runtime.printedErrors).toEqual([`not ready: ${url} answered 503`]);
});

test('one that hangs is exit 1 after five seconds', async () => {
  const asked = Promise.withResolvers<void>();
  const url = await daemon(() => asked.resolve());
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['healthcheck', `--url=${url}`]);
  await asked.promise;
  runtime.clock.advance(5000);
  expect(await exit).toBe(1);
  expect(runtime.printedErrors).toEqual([`not ready: ${url} did not answer within 5 s`]);
});

test('one that is not there is exit 1 with the reason', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['healthcheck', '--url=http://127.0.0.1:1/'])).toBe(1);
  expect(runtime.printedErrors).toEqual(['not ready: http://127.0.0.1:1/: connect ECONNREFUSED 127.0.0.1:1']);
});

/** A daemon that answers with one status after the other; `left` counts the clients that have read their answer and gone. */
async function changingDaemon(...statuses: readonly number[]) {
  let asked = 0;
  let left = 0;
  const url = await daemon((request, response) => {
    request.socket.once('close', () => left++);
    response.writeHead(statuses[asked++] ?? 500).end();
  });
  return { url, untilLeft: (count: number) => vi.waitFor(() => expect(left).toBe(count)) };
}

test('with --wait one that becomes ready in time is exit 0', async () => {
  const { url, untilLeft } = await changingDaemon(503, 503, 200);
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['healthcheck', `--url=${url}`, '--wait=2s']);
  await untilLeft(1);
  runtime.clock.advance(1000);
  await untilLeft(2);
  runtime.clock.advance(1000);
  expect(await exit).toBe(0);
  expect(runtime.printedErrors).toEqual([]);
});

test('with --wait one that does not is exit 1 with its last answer', async () => {
  const { url, untilLeft } = await changingDaemon(503, 502, 200);
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['healthcheck', `--url=${url}`, '--wait=1500ms']);
  await untilLeft(1);
  runtime.clock.advance(1000);
  expect(await exit).toBe(1);
  expect(runtime.printedErrors).toEqual([`not ready: ${url} answered 502`]);
});

test('what is no URL is refused', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['healthcheck', '--url=ready'])).toBe(1);
  expect(runtime.printedErrors).toEqual(['finrst healthcheck: --url is "ready", expected an http:// or https:// URL']);
});
