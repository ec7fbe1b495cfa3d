import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseTextFormat } from '../support/exposition-parser.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { type Loose, renderObjects, the } from './rendered-chart.ts';
import { POD_NEEDS, type RunningPod, runPod } from './run-pod.ts';

const lack = lackOf([...HELM_NEEDS, ...POD_NEEDS, 'promtool']);
/** How long the daemon may take to notice a swapped folder: its interval and then some. */
const NOTICE_MS = 5000;

describe.skipIf(lack.skip)(`the pod, run as rendered${lack.note}`, () => {
  const opened: { remove(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).toReversed()) await each.remove();
  });

  /** Answers a heartbeat and ends when the other side does. `heard` gets all it was sent. */
  const peerOn = async (host: string, heard: string[] = []): Promise<LoopbackPeer> => {
    const peer = await startPeer((socket) => {
      socket.once('end', () => socket.end());
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'));
        socket.write('+PONG\r\n');
      });
    }, host);
    opened.push({ remove: () => peer.close() });
    return peer;
  };

  test('starts with its exact arguments, passes both probes, is scraped, reloads on a swap, and ends in order', async () => {
    // Every second, so that the test need not wait for the default 15.
    const objects = renderObjects({ values: ['operator'], set: { configReload: { interval: '1s' } } });
    const peers: LoopbackPeer[] = [];
    const pod = await runPod({ objects, rewrite: () => 'groups: []\n' });
    opened.push(pod);
    const { renderedConfig: rendered, network } = pod;
    const { hostIp } = network;
    await pod.container.untilSaid(/"msg":"started"/);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      expect(await pod.probe(probe), probe).toBe(200);
    const status = pod.container.status();
    expect([status.get('Uid'), status.get('CapEff'), status.get('NoNewPrivs')]).toEqual([
      '65532\t65532\t65532\t65532',
      '0000000000000000',
      '1',
    ]);

    // The rendered configuration, with peers that exist in the place of those that do not.
    const heard: string[] = [];
    peers.push(await peerOn(hostIp, heard), await peerOn(hostIp));
    pod.config.swap({
      'finrst.yml': withTargets(
        rendered,
        peers.map(({ port }) => `${hostIp}:${port}`),
      ),
    });
    const [, second] = await Promise.all(peers.map((peer) => peer.accepted()));
    await eventually(async () => expect((await samples(pod)).get('finrst_config_last_reload_successful')).toBe(1));
    await eventually(async () =>
      expect((await samples(pod)).get(`finrst_peer_up{group="broker",peer="${hostIp}:${peers[1]?.port}"}`)).toBe(1),
    );
    // The first group's heartbeat came through Helm byte for byte.
    await eventually(async () => expect(heard[0]).toBe('PING\r\n'));

    pod.config.swap({ 'finrst.yml': 'groups: [{ nam: x }]\n' });
    await eventually(async () => expect((await samples(pod)).get('finrst_config_last_reload_successful')).toBe(0));
    expect(peers[1]?.sockets).toHaveLength(1);

    pod.config.swap({
      'finrst.yml': withTargets(
        rendered,
        peers.map(({ port }) => `${hostIp}:${port}`),
        'broker',
      ),
    });
    await eventually(async () => expect((await samples(pod)).get('finrst_config_last_reload_successful')).toBe(1));
    // `broker` was in every good version of the file: its connection is the one of the start.
    expect(peers[1]?.sockets).toHaveLength(1);
    expect(second?.destroyed).toBe(false);

    const endedBy = new Promise((resolve) =>
      second?.once('end', () => resolve('FIN')).once('error', () => resolve('reset')),
    );
    expect(await pod.stop(), pod.container.said()).toBe(0);
    expect(await endedBy).toBe('FIN');
  });

  test('with `keepalive: false` through Helm the kernel sends no probes, and with keepalive it does', async () => {
    const objects = renderObjects({
      set: {
        config: {
          groups: [
            { name: 'silent', keepalive: false, static_configs: [{ targets: ['x:1'] }] },
            {
              name: 'kept',
              keepalive: { idle: '60s', interval: '10s', count: 3 },
              static_configs: [{ targets: ['x:1'] }],
            },
          ],
        },
        configReload: { interval: '1s' },
      },
    });
    const pod = await runPod({ objects, rewrite: () => 'groups: []\n' });
    opened.push(pod);
    const { hostIp, name } = pod.network;
    const peers = [await peerOn(hostIp), await peerOn(hostIp)];
    const targets = peers.map(({ port }) => `${hostIp}:${port}`);
    pod.config.swap({ 'finrst.yml': withTargets(pod.renderedConfig, targets) });
    // The options are set between the handshake, which is all that the peers see, and the connection that counts.
    await eventually(async () => {
      const values = await samples(pod);
      expect(
        targets.map((target, index) =>
          values.get(`finrst_peer_up{group="${index === 0 ? 'silent' : 'kept'}",peer="${target}"}`),
        ),
      ).toEqual([1, 1]);
    });
    // The kernel's own list of sockets, with their timers.
    const list = execFileSync('ip', ['netns', 'exec', name, 'ss', '-Htno', 'state', 'established'], {
      encoding: 'utf8',
    });
    const [silent, kept] = targets.map((target) =>
      list
        .split('\n')
        .find(
          (line) => line.includes(` ${target} `) || line.includes(` ${target}\t`) || line.trimEnd().endsWith(target),
        ),
    );
    expect(silent).toBeDefined();
    expect(silent).not.toContain('keepalive');
    expect(kept).toContain('timer:(keepalive,');
    expect(await pod.stop()).toBe(0);
  });

  test('keeps its journal on the claim: the pod that follows a killed one knows', async () => {
    const claim = mkdtempSync(join(tmpdir(), 'finrst-claim-'));
    opened.push({ remove: async () => rmSync(claim, { recursive: true }) });
    const objects = renderObjects({ set: { journal: { enabled: true } } });
    const first = await runPod({ objects, claim });
    opened.push(first);
    await first.container.untilSaid(/"msg":"started"/);
    expect((await samples(first)).get('finrst_last_run_clean')).toBe(1);
    await eventually(async () => expect(readFileSync(join(claim, 'events.jsonl'), 'utf8')).toContain('"started"'));
    await first.container.kill();

    const second = await runPod({ objects, claim });
    opened.push(second);
    await second.container.untilSaid(/"msg":"started"/);
    expect((await samples(second)).get('finrst_last_run_clean')).toBe(0);
    expect(await second.stop()).toBe(0);
    const lines = readFileSync(join(claim, 'events.jsonl'), 'utf8').trim().split('\n');
    const types = lines.map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(types.filter((type) => type === 'started')).toHaveLength(2);
    expect(types.at(-1)).toBe('stopped');
  });

  test('writes metrics that promtool takes', async () => {
    const pod = await runPod({ objects: renderObjects({ values: ['operator'] }) });
    opened.push(pod);
    await pod.container.untilSaid(/"msg":"started"/);
    const metrics = await (await pod.get('metrics', '/metrics')).text();
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
      input: metrics,
      encoding: 'utf8',
    });
    // Only the names that prom-client itself gives are not to Prometheus' taste.
    const lines = (stdout + stderr).split('\n').filter((line) => line !== '' && !/^(nodejs|process)_/.test(line));
    expect(lines).toEqual([]);
    expect(status === 0 || status === 3).toBe(true);
  });

  test('answers under a route prefix where the chart says so, probes and metrics alike', async () => {
    const set = {
      web: {
        routePrefix: '/finrst',
        telemetryPath: '/m',
        externalUrl: 'https://example.org/elsewhere/',
        enableLifecycle: true,
      },
      log: { format: 'logfmt' },
    };
    const objects = renderObjects({ set: { ...set, serviceMonitor: { enabled: true } } });
    const pod = await runPod({ objects });
    opened.push(pod);
    await pod.container.untilSaid(/msg=started/);
    expect(await pod.probe('livenessProbe')).toBe(200);
    expect(await pod.probe('readinessProbe')).toBe(200);
    const { path, port } = the('ServiceMonitor', objects)['spec'].endpoints[0];
    expect((await pod.get(port, path)).status).toBe(200);
    expect(await pod.stop()).toBe(0);
  });
});

/** The rendered configuration with these targets in the place of its own, one for each group; only that group, if one is named. */
function withTargets(text: string, targets: readonly string[], only?: string): string {
  const config: Loose = parse(text);
  delete config.tracing;
  config.groups = config.groups
    .map((group: Loose, index: number) => ({ ...group, static_configs: [{ targets: [targets[index]] }] }))
    .filter(({ name }: Loose) => only === undefined || name === only);
  return stringify(config);
}

/** Value by series, as Prometheus reads them. */
async function samples(pod: RunningPod): Promise<ReadonlyMap<string, number>> {
  const families = parseTextFormat(await (await pod.get('metrics', '/metrics')).text());
  return new Map(
    [...families.values()].flatMap((family: Loose) =>
      family.samples.map((each: Loose) => [keyOf(each), each.value] as const),
    ),
  );
}

function keyOf({ name, labels }: Loose): string {
  const pairs = Object.entries(labels as Record<string, string>).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

/** Asks again until it holds: the daemon looks at its file once a second, and nothing tells the test when it has. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + NOTICE_MS;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
