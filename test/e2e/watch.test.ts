import { expect, test } from 'vitest';
import { runFinrst, startFinrst } from './finrst-process.ts';
import { listener } from './scratch.ts';

test('it prints each step in words and ends with a table', async () => {
  const port = await listener((socket) => {
    socket.on('data', () => socket.write('+PONG\r\n', () => socket.resetAndDestroy()));
  });
  const peer = `127.0.0.1:${port}`;
  const beat = ['--heartbeat.send=PING\\r\\n', '--heartbeat.expect=+PONG'];
  const { exitCode, stdout, stderr } = await runFinrst(['watch', peer, '127.0.0.1:1', ...beat, '--for=2s']);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('Watching 2 peers; it ends by itself with a summary, or at Ctrl-C.');
  expect(stdout).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3}  ${peer}  connected to ${peer} in .* ms`, 'm'));
  expect(stdout).toMatch(/ended after .* ms: error\/reset: .* reset the connection/);
  expect(stdout).toMatch(/127\.0\.0\.1:1 +connect failed: tcp\/refused after .* next try in/);
  const table = lines.slice(lines.findIndex((line) => line.startsWith('PEER')));
  expect(table[1]).toMatch(new RegExp(`^${peer} +\\d+\\.\\d % +[1-9]\\d* .* error/reset [1-9]`));
  expect(table[2]).toMatch(/^127\.0\.0\.1:1 +0\.0 % +0 .* tcp\/refused [1-9]/);
});

test('--json prints objects alone', async () => {
  const port = await listener(() => {});
  const { exitCode, stdout } = await runFinrst(['watch', `127.0.0.1:${port}`, '--json', '--for=1s']);
  expect(exitCode).toBe(0);
  const objects = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string });
  expect(objects.map(({ type }) => type)).toContain('connected');
  expect(objects.at(-1)).toMatchObject({ type: 'summary', connections: 1, connect_failures: 0 });
});

test('Ctrl-C ends it with the summary and exit 0; the peer sees FIN', async () => {
  const ended = Promise.withResolvers<string>();
  const port = await listener((socket) => {
    socket.on('end', () => ended.resolve('FIN'));
    socket.on('error', ({ message }) => ended.resolve(message));
  });
  const watch = startFinrst(['watch', `127.0.0.1:${port}`]);
  await watch.prints(/connected to/);
  watch.child.kill('SIGINT');
  expect(await ended.promise).toBe('FIN');
  expect(await watch.exit).toBe(0);
  expect(watch.stdout()).toContain('Watched for');
});

test('a reader that has seen enough (`| head`) ends it quietly, in order', async () => {
  const ended = Promise.withResolvers<string>();
  const port = await listener((socket) => {
    socket.on('end', () => ended.resolve('FIN'));
    socket.on('error', ({ message }) => ended.resolve(message));
  });
  const watch = startFinrst(['watch', `127.0.0.1:${port}`, '127.0.0.1:1', '--json']);
  await watch.prints(/"type":"connected"/);
  watch.child.stdout?.destroy();
  expect(await ended.promise).toBe('FIN');
  expect(await watch.exit).toBe(0);
  expect(watch.stderr()).toBe('');
});
