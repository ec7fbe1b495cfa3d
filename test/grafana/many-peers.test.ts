import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEER_STATES } from '../../grafana/blocks/peer-state.ts';
import { costOfOverview, type CostOfOverview } from './cost/overview-cost.ts';
import { StoredPrometheus } from './cost/stored-prometheus.ts';
import { isDown, isFlapping, OBSERVED, peerName, SILENCE, type Fleet } from './cost/synthetic-fleet.ts';
import { type DashboardName, drawingPanels, readDashboard } from './support/dashboard-json.ts';
import { interpolate } from './support/interpolate.ts';
import { lackOf } from '../deploy/lack-of.ts';

const lack = lackOf(['prometheus', 'promtool']);

const END = Math.floor(Date.now() / 60_000) * 60;
/** Half an hour: what is asked here is counted in samples, which need no long time and are the same on every machine. */
const FLEET: Fleet = { peers: 1000, groups: 10, startSeconds: END - 1800, endSeconds: END, scrapeSeconds: 60 };

describe.skipIf(lack.skip)(`a thousand peers, one of them in two clusters${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-many-peers-'));
  let prometheus: StoredPrometheus;
  let cost: CostOfOverview;
  beforeAll(async () => {
    prometheus = await StoredPrometheus.holding(FLEET, folder);
    cost = await costOfOverview({ prometheus, fleet: FLEET, times: 0 });
  }, 120_000);
  afterAll(async () => {
    await prometheus.stop();
    rmSync(folder, { recursive: true });
  });

  test('the timeline reads at most a fifth of what finrst_peer_up alone does', () => {
    expect(cost.timeline.answer.samples / cost.allPeersUp.answer.samples).toBeLessThan(0.2);
    expect(cost.timeline.answer.bytes / cost.allPeersUp.answer.bytes).toBeLessThan(0.05);
  });

  test('finding the worst reads a few samples of each peer, however long the range is', () => {
    expect(cost.worst.answer.samples / FLEET.peers).toBeLessThan(20);
  });

  test('the worst are those that are down, in both clusters, then those that flap', () => {
    const indices = Array.from({ length: FLEET.peers }, (_, index) => index);
    const found = cost.worst.answer.series.map(({ metric }) => metric['peer']);
    const down = [peerName(0), ...indices.filter(isDown).map(peerName)];
    expect(new Set(found.slice(0, down.length))).toEqual(new Set(down));
    const flapping = new Set(indices.filter(isFlapping).map(peerName));
    expect(found.slice(down.length).filter((name) => !flapping.has(name ?? ''))).toEqual([]);
    expect(found).toHaveLength(20);
  });

  test('a peer that is up in one cluster and down in another is both', async () => {
    const rows = cost.timeline.answer.series.filter(({ metric }) => metric['peer'] === peerName(0));
    const states = rows.map(({ metric, values }) => [metric['cluster'], Number(values?.at(-1)?.[1])]);
    expect(Object.fromEntries(states)).toEqual({
      eu: PEER_STATES.connected.value,
      us: PEER_STATES.notConnected.value,
    });
    const downInEu = Array.from({ length: FLEET.peers }, (_, index) => index).filter(isDown).length;
    expect(await only('overview', 'Not connected', '.*')).toBe(downInEu + 1);
    expect(await only('overview', 'Not connected', ['us'])).toBe(1);
    expect(await only('overview', 'Not connected', ['eu'])).toBe(downInEu);
  });

  test('connected are those that are, of all that are configured, tried or not', async () => {
    const down = Array.from({ length: FLEET.peers }, (_, index) => index).filter(isDown).length;
    expect(await only('overview', 'Peers connected', '.*', 'A')).toBe(FLEET.peers - down);
    expect(await only('overview', 'Peers connected', '.*', 'B')).toBe(FLEET.peers + 2);
  });

  test('without the rules the timeline says who is connected', async () => {
    const [peer] = drawingPanels(readDashboard('overview')).filter(({ type }) => type === 'state-timeline');
    const expr = interpolate(peer?.targets?.[0]?.expr ?? '', context('.*')).replaceAll(
      'peer:finrst_state',
      'no:such_rule',
    );
    const { series } = await prometheus.instant(expr, END);
    expect(Object.fromEntries(series.map(({ metric, value }) => [metric['cluster'], Number(value?.[1])]))).toEqual({
      eu: PEER_STATES.connected.value,
      us: PEER_STATES.notConnected.value,
    });
  });

  test('memory per peer is shown from 500 peers on', async () => {
    expect(await only('self', 'Memory per peer', ['eu'])).toBeCloseTo((128 * 1024 * 1024) / FLEET.peers, -2);
  });

  test('what a path tolerates stands beside what the settings allow; no end of it is no line', async () => {
    const title = 'Silence: what paths tolerate, and what the settings allow';
    const valuesOf = async (refId: string): Promise<readonly (readonly [string, number])[]> => {
      const series = await all('fleet', title, ['eu'], refId);
      return series.map(({ metric, value }) => [metric['group'] ?? '', Number(value?.[1])]);
    };
    expect(await valuesOf('A')).toEqual([[SILENCE.group, SILENCE.fatal]]);
    expect(await valuesOf('B')).toEqual([
      [SILENCE.group, SILENCE.survived],
      ['group-1', 900],
    ]);
    expect(await valuesOf('C')).toEqual([[SILENCE.group, SILENCE.allowed]]);
  });

  test('connections of applications stand beside ours of the same groups', async () => {
    expect(await only('fleet', 'Connections of applications', '.*')).toBe(OBSERVED.established);
    expect(await only('fleet', 'Connections of applications', '.*', 'B')).toBe(OBSERVED.closeWait);
    expect(await only('fleet', 'Longest not closed by its process', '.*')).toBe(OBSERVED.oldestSeconds);
    const valuesOf = async (title: string, refId = 'A') => {
      const series = await all('fleet', title, '.*', refId);
      return series.map(({ metric, value }) => [metric['class'] ?? '', metric['reason'] ?? '', Number(value?.[1])]);
    };
    // The last of them were reset in the last minute, as one of ours is every 20 minutes.
    expect(await valuesOf('Ends of connections of applications, by class')).toEqual([['error', '', OBSERVED.resets]]);
    expect(await valuesOf('Why connections of applications ended')).toEqual([['error', 'reset', OBSERVED.resets]]);
    const ours = await valuesOf('Ends of ours in the same groups, by class');
    expect(new Set(ours.map(([name]) => name))).toEqual(new Set(['eof', 'error', 'idle_timeout']));
    expect(await valuesOf('Connects of applications, and what was sent again')).toEqual([['', '', OBSERVED.resets]]);
    expect(await only('self', 'Observer: works, and what it missed', '.*')).toBe(1);
    expect(await only('self', 'Observer: works, and what it missed', '.*', 'B')).toBe(0);
    const [age] = await all('fleet', 'Age of connections of applications at their end, median', '.*', 'A');
    expect(Number(age?.value?.[1])).toBeGreaterThan(0);
    expect(Number(age?.value?.[1])).toBeLessThan(80);
  });

  test('connections of applications to one peer stand beside ours to it', async () => {
    expect(await only('peer', 'Connections of applications', '.*')).toBe(OBSERVED.established);
    expect(await only('peer', 'Connections of applications', '.*', 'B')).toBe(OBSERVED.closeWait);
    expect(await only('peer', 'Longest not closed by its process', '.*')).toBe(OBSERVED.oldestSeconds);
    expect(await only('peer', 'Ends of theirs, by class', '.*')).toBe(OBSERVED.resets);
    expect(await all('peer', 'Ends of ours, by class', '.*', 'A')).toHaveLength(3);
    expect(await only('peer', 'Connects of theirs, and what was sent again', '.*')).toBe(OBSERVED.resets);
    expect(await only('peer', 'Connects of theirs, and what was sent again', '.*', 'B')).toBe(0);
  });

  const context = (cluster: string | readonly string[], group = '.+') => ({
    rangeSeconds: FLEET.endSeconds - FLEET.startSeconds,
    stepSeconds: 60,
    scrapeSeconds: FLEET.scrapeSeconds,
    variables: { cluster, job: '.+', instance: '.+', group, peer: peerName(0), show: '20', worst: [peerName(0)] },
  });

  /** What a panel shows at the end of the range. */
  async function all(name: DashboardName, title: string, cluster: string | readonly string[], refId: string) {
    const panel = drawingPanels(readDashboard(name)).find((candidate) => candidate.title === title);
    const target = panel?.targets?.find((candidate) => candidate.refId === refId);
    const { series } = await prometheus.instant(
      interpolate(target?.expr ?? '', context(cluster, name === 'peer' ? OBSERVED.group : undefined)),
      END,
    );
    return series;
  }

  /** Its only value. */
  async function only(name: DashboardName, title: string, cluster: string | readonly string[], refId = 'A') {
    const series = await all(name, title, cluster, refId);
    expect(series).toHaveLength(1);
    return Number(series[0]?.value?.[1]);
  }
});
