import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scrape, startDaemon } from './finrst-process.ts';
import { scratchFolder } from './scratch.ts';

/** Answers each line with +PONG; prints its port. */
const SERVER = `require('node:net').createServer((socket) => socket.on('data', () => socket.write('+PONG')).on('error', () => {}))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

/** A server in a process of its own, to be frozen by a signal: its kernel goes on to accept and to acknowledge. */
async function startServer() {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, port: Number(port) };
}

test('a process that is frozen behind a live kernel is down, stays down with growing delays, and its outage has a length', async () => {
  const { child, port } = await startServer();
  const file = join(scratchFolder(), 'finrst.yml');
  const heartbeat = `{send: 'PING\\n', expect: '+PONG', interval: 1s, timeout: 1s}`;
  writeFileSync(
    file,
    `groups:\n  - name: g\n    reconnect: {initial: 100ms, max: 1h}\n    heartbeat: ${heartbeat}\n    static_configs: [{targets: ["127.0.0.1:${port}"]}]\n`,
  );
  const daemon = await startDaemon(file);
  const labels = `group="g",peer="127.0.0.1:${port}"`;
  await daemon.logs(/msg="connection established".* protocol_s=/);
  expect((await scrape(daemon.url)).get(`finrst_peer_up{${labels}}`)).toBe(1);
  child.kill('SIGSTOP');
  await daemon.logs(/msg=disconnected .*class=idle_timeout reason=no_reply/);
  for (const failures of [1, 2, 4]) {
    await daemon.logs(new RegExp(`msg="connect failed" .*phase=protocol reason=timeout .*failures=${failures} `));
    const samples = await scrape(daemon.url);
    expect(samples.get(`finrst_peer_up{${labels}}`)).toBe(0);
    expect(samples.get(`finrst_connections_total{${labels}}`)).toBe(1);
    expect(samples.get(`finrst_connect_failures_total{${labels},phase="protocol"}`)).toBeGreaterThanOrEqual(failures);
  }
  child.kill('SIGCONT');
  daemon.child.kill('SIGHUP'); // by hand: the delays start over
  const [, down] = await daemon.logs(/msg="connection established after failures".* down_s=(\S+)/);
  expect(Number(down)).toBeGreaterThan(4);
  const samples = await scrape(daemon.url);
  expect(samples.get(`finrst_downtime_seconds_count{group="g"}`)).toBe(1);
  expect(samples.get(`finrst_peer_down_seconds_total{${labels}}`)).toBeCloseTo(Number(down), 3);
});
