import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatHostPort } from '../../src/text/host-port.ts';
import { runFinrst, scrape, startDaemon } from './finrst-process.ts';
import { canObserve, PORT, startClient, startObserver } from './observed-host.ts';
import { configText, listener, scratchFolder } from './scratch.ts';

// Plain programs with connections of their own, each in a network namespace; what Finrst says of them beside what they got.

const FIRST_PORT = 20_000;

/** Finrst's own attempts fail all the time, and are none of those that are counted. */
const CONFIG = `groups:
  - name: db
    observe: {}
    reconnect: {initial: 300ms, max: 300ms}
    static_configs: [{targets: ["127.0.0.1:${PORT}", "[::1]:${PORT}"]}]
`;

function configFile(): string {
  const file = join(scratchFolder(), 'observe.yml');
  writeFileSync(file, CONFIG);
  return file;
}

const FAULTS = [
  { fault: 'fin', end: 'class=eof reason=fin', errno: null },
  { fault: 'fin_then_reset', end: 'class=eof reason=fin', errno: 'EPIPE' },
  { fault: 'reset', end: 'class=error reason=reset errno=ECONNRESET', errno: 'ECONNRESET' },
  { fault: 'closed', end: 'class=local reason=closed', errno: null },
  { fault: 'aborted', end: 'class=local reason=aborted', errno: null },
  { fault: 'killed', end: 'class=local reason=closed', errno: null },
  { fault: 'keepalive', end: 'class=error reason=keepalive_timeout errno=ETIMEDOUT', errno: 'ETIMEDOUT' },
  { fault: 'keepalive_after_loss', end: 'class=error reason=keepalive_timeout errno=ETIMEDOUT', errno: 'ETIMEDOUT' },
  { fault: 'retransmit', end: 'class=error reason=retransmit_timeout errno=ETIMEDOUT', errno: 'ETIMEDOUT' },
  { fault: 'killed_by_host', end: 'class=error reason=aborted errno=ECONNABORTED', errno: 'ECONNABORTED' },
] as const;

describe.runIf(canObserve)('connections of other processes', () => {
  test('end for the reason that was injected, with the errno that their process got, IPv4 and IPv6', async () => {
    const daemon = await startObserver(configFile());
    await daemon.logs(/msg="connections of other processes are observed"/);
    const clients = ['127.0.0.1', '::1'].flatMap((address) =>
      FAULTS.map((row, index) => {
        const localPort = FIRST_PORT + index;
        return { ...row, address, localPort, client: startClient(address, localPort, row.fault) };
      }),
    );
    for (const { client, address, localPort, end, errno, fault } of clients) {
      const local = formatHostPort(address, localPort);
      const answer = await client.answer();
      const pattern = `msg="observed connection ended".* local=${escaped(local)} .*`;
      const [line] = await daemon.logs(new RegExp(pattern));
      expect({ fault, address, errno: answer.errno }).toEqual({ fault, address, errno });
      expect(line, fault).toContain(` ${end}`);
      expect(line, fault).toContain(` peer=${formatHostPort(address, PORT)} `);
      expect(line).toMatch(/ duration_s=\d/);
    }
    for (const address of ['127.0.0.1', '::1']) {
      expect(await startClient(address, FIRST_PORT, 'refused').answer()).toMatchObject({ errno: 'ECONNREFUSED' });
      const pattern = `msg="observed connect failed" peer=${escaped(formatHostPort(address, PORT))} .*errno=(\\w+)`;
      expect((await daemon.logs(new RegExp(pattern)))[1]).toBe('ECONNREFUSED');
    }
    const samples = await scrape(daemon.url);
    for (const peer of [`127.0.0.1:${PORT}`, `[::1]:${PORT}`]) {
      const labels = `group="db",peer="${peer}"`;
      expect(samples.get(`finrst_observed_connects_total{${labels}}`)).toBe(FAULTS.length);
      expect(samples.get(`finrst_observed_connections{${labels}}`)).toBe(0);
      expect(samples.get(`finrst_observed_connect_failures_total{${labels}}`)).toBe(1);
      for (const endClass of ['eof', 'error', 'local'])
        expect(samples.get(`finrst_observed_ends_total{${labels},class="${endClass}"}`)).toBe(
          FAULTS.filter(({ end }) => end.includes(`class=${endClass} `)).length,
        );
    }
    expect(samples.get('finrst_observer_lost_events_total')).toBe(0);
    daemon.child.kill('SIGTERM');
    expect(await daemon.exit).toBe(0);
  });

  test('that nobody closes are listed with their process until it closes them, also those from before', async () => {
    const older = startClient('127.0.0.1', 0, 'leak');
    const { pid: olderPid } = await older.answer();
    const daemon = await startObserver(configFile());
    await daemon.logs(new RegExp(`msg="observed connection found".* pid=${olderPid} `));
    const newer = startClient('::1', 0, 'leak');
    const { pid } = await newer.answer();
    await daemon.logs(new RegExp(`msg="observed connection ended".* pid=${pid} .*reason=fin`));
    const answer = await fetch(`${daemon.url}/api/v1/observed?state=close_wait`);
    const { observed } = (await answer.json()) as { readonly observed: readonly object[] };
    const common = { group: 'db', state: 'close_wait', remote_port: PORT, executable: 'python3' };
    expect(observed).toEqual([
      expect.objectContaining({ ...common, peer: `127.0.0.1:${PORT}`, at_least: true, pid: olderPid }),
      expect.objectContaining({ ...common, peer: `[::1]:${PORT}`, age_s: expect.any(Number), pid }),
    ]);
    const held = await scrape(daemon.url);
    expect(held.get(`finrst_observed_close_wait{group="db",peer="[::1]:${PORT}"}`)).toBe(1);
    expect(held.get(`finrst_observed_close_wait_oldest_seconds{group="db",peer="[::1]:${PORT}"}`)).toBeGreaterThan(0);
    await Promise.all([older.end(), newer.end()]);
    for (const one of [olderPid, pid])
      await daemon.logs(new RegExp(`msg="observed connection closed by its process after its peer".* pid=${one} `));
    const released = await scrape(daemon.url);
    expect(released.get(`finrst_observed_close_wait{group="db",peer="127.0.0.1:${PORT}"}`)).toBe(0);
    expect(released.get(`finrst_observed_close_wait_oldest_seconds{group="db",peer="[::1]:${PORT}"}`)).toBe(0);
  });
});

/** A port of each its own: tests that run at once observe the same host. */
const leakConfig = (port: number): string => `groups:
  - name: leaky
    hold: false
    observe: {}
    static_configs: [{targets: ["127.0.0.1:${port}"]}]
`;

test.runIf(canObserve)(
  'a leak is shown within a second of the FIN, its age right, of a v4-mapped socket, too',
  async () => {
    const port = PORT + 7;
    const file = join(scratchFolder(), 'leak.yml');
    writeFileSync(file, leakConfig(port));
    const daemon = await startObserver(file);
    await daemon.logs(/msg="connections of other processes are observed"/);
    const leaky = startClient('::ffff:127.0.0.1', 0, 'leak', port);
    const { pid } = await leaky.answer();
    const told = performance.now();
    type Leak = { readonly pid?: number; readonly close_wait_s: number; readonly peer: string };
    const leaks = async (): Promise<readonly Leak[]> => {
      const answer = await fetch(`${daemon.url}/api/v1/observed?state=close_wait`);
      return ((await answer.json()) as { readonly observed: readonly Leak[] }).observed;
    };
    while ((await leaks()).length === 0) expect(performance.now() - told).toBeLessThan(1000);
    const aged = async (): Promise<void> => {
      const before = (performance.now() - told) / 1000;
      const [leak] = await leaks();
      const after = (performance.now() - told) / 1000;
      expect(leak).toMatchObject({ pid, peer: `127.0.0.1:${port}` });
      // The program was told right behind the FIN, and said so a moment later.
      expect(leak?.close_wait_s).toBeGreaterThan(before - 0.01);
      expect(leak?.close_wait_s).toBeLessThan(after + 1);
    };
    await aged();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await aged();
    await leaky.end();
  },
);

test.runIf(canObserve)('what another Finrst of this host holds is none of those that are found', async () => {
  const accepted = Promise.withResolvers<void>();
  const port = await listener(() => accepted.resolve());
  const held = join(scratchFolder(), 'held.yml');
  writeFileSync(held, configText('held', [`127.0.0.1:${port}`]));
  await startDaemon(held);
  await accepted.promise;
  const plain = connect(port, '127.0.0.1');
  onTestFinished(() => void plain.destroy());
  await once(plain, 'connect');
  const file = join(scratchFolder(), 'found.yml');
  writeFileSync(file, leakConfig(port));
  const daemon = await startObserver(file);
  await daemon.logs(
    new RegExp(`msg="observed connection found".* local=127.0.0.1:${plain.localPort} .*pid=${process.pid} `),
  );
  expect((await scrape(daemon.url)).get(`finrst_observed_connections{group="leaky",peer="127.0.0.1:${port}"}`)).toBe(1);
});

test.runIf(canObserve)(
  'discover --host proposes what programs of other namespaces hold, and check takes it',
  async () => {
    const client = startClient('127.0.0.1', 0, 'leak');
    const { pid } = await client.answer();
    const { exitCode, stdout } = await runFinrst(['discover', '--host']);
    expect(exitCode).toBe(0);
    const [, target = '', comment] = new RegExp(`- "(.*:${PORT})" # (.*)`).exec(stdout) ?? [];
    expect(target).toMatch(/^(?:localhost|127\.0\.0\.1):/);
    expect(comment).toMatch(new RegExp(`^1 connection, 1 that the peer has closed: 1 of python3 \\(pid ${pid}\\)`));
    const file = unheldFile(stdout);
    expect(await runFinrst(['check', file])).toMatchObject({ exitCode: 0, stderr: '' });
    await client.end();
  },
);

test('without tracefs one line says what is missing, and the rest runs', async () => {
  const under = ['unshare', '-m', 'sh', '-c', 'umount /sys/kernel/tracing 2>/dev/null; exec "$0" "$@"'];
  const own = canObserve ? under : [];
  const daemon = await startDaemon(configFile(), [], {}, own);
  const [line] = await daemon.logs(/.*msg="connections of other processes cannot be observed".*/);
  expect(line).toMatch(/level=warn .*why=/);
  expect((await scrape(daemon.url)).get('finrst_observer_up')).toBe(0);
  expect((await fetch(`${daemon.url}/-/ready`)).status).toBe(200);
});

const UNHELD = `groups:
  - name: db
    hold: false
    observe: {}
    static_configs: [{targets: ["127.0.0.1:${PORT}"]}]
  - name: web
    protocol: redis
    redis: {password_file: /nonexistent/password}
    observe: {}
    static_configs: [{targets: ["127.0.0.1:${PORT + 1}"]}]
  - name: others
    tls: {ca_file: /nonexistent/ca.pem}
    static_configs: [{targets: ["127.0.0.1:${PORT + 2}"]}]
`;

function unheldFile(text = UNHELD): string {
  const file = join(scratchFolder(), 'unheld.yml');
  writeFileSync(file, text);
  return file;
}

test('--observe=only holds nothing, reads no file of a held connection, and is ready', async () => {
  const daemon = await startDaemon(unheldFile(), ['--observe=only']);
  const samples = await scrape(daemon.url);
  const series = [...samples.keys()].filter((name) => /group="/.test(name));
  const perPeer = series.filter((name) => name.includes('peer="') && !name.startsWith('finrst_observed_'));
  expect(perPeer.map((name) => name.replace(/,.*/, ''))).toEqual([
    'finrst_peer_info{group="db"',
    'finrst_peer_info{group="web"',
  ]);
  expect(series.filter((name) => name.includes('"others"') || name.startsWith('finrst_peers'))).toEqual([]);
  expect(samples.get(`finrst_observed_connections{group="web",peer="127.0.0.1:${PORT + 1}"}`)).toBe(0);
  const answer = await fetch(`${daemon.url}/api/v1/peers`);
  const { peers } = (await answer.json()) as { readonly peers: readonly { readonly state: string }[] };
  expect(peers.map(({ state }) => state)).toEqual(['not_held', 'not_held']);
  expect((await fetch(`${daemon.url}/-/ready`)).status).toBe(200);
  expect(daemon.stderr()).toMatch(/msg=started .*peers=0 /);
  daemon.child.kill('SIGTERM');
  expect(await daemon.exit).toBe(0);
});

test('a reload holds a peer that was only observed, and back', async () => {
  const file = unheldFile(UNHELD.slice(0, UNHELD.indexOf('  - name: web')));
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=0s']);
  const state = async () => {
    const answer = await fetch(`${daemon.url}/api/v1/peers`);
    const { peers } = (await answer.json()) as { readonly peers: readonly { readonly state: string }[] };
    return peers.map((peer) => peer.state);
  };
  const reload = async (text: string, times: number) => {
    writeFileSync(file, text);
    daemon.child.kill('SIGHUP');
    await daemon.logs(new RegExp(`(?:msg="configuration reloaded"[^]*){${times}}`));
  };
  const unheld = readFileSync(file, 'utf8');
  expect(await state()).toEqual(['not_held']);
  await reload(unheld.replace('hold: false', 'hold: true'), 1);
  expect((await state())[0]).not.toBe('not_held');
  expect((await scrape(daemon.url)).get(`finrst_peers{group="db",state="established"}`)).toBe(0);
  await reload(unheld, 2);
  expect(await state()).toEqual(['not_held']);
  const names = [...(await scrape(daemon.url)).keys()].filter((name) => name.startsWith('finrst_peer_'));
  expect(names.map((name) => name.replace(/\{.*/, ''))).toEqual(['finrst_peer_info']);
});

test('--observe=off does nothing about a group that is not held', async () => {
  const file = unheldFile(UNHELD.slice(0, UNHELD.indexOf('  - name: web')));
  const daemon = await startDaemon(file, ['--observe=off']);
  expect([...(await scrape(daemon.url)).keys()].filter((name) => name.includes('group="db"'))).toEqual([]);
});

test('--observe=off has no observer and no series of one', async () => {
  const daemon = await startDaemon(configFile(), ['--observe=off']);
  const samples = [...(await scrape(daemon.url)).keys()];
  expect(samples.filter((name) => name.startsWith('finrst_observe'))).toEqual([]);
});

function escaped(text: string): string {
  return text.replaceAll(/[.[\]]/g, String.raw`\$&`);
}
