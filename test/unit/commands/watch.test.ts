import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { settled } from '../../support/fake-clock.ts';
import { connectedEvent, connectFailedEvent, disconnectedEvent } from '../../support/sample-finrst-events.ts';
import { tlsFile } from '../../support/tls-peer.ts';
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
  const exit = runCommandLine(runtime, ['watch', 'a:1', '[::1]:2', 'A.:1', '[0::1]:2', ...flags]);
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

/** The settings that `watch` would hold its peer with. */
async function settingsOf(...flags: readonly string[]) {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'a:1', ...flags]);
  await settled();
  runtime.send('SIGINT');
  expect(runtime.printedErrors).toEqual([]);
  expect(await exit).toBe(0);
  return runtime.daemons[0]?.config.groups[0]?.template;
}

describe('a flag is the key of a group', () => {
  const send = '--heartbeat.send=PING';
  test.each([
    { flags: ['--keepalive=off'], is: { keepalive: null } },
    { flags: ['--keepalive=40s'], is: { keepalive: { idleSeconds: 40, intervalSeconds: 10, count: 3 } } },
    { flags: [], is: { keepalive: { idleSeconds: 60, intervalSeconds: 10, count: 3 }, tls: null } },
    { flags: [send, '--heartbeat.interval=2s'], is: { heartbeat: { intervalMs: 2000, timeoutMs: null } } },
    {
      flags: [send, '--heartbeat.expect=+', '--heartbeat.interval=2s'],
      is: { heartbeat: { intervalMs: 2000, timeoutMs: 2000 } },
    },
    {
      flags: [send, '--heartbeat.expect=+', '--heartbeat.timeout=7s'],
      is: { heartbeat: { intervalMs: 10_000, timeoutMs: 7000 } },
    },
    { flags: ['--tls'], is: { tls: { serverName: null, caFile: null, insecureSkipVerify: false } } },
    { flags: ['--tls.insecure-skip-verify'], is: { tls: { insecureSkipVerify: true } } },
    { flags: [`--tls.ca-file=${tlsFile('ca.pem')}`], is: { tls: { caFile: tlsFile('ca.pem') } } },
    {
      flags: [`--tls.cert-file=${tlsFile('client.pem')}`, `--tls.key-file=${tlsFile('client.key')}`],
      is: { tls: { certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') } },
    },
    { flags: ['--tls.ca-file=./test/support/tls/ca.pem'], is: { tls: { caFile: 'test/support/tls/ca.pem' } } },
    { flags: ['--idle-timeout=0'], is: { idleTimeoutMs: 0 } },
    {
      flags: ['--protocol=redis'],
      is: { protocol: { name: 'redis', settings: { username: null, passwordFile: null } } },
    },
    {
      flags: ['--protocol=redis', '--username=finrst', `--password-file=${tlsFile('README.md')}`],
      is: { protocol: { name: 'redis', settings: { username: 'finrst', passwordFile: tlsFile('README.md') } } },
    },
    {
      flags: ['--protocol=postgres', '--username=finrst', '--heartbeat.interval=9s', '--heartbeat.timeout=2s', '--tls'],
      is: {
        protocol: { name: 'postgres', settings: { username: 'finrst', database: 'postgres' } },
        heartbeat: { protocol: { name: 'postgres' }, intervalMs: 9000, timeoutMs: 2000 },
        tls: { serverName: null },
      },
    },
  ])('$flags', async ({ flags, is }) => {
    expect(await settingsOf(...flags)).toMatchObject(is);
  });
});

describe('what a flag cannot be is said in the words of the flag', () => {
  const beat = ['--heartbeat.send=PING', '--heartbeat.expect=+'];
  const tls = (cert: string, key: string) => [`--tls.cert-file=${tlsFile(cert)}`, `--tls.key-file=${tlsFile(key)}`];
  test.each([
    { flags: ['--idle-timeout=5'], says: /^--idle-timeout is "5"; expected a duration, like 500ms, 15s or 1h30m$/ },
    {
      flags: ['--keepalive=500ms'],
      says: /^--keepalive is "500ms"; expected a duration in whole seconds from 1s to 32767s, like 60s, or off$/,
    },
    {
      flags: [...beat, '--heartbeat.interval=5ms'],
      says: /^--heartbeat.interval is "5ms"; expected a duration of at least 10ms, like/,
    },
    {
      flags: [...beat, '--heartbeat.timeout=11s'],
      says: /^--heartbeat.timeout is 11s; expected at most the interval, which is 10s$/,
    },
    {
      flags: ['--heartbeat.send=PING', '--heartbeat.timeout=1s'],
      says: /^--heartbeat.timeout is given without --heartbeat.expect: /,
    },
    { flags: ['--heartbeat.interval=1s'], says: /^--heartbeat.interval is given without --heartbeat.send: / },
    { flags: ['--username=a'], says: /^--username is given without --protocol: nobody would log in$/ },
    { flags: ['--password-file=a'], says: /^--password-file is given without --protocol: nobody would log in$/ },
    { flags: ['--protocol=rediss', '--username=a'], says: /^--protocol is "rediss"; expected one of redis, postgres/ },
    { flags: ['--protocol=redis', '--username=a'], says: /^--username needs --password-file$/ },
    {
      flags: ['--protocol=ftp', `--password-file=${tlsFile('README.md')}`],
      says: /^--password-file needs --username$/,
    },
    { flags: ['--protocol=memcached', '--username=a'], says: /^--username is no option of protocol memcached$/ },
    { flags: ['--protocol=http2', '--username=a'], says: /^--username is no option of protocol http2$/ },
    { flags: ['--protocol=script'], says: /^--protocol is script, whose steps stand in a configuration file/ },
    { flags: ['--protocol=postgres'], says: /^--protocol is postgres, which needs a role; add --username$/ },
    {
      flags: ['--protocol=redis', '--password-file=./none.txt'],
      says: /^--password-file names none.txt, which cannot be read: it does not exist$/,
    },
    {
      flags: ['--protocol=redis', '--heartbeat.send=PING'],
      says: /^--heartbeat.send stands beside protocol redis, which sends its own; remove it$/,
    },
    { flags: ['--heartbeat.send=\u00e9'], says: /^--heartbeat.send has the character U\+00E9/ },
    { flags: ['--tls.server-name=a:1'], says: /^--tls.server-name is "a:1"; expected a host name without a port$/ },
    {
      flags: ['--tls.ca-file=./none.pem'],
      says: /^--tls.ca-file names none.pem, which cannot be read: it does not exist$/,
    },
    {
      flags: [`--tls.ca-file=${tlsFile('client.key')}`],
      says: /^--tls.ca-file names .*, which holds no PEM certificate$/,
    },
    { flags: tls('client.pem', 'client.key').slice(0, 1), says: /^--tls.cert-file is given without --tls.key-file: / },
    { flags: tls('client.pem', 'client.key').slice(1), says: /^--tls.key-file is given without --tls.cert-file: / },
    {
      flags: tls('client.pem', 'server.key'),
      says: /^--tls.cert-file with --tls.key-file holds a certificate and a key that cannot be used together/,
    },
    {
      flags: ['--fail-on=error,reset'],
      says: /^--fail-on is "error,reset", expected one or more of eof, error, idle_timeout, never, separated by commas/,
    },
  ])('$flags', async ({ flags, says }) => {
    const runtime = createFakeRuntime();
    expect(await runCommandLine(runtime, ['watch', 'a:1', ...flags])).toBe(2);
    expect(runtime.printedErrors).toHaveLength(1);
    expect(runtime.printedErrors[0]?.replace('finrst watch: ', '')).toMatch(says);
    expect(runtime.asked).toEqual([]);
  });

  test('every mistake is said, not the first', async () => {
    const runtime = createFakeRuntime();
    expect(await runCommandLine(runtime, ['watch', 'a', 'b:0', '--keepalive=x', '--idle-timeout=y'])).toBe(2);
    expect(runtime.printedErrors).toHaveLength(4);
  });
});

test('a port that punishes silent clients gives the warning that a file gives', async () => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'db:3306']);
  await settled();
  runtime.send('SIGINT');
  await exit;
  expect(runtime.daemons[0]?.config.warnings).toEqual([
    expect.stringMatching(/^target "db:3306" on port 3306: MySQL and MariaDB block a host/),
  ]);
});

test.each([
  { flags: [], keepaliveIdleMs: 50_000, says: 'a packet of ours found the path dead, after 50.0 s of silence or more' },
  {
    flags: ['--keepalive=off'],
    keepaliveIdleMs: null,
    says: 'each time after 50.0 s of silence, its whole life: a timer',
  },
  {
    flags: ['--keepalive=120s'],
    keepaliveIdleMs: 100_000,
    says: 'each time after 50.0 s of silence, its whole life: a timer',
  },
])('resets after 50 s are judged by the probes that $flags sends', async ({ flags, keepaliveIdleMs, says }) => {
  const runtime = createFakeRuntime();
  const exit = runCommandLine(runtime, ['watch', 'a:1', '--json', ...flags]);
  await settled();
  const counts = { totalRetransmits: 0, pendingRetransmits: 0, pendingProbes: 0, outstandingBytes: 0 };
  const tcp = { state: 'close', rttMs: 1, minRttMs: 1, silenceMs: 50_000, ...counts } as const;
  const lengths = { durationMs: 50_000, quietMs: 50_000, payloadQuietMs: 50_000 };
  const reset = { ...disconnectedEvent, ...lengths, tcp, ...(keepaliveIdleMs !== null && { keepaliveIdleMs }) };
  for (let count = 0; count < 5; count += 1)
    runtime.daemons[0]?.sinks['terminal']?.connection?.({ ...reset, at: reset.at + count * 60_000 });
  runtime.send('SIGINT');
  await exit;
  expect(runtime.printed.at(-1)).toContain(says);
});

describe('--fail-on', () => {
  const peer = { ...connectedEvent.peer, peer: 'a:1' };
  const connected = { ...connectedEvent, peer };
  const reset = { ...disconnectedEvent, peer };
  const fin = { ...reset, class: 'eof', reason: 'fin' } as const;
  const stalled = { ...reset, class: 'idle_timeout', reason: 'write_stalled' } as const;
  const failed = { ...connectFailedEvent, peer };
  test.each([
    { failOn: 'error', saw: [connected, reset], why: 'a:1 ended by error/reset' },
    { failOn: 'error', saw: [connected, fin, connected, stalled], why: null },
    { failOn: 'idle_timeout', saw: [connected, stalled], why: 'a:1 ended by idle_timeout/write_stalled' },
    { failOn: 'eof', saw: [connected, fin], why: 'a:1 ended by eof/fin' },
    { failOn: 'error,idle_timeout', saw: [connected, fin], why: null },
    { failOn: 'never', saw: [failed], why: 'a:1 was never connected' },
    { failOn: 'never', saw: [failed, connected, reset], why: null },
    { failOn: 'error,idle_timeout,eof', saw: [failed], why: null },
    { failOn: null, saw: [failed, connected, reset], why: null },
  ])('$failOn: $why', async ({ failOn, saw, why }) => {
    const runtime = createFakeRuntime();
    const flags = failOn === null ? [] : [`--fail-on=${failOn}`];
    const exit = runCommandLine(runtime, ['watch', 'a:1', '--for=1m', ...flags]);
    await settled();
    for (const event of saw) runtime.daemons[0]?.sinks['terminal']?.connection?.(event);
    runtime.clock.advance(30_000);
    await settled();
    // What was seen does not end the run.
    expect(runtime.asked).toEqual(['create', 'start']);
    runtime.clock.advance(30_000);
    expect(await exit).toBe(why === null ? 0 : 1);
    expect(runtime.printedErrors).toEqual(why === null ? [] : [`finrst watch: --fail-on: ${why}`]);
    expect(runtime.printed).toContain('Watched for 1 m 0 s.');
  });

  test('each of several peers is judged by itself', async () => {
    const runtime = createFakeRuntime();
    const exit = runCommandLine(runtime, ['watch', 'a:1', 'b:1', '--fail-on=never']);
    await settled();
    const publish = runtime.daemons[0]?.sinks['terminal']?.connection;
    publish?.(connected);
    publish?.({ ...failed, peer: { ...peer, id: 2, peer: 'b:1' } });
    runtime.send('SIGINT');
    expect(await exit).toBe(1);
    expect(runtime.printedErrors).toEqual(['finrst watch: --fail-on: b:1 was never connected']);
  });
});
