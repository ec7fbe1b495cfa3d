import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { STACK_NEEDS, startMonitoring } from './monitoring-stack.ts';
import { PROMETHEUS_3_BUILD_MS, PROMETHEUS_3_NEEDS, buildPrometheus3 } from './prometheus-3.ts';
import { type Loose, ROOT, renderObjects, the } from './rendered-chart.ts';
import { POD_NEEDS, runPod } from './run-pod.ts';
import { scrapeOfServiceMonitor } from './scrape-of-monitor.ts';
import { eventually } from './started-program.ts';

const NEEDS = [...HELM_NEEDS, ...POD_NEEDS, ...STACK_NEEDS];
const VERSIONS = [
  { version: 2, lack: lackOf(NEEDS), program: async () => 'prometheus' },
  {
    version: 3,
    lack: lackOf([...NEEDS, ...PROMETHEUS_3_NEEDS]),
    program: async () => (await buildPrometheus3()).prometheus,
  },
];
/** Scrapes, evaluations and notifications come once a second each; a loaded machine takes several of them. */
const PATIENCE_MS = 60_000;

/**
 * A single abnormal end waits a minute for news that explain it. The unit tests of the rules hold that minute; here three such
 * ends one after the other would wait for it.
 */
function soonPaged(spec: Loose): Loose {
  const soon = structuredClone(spec);
  for (const { rules } of soon.groups) {
    for (const rule of rules) if (rule.alert === 'FinrstAbnormalDisconnect') rule.for = '1s';
  }
  return soon;
}

describe.each(VERSIONS)('from the rendered chart to an alert of Prometheus $version', ({ lack, program }) => {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  });

  const name = 'one reset connection fires once; two of five page; three of five are their group, and mute single ends';
  test.skipIf(lack.skip)(name + lack.note, { timeout: PROMETHEUS_3_BUILD_MS }, async () => {
    const prometheus = await program();
    const folder = mkdtempSync(join(tmpdir(), 'finrst-alerting-'));
    opened.push(async () => rmSync(folder, { recursive: true }));
    const { objects, peers, pod } = await installed();
    const stack = await startMonitoring({
      folder,
      prometheus,
      scrape: scrapeOfServiceMonitor(objects, `${pod.network.podIp}:10346`),
      rules: soonPaged(the('PrometheusRule', objects)['spec']),
      alertmanager: readFileSync(join(ROOT, 'deploy/compose/alertmanager.yml'), 'utf8'),
    });
    opened.push(() => stack.stop());

    // Everything is up, every rule is loaded and healthy, and nothing fires.
    await holds(async () => expect(await stack.query('peer:finrst_peer_up:max == 1')).toHaveLength(peers.length));
    await holds(async () =>
      expect(new Set((await stack.rules()).map(({ health }) => health))).toEqual(new Set(['ok'])),
    );
    expect(await stack.alerts()).toEqual([]);

    // The fault: a real RST on a real socket.
    const [victim, second, third] = peers as [LoopbackPeer, LoopbackPeer, LoopbackPeer];
    (await victim.accepted()).resetAndDestroy();
    const target = `${pod.network.hostIp}:${victim.port}`;
    await holds(async () => expect(await firing(stack, 'FinrstAbnormalDisconnect')).toHaveLength(1));
    const [alert] = await firing(stack, 'FinrstAbnormalDisconnect');
    expect(alert.labels).toEqual({
      alertname: 'FinrstAbnormalDisconnect',
      severity: 'info',
      job: 'finrst',
      namespace: 'default',
      service: 'finrst',
      container: 'finrst',
      endpoint: 'metrics',
      group: 'held',
      peer: target,
      class: 'error',
    });
    expect(alert.annotations.description).toBe(
      `finrst lost a connection to ${target} (group held) with class error in the last 10 minutes, reason reset.`,
    );
    expect(alert.annotations.runbook_url).toBe('https://finrst.example/docs/alerts.md#finrstabnormaldisconnect');
    expect(alert.status.state).toBe('active');
    expect(alert.receivers).toEqual([{ name: 'none' }]);
    expect(stack.sentTo('page')).toEqual([]);

    // A second peer of five: 40 % of them. One page, which mutes nothing.
    (await second.accepted()).resetAndDestroy();
    await holds(async () =>
      expect(stack.sentTo('page').map(({ labels }) => labels['alertname'])).toContain('FinrstMassDisconnect'),
    );
    await holds(async () => {
      const single = await firing(stack, 'FinrstAbnormalDisconnect');
      expect(single.map(({ status }) => status.state)).toEqual(['active', 'active']);
    });

    // A third: half of the group. The single ends are explained.
    (await third.accepted()).resetAndDestroy();
    await holds(async () => {
      const single = await firing(stack, 'FinrstAbnormalDisconnect');
      expect(single).toHaveLength(3);
      for (const { status } of single)
        expect(status).toMatchObject({ state: 'suppressed', inhibitedBy: [expect.any(String)] });
    });
    await holds(async () =>
      expect(stack.sentTo('ticket').map(({ labels }) => labels['alertname'])).toContain('FinrstGroupDisconnect'),
    );
    const [mass] = stack.sentTo('page');
    expect(mass?.annotations['description']).toContain('40% of the peers of finrst');

    // A peer that does not come back is first pending: two minutes have not passed. Its rule has seen it.
    const port = victim.port;
    await victim.close();
    await holds(async () => {
      const down = (await stack.rules()).find(({ name }) => name === 'FinrstPeerDown');
      expect(down.alerts).toMatchObject([
        {
          state: 'pending',
          labels: { severity: 'critical', peer: `${pod.network.hostIp}:${port}` },
          annotations: { description: expect.stringContaining('The last attempt failed in phase tcp: refused.') },
        },
      ]);
    });

    // The exporter goes: the target is down, and after all that nothing of the rules has failed.
    expect(await pod.stop()).toBe(0);
    await holds(async () => expect(await stack.query('up{job="finrst"} == 0')).toHaveLength(1));
    await holds(async () => {
      const absent = (await stack.rules()).find(({ name }) => name === 'FinrstExporterAbsent');
      expect(absent).toMatchObject({
        health: 'ok',
        alerts: [{ state: 'pending', labels: { job: 'finrst', namespace: 'default' } }],
      });
    });
  });

  /** The chart with its monitors and rules, and its pod with five peers that exist. */
  async function installed() {
    const peers: LoopbackPeer[] = [];
    const objects = renderObjects({
      set: {
        serviceMonitor: { enabled: true },
        prometheusRule: { enabled: true },
        configReload: { interval: '1s' },
        config: {
          groups: [
            { name: 'held', reconnect: { initial: '100ms', max: '1s' }, static_configs: [{ targets: ['x:1'] }] },
          ],
        },
      },
    });
    const pod = await runPod({ objects, rewrite: () => 'groups: []\n' });
    opened.push(() => pod.remove());
    for (let count = 0; count < 5; count += 1) {
      const peer = await startPeer((socket) => socket.resume().once('end', () => socket.end()), pod.network.hostIp);
      peers.push(peer);
      opened.push(async () => {
        if (peer.server.listening) await peer.close();
      });
    }
    const targets = peers.map(({ port }) => `${pod.network.hostIp}:${port}`);
    await pod.container.untilSaid(/"msg":"started"/);
    pod.config.swap({ 'finrst.yml': pod.renderedConfig.replace('x:1', targets.join('\n    - ')) });
    await Promise.all(peers.map((peer) => peer.accepted()));
    return { objects, peers, pod };
  }
});

/** Asks again until it holds. */
function holds(condition: () => Promise<void>): Promise<void> {
  return eventually(condition, PATIENCE_MS);
}

async function firing(stack: { alerts(): Promise<readonly Loose[]> }, name: string): Promise<readonly Loose[]> {
  return (await stack.alerts()).filter(({ labels }) => labels.alertname === name);
}
