import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lackOf } from './lack-of.ts';
import { type Loose, ROOT } from './rendered-chart.ts';
import { freePort } from '../support/free-port.ts';
import { type StartedProgram, eventually, fetchJson, startProgram, untilReady } from './started-program.ts';

const lack = lackOf(['prometheus-alertmanager']);
const PATIENCE_MS = 60_000;

type Labels = Readonly<Record<string, string>>;

const alert = (alertname: string, labels: Labels = {}): Labels => ({ alertname, job: 'finrst', ...labels });
const ofPeer = (alertname: string, group: string, peer: string): Labels => alert(alertname, { group, peer });

/** What fires together, and what of it stays heard; the rest is muted. Each row has a cluster of its own. */
const STORIES: readonly {
  readonly when: string;
  readonly firing: readonly Labels[];
  readonly muted: readonly string[];
}[] = [
  {
    when: 'a mass disconnect, which cannot tell whose end it explains',
    firing: [
      alert('FinrstMassDisconnect', { severity: 'critical' }),
      ofPeer('FinrstPeerDown', 'pay', 'p:1'),
      ofPeer('FinrstPeerFlapping', 'lab', 'l:1'),
      alert('FinrstConnectionsShortLived', { group: 'lab' }),
    ],
    muted: [],
  },
  {
    when: 'a group that was cut, which explains the single ends of its own peers',
    firing: [
      alert('FinrstGroupDisconnect', { group: 'pay' }),
      ofPeer('FinrstAbnormalDisconnect', 'pay', 'p:1'),
      ofPeer('FinrstPeerFlapping', 'pay', 'p:1'),
      ofPeer('FinrstPeerFlapping', 'lab', 'l:1'),
      ofPeer('FinrstPeerDown', 'pay', 'p:2'),
    ],
    muted: ['FinrstAbnormalDisconnect p:1', 'FinrstPeerFlapping p:1'],
  },
  {
    when: 'many peers that are down, each of which stays heard',
    firing: [
      alert('FinrstManyPeersDown', { group: 'pay' }),
      ofPeer('FinrstPeerDown', 'pay', 'p:1'),
      ofPeer('FinrstPeerDown', 'lab', 'l:1'),
    ],
    muted: [],
  },
  {
    when: 'a peer that is down, which explains its own ends and burn',
    firing: [
      ofPeer('FinrstPeerDown', 'pay', 'p:1'),
      ofPeer('FinrstPeerErrorBudgetBurn', 'pay', 'p:1'),
      ofPeer('FinrstPeerErrorBudgetBurn', 'pay', 'p:2'),
      ofPeer('FinrstPeerUnstable', 'pay', 'p:1'),
    ],
    muted: ['FinrstPeerErrorBudgetBurn p:1'],
  },
  {
    when: 'a timer of 60 seconds, which explains that the peers of its group flap',
    firing: [
      alert('FinrstRecurringIdle', { group: 'pay', limit: '60s' }),
      alert('FinrstRecurringAge', { group: 'pay', limit: '60s', peer: 'the same' }),
      alert('FinrstRecurringAge', { group: 'pay', limit: '900s', peer: 'another' }),
      ofPeer('FinrstPeerFlapping', 'pay', 'p:1'),
      ofPeer('FinrstPeerFlapping', 'lab', 'l:1'),
    ],
    muted: ['FinrstPeerFlapping p:1', 'FinrstRecurringAge the same'],
  },
  {
    when: 'a timer of 350 seconds, which cannot end one peer six times in 15 minutes',
    firing: [alert('FinrstRecurringIdle', { group: 'pay', limit: '350s' }), ofPeer('FinrstPeerFlapping', 'pay', 'p:1')],
    muted: [],
  },
  {
    when: 'an exporter that is absent, which mutes its own job alone',
    firing: [
      alert('FinrstExporterAbsent'),
      ofPeer('FinrstPeerDown', 'pay', 'p:1'),
      { ...ofPeer('FinrstPeerDown', 'pay', 'p:2'), job: 'other' },
      alert('FinrstInstanceDown', { instance: 'i0', peer: 'the same job' }),
    ],
    muted: ['FinrstInstanceDown the same job', 'FinrstPeerDown p:1'],
  },
  {
    when: 'a shard that does not answer, which is the one that is missing',
    firing: [
      alert('FinrstInstanceDown', { instance: 'finrst-2' }),
      alert('FinrstShardMissing', { peer: 'of this job' }),
      { ...alert('FinrstShardMissing'), job: 'other', peer: 'of another' },
      alert('FinrstShardsDisagree'),
    ],
    muted: ['FinrstShardMissing of this job'],
  },
];

describe.skipIf(lack.skip)(`a real Alertmanager with the example${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-muting-'));
  let manager: StartedProgram;
  let address: string;

  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    manager = startProgram('prometheus-alertmanager', [
      `--config.file=${join(ROOT, 'deploy/compose/alertmanager.yml')}`,
      `--storage.path=${folder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ]);
    await untilReady(`${address}/-/ready`, [manager]);
  });
  afterAll(async () => {
    await manager.stop();
    rmSync(folder, { recursive: true });
  });

  async function fire(alerts: readonly Labels[]): Promise<void> {
    const { status } = await fetch(`${address}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    });
    expect(status).toBe(200);
  }

  test('mutes what a firing alert explains, and nothing else', async () => {
    await fire(STORIES.flatMap(({ when, firing }) => firing.map((labels) => ({ ...labels, cluster: when }))));
    await eventually(async () => {
      const all: readonly Loose[] = await fetchJson(`${address}/api/v2/alerts`);
      const muted = STORIES.map(({ when }) => ({
        when,
        muted: all
          .filter(({ labels, status }) => labels.cluster === when && status.state === 'suppressed')
          .map(({ labels }) => `${labels.alertname} ${labels.peer}`)
          .toSorted(),
      }));
      expect(muted).toEqual(STORIES.map((story) => ({ when: story.when, muted: story.muted })));
      expect(all.filter(({ status }) => status.state === 'unprocessed')).toEqual([]);
    }, PATIENCE_MS);
  });

  test('sends fifty peers of twenty groups that are down as one page', async () => {
    const down = Array.from({ length: 50 }, (_, at) => ({
      ...ofPeer('FinrstPeerDown', `g${at % 20}`, `p:${at}`),
      cluster: 'fifty',
      severity: 'critical',
    }));
    await fire(down);
    await eventually(async () => {
      const groups: readonly Loose[] = await fetchJson(`${address}/api/v2/alerts/groups?filter=cluster="fifty"`);
      expect(groups.map(({ receiver, alerts }) => [receiver.name, alerts.length])).toEqual([['page', 50]]);
    }, PATIENCE_MS);
  });
});
