import { fileURLToPath } from 'node:url';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ConfigResult } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/load-config.ts';
import { createDaemon } from '../../../src/daemon/daemon.ts';
import type { Daemon, DaemonOptions } from '../../../src/daemon/daemon-options.ts';
import type { FinrstEvent } from '../../../src/domain/events/finrst-event.ts';
import { readFile } from '../../support/read-file.ts';
import { createFakeClock, type FakeClock, settled } from '../../support/fake-clock.ts';
import { FakeApiServer } from '../../support/fake-api-server.ts';
import { startPeer } from '../../support/loopback-peer.ts';
import { polite, until } from '../../support/scenario.ts';
import { plainServer } from '../discovery/kubernetes/kubernetes-scenario.ts';
import { ask, WEB_SETTINGS } from '../../support/web-under-test.ts';

const scratch = mkdtempSync(join(tmpdir(), 'finrst-daemon-'));
afterAll(() => rmSync(scratch, { recursive: true }));

type DaemonUnderTest = {
  readonly daemon: Daemon;
  readonly clock: FakeClock;
  readonly events: readonly FinrstEvent[];
  readonly all: <T extends FinrstEvent['type']>(type: T) => readonly Extract<FinrstEvent, { type: T }>[];
  /** What the next reload finds. */
  readonly writeConfig: (text: string) => void;
  readonly loads: () => number;
  /** Waits, with time passing, until this holds. */
  readonly until: (holds: () => boolean) => Promise<void>;
  /** Stops it, with time passing. */
  readonly stop: (timeoutMs?: number) => Promise<void>;
};

function read(text: string): ConfigResult {
  return parseConfig(text, 'finrst.yml', () => {
    throw new Error('no file is named');
  });
}

/** A daemon with real sockets and files on a clock that moves by hand. It is stopped at the end of the test. */
function daemonOf(text: string, overrides: Partial<DaemonOptions> = {}): DaemonUnderTest {
  const clock = createFakeClock();
  const events: FinrstEvent[] = [];
  const keep = (event: FinrstEvent) => void events.push(event);
  const first = read(text);
  if (first.kind === 'invalid') throw new Error(first.problems[0]?.message);
  let next: ConfigResult = first;
  let loads = 0;
  const daemon = createDaemon({
    config: first.config,
    async load() {
      loads++;
      return next;
    },
    readFile,
    hostName: 'finrst-0',
    docsFolder: fileURLToPath(new URL('../../../docs', import.meta.url)),
    clock,
    random: () => 0.5,
    build: { version: '1.2.3', revision: 'abc', nodeVersion: '24.5.0' },
    platform: process.platform,
    env: {},
    sinks: { test: { connection: keep, peer: keep, sample: keep, process: keep } },
    web: WEB_SETTINGS,
    ...overrides,
  });
  const stop = async (timeoutMs = 10_000) => {
    let done = false;
    const stopped = daemon.stop('SIGTERM', timeoutMs).finally(() => (done = true));
    await until(clock, () => done, 1);
    await stopped;
  };
  onTestFinished(() => stop(0));
  return {
    daemon,
    clock,
    events,
    all: <T extends FinrstEvent['type']>(type: T) =>
      events.filter((event): event is Extract<FinrstEvent, { type: T }> => event.type === type),
    writeConfig: (newText) => void (next = read(newText)),
    loads: () => loads,
    until: (holds) => until(clock, holds, 1),
    stop,
  };
}

type Section = Readonly<Record<string, string>>;

/** One group `g` of peers at these ports. */
function configOf(ports: readonly number[], global: Section = {}, more = ''): string {
  const keys = Object.entries(global).map(([key, value]) => `  ${key}: ${value}\n`);
  const targets = ports.map((port) => `"127.0.0.1:${port}"`).join(', ');
  return `${keys.length === 0 ? '' : `global:\n${keys.join('')}`}${more}groups:\n  - name: g\n    static_configs:\n      - targets: [${targets}]\n`;
}

async function politePeer() {
  const peer = await startPeer(polite);
  onTestFinished(() => peer.close());
  return peer;
}

async function startedAt(under: DaemonUnderTest): Promise<string> {
  const started = await under.daemon.start();
  if (started.kind === 'failed') throw new Error(started.problem);
  return started.listening[0] ?? '';
}

describe('a start', () => {
  test('opens the port, publishes where, and holds the peers', async () => {
    const { port } = await politePeer();
    const under = daemonOf(configOf([port]));
    const address = await startedAt(under);
    expect(under.all('started')).toMatchObject([{ version: '1.2.3', peers: 1, listening: [address] }]);
    await under.until(() => under.all('connected').length === 1);
    expect((await ask(address, '/-/ready')).status).toBe(200);
    expect((await ask(address, '/metrics')).text).toContain(`finrst_peer_up{group="g",peer="127.0.0.1:${port}"} 1`);
    expect((await ask(address, '/api/v1/peers')).text).toContain('"state":"established"');
  });

  test('publishes the warnings of the configuration, and so does a reload', async () => {
    const first = read('groups: []\n');
    if (first.kind === 'invalid') throw new Error('the configuration is wrong');
    const config = { ...first.config, warnings: ['a warning'] };
    const under = daemonOf('groups: []\n', { config, load: async () => ({ kind: 'loaded', config }) });
    await startedAt(under);
    expect(under.all('warned')).toMatchObject([{ level: 'warn', message: 'a warning' }]);
    await under.daemon.reload();
    expect(under.all('warned')).toHaveLength(2);
  });

  test('reports what a run that was killed took with it', async () => {
    const { port } = await politePeer();
    const [eventsFile, leftBehind] = [join(scratch, 'killed.jsonl'), join(scratch, 'left-behind.jsonl')];
    const killed = daemonOf(configOf([port]), { eventsFile, web: null });
    await killed.daemon.start();
    await killed.until(() => readFileSync(eventsFile, 'utf8').includes('"type":"connected"'));
    copyFileSync(eventsFile, leftBehind);
    const under = daemonOf('groups: []\n', { eventsFile: leftBehind });
    const address = await startedAt(under);
    expect(under.all('warned').map(({ message }) => message)).toEqual([
      'the last run did not stop in order',
      'a connection ended with the last run',
    ]);
    expect((await ask(address, '/metrics')).text).toMatch(/^finrst_last_run_clean 0$/m);
    const { events } = JSON.parse((await ask(address, '/api/v1/events')).text) as { events: readonly object[] };
    const [written = {}] = readFileSync(leftBehind, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"type":"connected"'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(events).toMatchObject([{ id: written['id'], type: 'connected', connection_id: written['connection_id'] }]);
  });

  test('says how many lines of the journal are no events', async () => {
    const eventsFile = join(scratch, 'edited.jsonl');
    writeFileSync(eventsFile, '{"type":"stopped","exit_code":0}\nno json\n{"type":"connected","id":"x"}\n');
    const under = daemonOf('groups: []\n', { eventsFile });
    await startedAt(under);
    const message = 'lines of the journal are no events of ours, and are left out';
    expect(under.all('warned')).toMatchObject([{ message, fields: { file: eventsFile, lines: 2 } }]);
  });

  test('without a web server opens no port', async () => {
    const under = daemonOf('groups: []\n', { web: null });
    expect(await under.daemon.start()).toEqual({ kind: 'started', listening: [] });
  });

  test('on a port that is taken fails with its name, connects nobody and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const bound = taken.address();
    const address = `127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`;
    const peer = await politePeer();
    const under = daemonOf(configOf([peer.port]), {
      web: { ...WEB_SETTINGS, listenAddresses: ['127.0.0.1:0', address] },
      eventsFile: join(scratch, 'taken.jsonl'),
    });
    const started = await under.daemon.start();
    expect(started).toEqual({
      kind: 'failed',
      problem: expect.stringContaining(`cannot listen on ${address}: the address is in use`),
    });
    expect(under.all('started')).toEqual([]);
    expect(peer.sockets).toEqual([]);
    expect(under.clock.pending).toBe(0);
  });

  test('with a journal that cannot be opened fails with its name', async () => {
    const under = daemonOf('groups: []\n', { eventsFile: join(scratch, 'missing', 'journal.jsonl') });
    expect(await under.daemon.start()).toEqual({
      kind: 'failed',
      problem: expect.stringMatching(/^the journal .*missing\/journal\.jsonl cannot be used: ENOENT/),
    });
    expect(under.clock.pending).toBe(0);
  });

  test('with a web configuration that cannot be used fails with its problem', async () => {
    const web = { ...WEB_SETTINGS, webConfigFile: join(scratch, 'no-web.yml') };
    const under = daemonOf('groups: []\n', { web });
    expect(await under.daemon.start()).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('no-web.yml'),
    });
    expect(under.clock.pending).toBe(0);
  });
});

describe('a reload', () => {
  test('applies the peers: one goes, one comes, one stays', async () => {
    const [stays, goes, comes] = await Promise.all([politePeer(), politePeer(), politePeer()]);
    const under = daemonOf(configOf([stays.port, goes.port]));
    const address = await startedAt(under);
    await under.until(() => under.all('connected').length === 2);
    under.writeConfig(configOf([stays.port, comes.port]));
    expect(await under.daemon.reload()).toEqual({ kind: 'reloaded' });
    expect(under.all('reloadSucceeded')).toMatchObject([{ added: 1, changed: 0, removed: 1, unchanged: 1 }]);
    await under.until(() => under.all('connected').length === 3);
    expect(stays.sockets).toHaveLength(1);
    expect((await ask(address, '/config')).text).toContain(`127.0.0.1:${comes.port}`);
  });

  test('applies metrics.detail', async () => {
    const { port } = await politePeer();
    const under = daemonOf(configOf([port]));
    const address = await startedAt(under);
    const families = async () => (await ask(address, '/metrics')).text.match(/^# TYPE finrst_peer_\S+/gm) ?? [];
    const full = await families();
    under.writeConfig(configOf([port], { metrics: '{detail: minimal}' }));
    await under.daemon.reload();
    expect((await families()).length).toBeLessThan(full.length);
    under.writeConfig(configOf([port]));
    await under.daemon.reload();
    expect(await families()).toEqual(full);
  });

  test('applies metrics.histograms', async () => {
    const { port } = await politePeer();
    const under = daemonOf(configOf([port], { metrics: '{histograms: off}' }));
    const address = await startedAt(under);
    const histogram = async () => (await ask(address, '/metrics')).text.includes('finrst_connection_duration_seconds');
    expect(await histogram()).toBe(false);
    under.writeConfig(configOf([port]));
    await under.daemon.reload();
    expect(await histogram()).toBe(true);
    under.writeConfig(configOf([port], { metrics: '{histograms: false}' }));
    await under.daemon.reload();
    expect(await histogram()).toBe(false);
  });

  test('applies the limits before the peers', async () => {
    const [one, two] = await Promise.all([politePeer(), politePeer()]);
    const under = daemonOf(configOf([one.port]));
    await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    under.writeConfig(configOf([one.port, two.port], { max_connections: '1' }));
    await under.daemon.reload();
    await under.until(() => under.all('connectFailed').length + under.all('connected').length === 2);
    expect(under.all('connectFailed')).toMatchObject([{ phase: 'tcp', reason: 'fd_limit' }]);
  });

  test('applies tracing', async () => {
    const [one, two] = await Promise.all([politePeer(), politePeer()]);
    const under = daemonOf(configOf([one.port]));
    await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    under.writeConfig(configOf([one.port, two.port], {}, 'tracing:\n  endpoint: http://127.0.0.1:1\n'));
    await under.daemon.reload();
    await under.until(() => under.all('connected').length === 2);
    expect(under.all('connected').map(({ trace }) => trace !== undefined)).toEqual([false, true]);
  });

  test('that somebody asked for starts the delays over, one that a changed file caused does not', async () => {
    const peer = await startPeer((socket) => socket.end());
    onTestFinished(() => peer.close());
    const under = daemonOf(configOf([peer.port], { reconnect: '{initial: 100ms, max: 1h}' }), {
      web: { ...WEB_SETTINGS, enableLifecycle: true },
    });
    const address = await startedAt(under);
    const ends = () => under.all('disconnected');
    // Half of 100, 200, 400, ... ms: full jitter with a constant chance.
    await under.until(() => ends().length === 6);
    expect(ends().at(-1)).toMatchObject({ retryInMs: 1600 });
    await under.daemon.reload('fileChanged');
    under.clock.advance(100);
    await settled();
    expect(under.all('connected')).toHaveLength(6);
    expect((await ask(address, '/-/reload', { method: 'POST' })).status).toBe(200);
    await under.until(() => ends().length === 7);
    expect(ends().at(-1)).toMatchObject({ retryInMs: 100 });
  });

  test('of a bad file changes nothing, and each problem is published', async () => {
    const { port } = await politePeer();
    const under = daemonOf(configOf([port]));
    const address = await startedAt(under);
    under.writeConfig('groups:\n  - nam: g\n');
    const result = await under.daemon.reload();
    expect(result).toMatchObject({
      kind: 'invalid',
      problems: [expect.stringMatching(/^finrst\.yml:2:/), expect.anything()],
    });
    expect(under.all('reloadFailed')).toMatchObject([{ problems: result.kind === 'invalid' ? result.problems : [] }]);
    expect(under.all('reloadSucceeded')).toEqual([]);
    expect((await ask(address, '/config')).text).toContain(`127.0.0.1:${port}`);
    await under.until(() => under.all('connected').length === 1);
  });

  test('moves the lines that the page of a peer names, each group its own', async () => {
    const [one, other] = [await politePeer(), await politePeer()];
    const group = (name: string, port: number, head = '') =>
      `${head}  - name: ${name}\n    user_timeout: 30s\n    static_configs: [{targets: ["127.0.0.1:${port}"]}]\n`;
    const text = (head = '') => `groups:\n${group('first', one.port, head)}${group('second', other.port)}`;
    const under = daemonOf(text());
    const address = await startedAt(under);
    await under.until(() => under.all('connected').length === 2);
    const lineOf = async (name: string, port: number) => {
      const { text: page } = await ask(address, `/peer?group=${name}&peer=127.0.0.1:${port}`);
      return /user_timeout<\/code>[^]*?group, line (\d+)/.exec(page)?.[1];
    };
    expect([await lineOf('first', one.port), await lineOf('second', other.port)]).toEqual(['3', '6']);
    under.writeConfig(text('  # one more line\n'));
    await under.daemon.reload();
    expect([await lineOf('first', one.port), await lineOf('second', other.port)]).toEqual(['4', '7']);
  });

  test('over HTTP is answered when it is done', async () => {
    const under = daemonOf('groups: []\n', { web: { ...WEB_SETTINGS, enableLifecycle: true } });
    const address = await startedAt(under);
    const { port } = await politePeer();
    under.writeConfig(configOf([port]));
    expect(await ask(address, '/-/reload', { method: 'POST' })).toMatchObject({ status: 200, text: 'reloaded\n' });
    expect(under.all('reloadSucceeded')).toMatchObject([{ added: 1 }]);
  });

  test('that is asked for three times at once loads twice: the last two share a load', async () => {
    const under = daemonOf('groups: []\n');
    await startedAt(under);
    const results = await Promise.all([under.daemon.reload(), under.daemon.reload(), under.daemon.reload()]);
    expect(results).toEqual(Array.from({ length: 3 }, () => ({ kind: 'reloaded' })));
    expect(under.loads()).toBe(2);
    expect(under.all('reloadSucceeded')).toHaveLength(2);
  });

  test('while it stops loads nothing, and one under way ends without success', async () => {
    const [one, two] = await Promise.all([politePeer(), politePeer()]);
    const under = daemonOf(configOf([one.port]));
    await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    under.writeConfig(configOf([two.port]));
    const underWay = under.daemon.reload();
    const stopped = under.stop();
    const late = under.daemon.reload();
    const refused = { kind: 'invalid', problems: ['Finrst is shutting down.'] };
    expect(await Promise.all([underWay, late])).toEqual([refused, refused]);
    await stopped;
    expect(under.loads()).toBe(1);
    expect(under.all('reloadSucceeded')).toEqual([]);
    expect(two.sockets).toEqual([]);
  });

  test('of many peers ends early where a stop comes between two slices', async () => {
    const clock = createFakeClock();
    let monotonic = 0;
    // Each reading of this clock takes a millisecond, so that the work is cut into slices.
    const under = daemonOf('groups: []\n', { clock: { ...clock, monotonic: () => monotonic++ } });
    await startedAt(under);
    const ports = Array.from({ length: 2000 }, (_, i) => i + 1);
    under.writeConfig(configOf(ports, { max_connects_per_second: '1' }));
    const underWay = under.daemon.reload();
    await under.until(() => under.all('peerAdded').length > 10);
    await under.stop(60_000);
    expect(await underWay).toEqual({ kind: 'invalid', problems: ['Finrst is shutting down.'] });
    expect(under.all('peerAdded').length).toBeLessThan(ports.length);
    expect(under.all('reloadSucceeded')).toEqual([]);
  });

  test('before the start is refused', async () => {
    const under = daemonOf('groups: []\n');
    expect(await under.daemon.reload()).toEqual({ kind: 'invalid', problems: ['Finrst is starting.'] });
  });
});

describe('a stop', () => {
  test('closes every connection in order, then the port, and leaves no timer', async () => {
    const { port } = await politePeer();
    const eventsFile = join(scratch, 'stop.jsonl');
    const under = daemonOf(configOf([port]), { eventsFile });
    const address = await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    const stopped = under.daemon.stop('SIGTERM', 10_000);
    await under.until(() => under.all('stopped').length === 1);
    await stopped; // what is left is written, however long the disk takes: that needs no time to pass
    const types = under.events
      .map(({ type }) => type)
      .filter((type) => ['stopping', 'localClosed', 'stopped'].includes(type));
    expect(types).toEqual(['stopping', 'localClosed', 'stopped']);
    const journal = readFileSync(eventsFile, 'utf8').trimEnd().split('\n');
    expect(journal.at(-1)).toContain('"type":"stopped"');
    await expect(ask(address, '/-/healthy')).rejects.toThrow('ECONNREFUSED');
    expect(under.clock.pending).toBe(0);
  });

  test('answers probes with 503 while connections drain', async () => {
    const stubborn = await startPeer();
    onTestFinished(() => stubborn.close());
    const under = daemonOf(configOf([stubborn.port]));
    const address = await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    const stopped = under.daemon.stop('SIGTERM', 10_000);
    const ready = await ask(address, '/-/ready');
    expect(ready).toMatchObject({ status: 503, text: 'Finrst is shutting down.\n' });
    let done = false;
    void stopped.then(() => (done = true));
    await under.until(() => done);
  });

  test('reports the spans that the collector did not take', async () => {
    const [peer, collector] = await Promise.all([politePeer(), startPeer()]);
    onTestFinished(() => collector.close());
    const tracing = `tracing:\n  endpoint: http://127.0.0.1:${collector.port}\n`;
    const under = daemonOf(configOf([peer.port], {}, tracing));
    await startedAt(under);
    await under.until(() => under.all('connected').length === 1);
    await under.stop();
    expect(under.all('warned')).toContainEqual(
      expect.objectContaining({
        message: 'spans were lost at shutdown: the collector did not take them in time',
        fields: { lost: expect.any(Number) },
      }),
    );
  });

  test('reports the journal lines that could not be written', async () => {
    const under = daemonOf('groups: []\n', { eventsFile: '/dev/full' });
    await startedAt(under);
    await under.stop();
    expect(under.all('warned')).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'journal lines were lost: they could not be written',
        fields: { lost: expect.any(Number) },
      }),
    );
  });

  test('of a daemon that has not started does nothing', async () => {
    const under = daemonOf('groups: []\n');
    await under.daemon.stop('SIGTERM', 1000);
    expect(under.events).toEqual([]);
  });
});

test('a shard that is scaled away holds on when it is asked to end, and closes as resharded', async () => {
  const api = await FakeApiServer.start();
  onTestFinished(() => api.stop());
  const scale = (replicas: number): void => {
    const metadata = { namespace: 'monitoring', name: 'finrst' };
    api.set('statefulsets', { metadata, spec: { replicas }, status: { readyReplicas: replicas } });
  };
  scale(2);
  const peer = await startPeer(polite, '0.0.0.0');
  onTestFinished(() => peer.close());
  const targets = Array.from({ length: 12 }, (_, index) => `"127.0.0.${index + 1}:${peer.port}"`);
  const text = `groups: [{name: g, static_configs: [{targets: [${targets.join(', ')}]}]}]`;
  const server = plainServer(api.url);
  const under = daemonOf(text, {
    shards: { kind: 'statefulSet', name: 'finrst', podOrdinal: 1, server, namespace: 'monitoring' },
  });
  await under.daemon.start();
  await under.until(() => under.all('connected').length > 0 && under.all('connected').length === peer.sockets.length);
  scale(1);
  let isOver = false;
  void under.daemon.handOver('SIGTERM').then(() => (isOver = true));
  await under.until(() => under.all('handingOver').length === 1);
  under.clock.advance(9000);
  await settled();
  expect(isOver).toBe(false);
  expect(under.all('localClosed')).toEqual([]);
  under.clock.advance(2000);
  await under.until(() => isOver);
  await under.stop();
  const closed = under.all('localClosed').map(({ reason }) => reason);
  expect(new Set(closed)).toEqual(new Set(['resharded']));
  expect(under.all('stopping')).toHaveLength(1);
});
