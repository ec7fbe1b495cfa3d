import { expect, test } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { settled } from '../../support/fake-clock.ts';
import { connectedEvent } from '../../support/sample-finrst-events.ts';
import { createFakeRuntime } from '../../support/fake-runtime.ts';
import { peersOf } from '../../support/peers-of.ts';

test('the flags become the settings of every named peer, and no port is opened', async () => {
  const runtime = createFakeRuntime();
  const flags = [
    '--tls.server-name=redis.test',
    '--idle-timeout=30s',
    '--heartbeat.send=PING\\r\\n',
    '--heartbeat.expect=+PONG',
  ];
  const exit = runCommandLine(runtime, ['watch', 'a:1', '[::1]:2', 'a:1', ...flags]);
  await settled();
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  const [options] = runtime.daemons;
  expect(options?.web).toBeNull();
  const peers = peersOf(options?.config.groups[0]);
  expect(peers.map(({ host, port }) => [host, port])).toEqual([
    ['a', 1],
    ['::1', 2],
  ]);
  for (const peer of peers) {
    expect(peer).toMatchObject({
      idleTimeoutMs: 30_000,
      tls: { serverName: 'redis.test', insecureSkipVerify: false },
      heartbeat: { intervalMs: 10_000, timeoutMs: 5000 },
    });
    const settings = { send: new TextEncoder().encode('PING\r\n'), expect: new TextEncoder().encode('+PONG') };
    expect(peer.heartbeat?.protocol).toEqual({ name: 'send_expect', settings });
  }
});

test('without flags it only holds: no TLS, no heartbeat, no idle timeout', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'a:1']);
  await settled();
  runtime.send('SIGTERM');
  await exit;
  expect(peersOf(runtime.daemons[0]?.config.groups[0])).toMatchObject([
    { tls: null, heartbeat: null, idleTimeoutMs: 0 },
  ]);
});

test('--for ends it by itself with the summary, and exit 0', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'a:1', '--for=1m']);
  await settled();
  runtime.clock.advance(59_999);
  await settled();
  expect(runtime.asked).toEqual(['create', 'start']);
  runtime.clock.advance(1);
  expect(await exit).toBe(0);
  expect(runtime.asked).toEqual(['create', 'start', 'stop end of --for 3000']);
  expect(runtime.printed).toContain('Watched for 1 m 0 s.');
  expect(runtime.clock.pending).toBe(0);
});

test('Ctrl-C ends it sooner, and no timer stays behind', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'a:1', '--for=1m', '--json']);
  await settled();
  runtime.daemons[0]?.sinks['terminal']?.connection?.(connectedEvent);
  runtime.clock.advance(5000);
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  expect(runtime.printed.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['connected', 'summary']);
  expect(runtime.printed.at(-1)).toContain('"watched_s":5');
  expect(runtime.clock.pending).toBe(0);
});
