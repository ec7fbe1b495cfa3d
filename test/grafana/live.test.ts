import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DASHBOARD_NAMES, drawingPanels, readDashboard } from './support/dashboard-json.ts';
import { PEER_STATES } from '../../grafana/blocks/peer-state.ts';
import { lackOf } from '../deploy/lack-of.ts';
import type { RecordedTarget, Recording, Series } from './live/recording.ts';
import { LIVE_TOOLS, runScenario } from './live/run-scenario.ts';
import { DOWN_AT_THE_END, TROUBLED, WELL } from './live/scenario.ts';
import { drawPage } from './renderer/draw-page.ts';
import { tableOf } from './renderer/table-data.ts';
import { takePictures } from './renderer/take-pictures.ts';

/** The test with many peers has series for all but the last two: those take a Kubernetes API server and several shards. */
const EMPTY_HERE = new Set([
  'Connections of applications',
  'Longest not closed by its process',
  'Ends of connections of applications, by class',
  'Ends of ours in the same groups, by class',
  'Why connections of applications ended',
  'Connects of applications, and what was sent again',
  'Age of connections of applications at their end, median',
  'Ends of theirs, by class',
  'Connects of theirs, and what was sent again',
  'Observer: works, and what it missed',
  'Memory per peer',
  'Silence: what paths tolerate, and what the settings allow',
  'Requests to Kubernetes API servers, and objects that changed',
  'Shards',
]);

const lack = lackOf(LIVE_TOOLS);

describe.skipIf(lack.skip)(`every query against a real Prometheus that scrapes the real daemon${lack.note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-grafana-live-'));
  let recording: Recording;
  beforeAll(async () => {
    recording = await runScenario(folder);
  }, 200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const recorded = (name: (typeof DASHBOARD_NAMES)[number], title: string): readonly RecordedTarget[] => {
    const panel = drawingPanels(readDashboard(name)).find((candidate) => candidate.title === title);
    return recording.dashboards[name].panels[panel?.id ?? -1] ?? [];
  };
  const valueOf = (series: Series | undefined): number => Number(series?.value?.[1]);
  const numbers = ({ value, values }: Series): number[] =>
    (values ?? [value ?? [0, 'NaN']]).map(([, text]) => Number(text));

  const promises = DASHBOARD_NAMES.flatMap((name) =>
    drawingPanels(readDashboard(name)).flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ datasource }) => datasource.type === 'prometheus')
        .map((target) => ({ where: `${name} / ${panel.title} / ${target.refId}`, name, panel, target })),
    ),
  );
  test.each(promises)('$where has the series that it promises', ({ name, panel, target }) => {
    const { series = [] } =
      recording.dashboards[name].panels[panel.id]?.find(({ refId }) => refId === target.refId) ?? {};
    expect(series.some((one) => numbers(one).some(Number.isFinite))).toBe(!EMPTY_HERE.has(panel.title));
    const inLegend = [...(target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)]
      .map((match) => match[1] ?? '')
      .filter((label) => label !== 'cluster'); // this Prometheus adds none
    for (const { metric } of series) expect(Object.keys(metric)).toEqual(expect.arrayContaining(inLegend));
    const names = series.map(({ metric }) => JSON.stringify(metric));
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(DASHBOARD_NAMES)('every variable of %s offers a choice', (name) => {
    const empty = Object.entries(recording.dashboards[name].options).filter(([, options]) => options.length === 0);
    expect(empty.map(([variable]) => variable)).toEqual(['cluster']); // this Prometheus adds no such label
  });

  test('the label variable offers the labels of the configuration', () => {
    expect(recording.dashboards.fleet.options['label']).toEqual(expect.arrayContaining(['team', 'zone']));
  });

  test('the start, both loads and the refused load of the configuration are marked', () => {
    const marks = recording.dashboards.overview.annotations.map(({ name, timesSeconds }) => [
      name,
      timesSeconds.length,
    ]);
    expect(marks).toEqual([
      ['Finrst started', 1],
      ['Configuration loaded', 2],
      ['Reload refused', expect.toSatisfy((count: number) => count >= 4 && count <= 9)],
      ['Many peers dropped', 1],
      ['Incident', expect.any(Number)], // whether enough of the flapping peers count is chance
    ]);
  });

  test('the tiles tell how connections ended, as it was injected', () => {
    const tiles = recorded('overview', 'How connections ended').map(({ series }) => Math.round(valueOf(series[0])));
    const [error = 0, idle = 0, eof = 0, local = 0] = tiles;
    expect(error).toBeGreaterThanOrEqual(14); // ten flaps, four at once, two more of gateway-1
    expect(error).toBeLessThanOrEqual(19); // extrapolation
    // mq-0 is silent for two idle timeouts. Of redis-1 and gateway-1 only the first unanswered heartbeat: then they are down.
    expect(idle).toBeGreaterThanOrEqual(3);
    expect(idle).toBeLessThanOrEqual(7);
    expect(eof).toBeGreaterThanOrEqual(4);
    expect(eof).toBeLessThanOrEqual(5);
    expect(local).toBeGreaterThanOrEqual(4); // max_age, reconfigured twice, removed
  });

  test('the reasons are those that were injected, and no others', () => {
    const names = recorded('overview', 'Reasons of the ends').flatMap(({ series }) =>
      series.map(({ metric }) => `${metric['class'] ?? 'local'}/${metric['reason'] ?? ''}`),
    );
    const injected = [
      'eof/close_notify',
      'eof/fin',
      'error/reset',
      'idle_timeout/no_data',
      'idle_timeout/no_reply',
      'local/max_age',
      'local/reconfigured',
      'local/removed',
    ];
    // A peer that falls silent may have sent a line of its own between the heartbeat and its deadline: not the answer.
    expect(names.filter((name) => name !== 'error/protocol').toSorted()).toEqual(injected);
    const failures = recorded('overview', 'Reasons of the failed connects').flatMap(({ series }) =>
      series.map(({ metric }) => `${metric['phase'] ?? ''}/${metric['reason'] ?? ''}`),
    );
    const always = ['dns/not_found', 'protocol/timeout', 'tcp/host_unreachable', 'tcp/refused', 'tls/certificate'];
    // An attempt of a silent peer that is under way when the peer speaks again, or is reset.
    const byChance = ['protocol/rejected', 'protocol/reset'];
    expect(failures.filter((name) => !byChance.includes(name)).toSorted()).toEqual(always);
  });

  test('the list of worst peers names the troubled ones, the dead first, and no healthy one', () => {
    const rows = worstPeers();
    expect(rows.map((row) => row['peer'])).toEqual(expect.arrayContaining([...TROUBLED]));
    for (const peer of WELL) expect(rows.map((row) => row['peer'])).not.toContain(peer);
    const states = rows.map((row) => Number(row['now']));
    expect(states).toEqual(states.toSorted((one, other) => one - other));
    expect(rows.find((row) => row['peer'] === 'redis-2.payments:6379')).toMatchObject({ 'last end': 'reset', now: 1 });
  });

  function worstPeers() {
    const panel = drawingPanels(readDashboard('overview')).find(({ title }) => title === 'Worst peers');
    if (panel === undefined) throw new Error('the overview lists no worst peers');
    const targets = (recording.dashboards.overview.panels[panel.id] ?? []).flatMap((target) =>
      (panel.targets ?? []).filter(({ refId }) => refId === target.refId).map((asked) => ({ asked, recorded: target })),
    );
    return tableOf({ panel, targets, annotations: [], startSeconds: 0, endSeconds: 0, stepSeconds: 1 }).rows;
  }

  const values = (...states: readonly { readonly value: number }[]): Set<number> =>
    new Set(states.map(({ value }) => value));

  /** Whether the moment before the first attempt has an outcome is scraped is chance. */
  const withoutStart = (states: ReadonlySet<number>): Set<number> =>
    new Set([...states].filter((state) => state !== PEER_STATES.notTried.value));

  test('a healthy peer is one calm row of the timeline, a flapping one shows errors between connections', () => {
    const rows = recorded('overview', 'Peers over time: colour says how the connection ended')[0]?.series ?? [];
    const of = (peer: string): Set<number> =>
      new Set(rows.filter(({ metric }) => metric['peer'] === peer).flatMap(numbers));
    const { connected, notConnected, idle_timeout, error } = PEER_STATES;
    const settled = (peer: string): Set<number> => withoutStart(of(peer));
    expect(settled('redis-0.payments:6379')).toEqual(values(connected));
    expect(settled('redis-2.payments:6379')).toEqual(values(connected, error));
    expect([...of('redis-1.payments:6379')]).toEqual(expect.arrayContaining([connected.value, idle_timeout.value]));
    expect(settled('api.partner.invalid:443')).toEqual(values(notConnected));
  });

  test('the page of a peer tells of its states what the rule has recorded', () => {
    const recordedStates = recorded('overview', 'Peers over time: colour says how the connection ended')[0]?.series;
    const own = recorded('peer', 'This peer over time')[0]?.series[0];
    const same = recordedStates?.find(({ metric }) => metric['peer'] === own?.metric['peer']);
    const states = (series: Series | undefined): Set<number> => new Set(series === undefined ? [] : numbers(series));
    // A scrape may miss states that last less than its interval.
    expect(states(own).size).toBeGreaterThan(2);
    expect(withoutStart(states(same))).toEqual(withoutStart(states(own)));
  });

  test('ends are counted in whole numbers, each in one bar', () => {
    const ends = recorded('overview', 'Ends over time, by class').flatMap(({ series }) =>
      series.map((one) => ({ metric: one.metric, counts: numbers(one) })),
    );
    expect(ends.flatMap(({ counts }) => counts).filter((count) => !Number.isInteger(count) || count < 0)).toEqual([]);
    const errors = ends.find(({ metric }) => metric['class'] === 'error')?.counts ?? [];
    expect(errors.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(14);
    expect(errors.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(18);
  });

  test('the page of a peer has its own reasons, the first end of each included', () => {
    const reasons = recorded('peer', 'Reasons of this peer')[0]?.series ?? [];
    const counted = Object.fromEntries(
      reasons.map((one) => [`${one.metric['class']}/${one.metric['reason']}`, valueOf(one)]),
    );
    // The close in order happens once, so it is the first end of its series. A reset may also hit an attempt.
    expect(counted).toMatchObject({
      'eof/close_notify': 1,
      'error/reset': expect.toSatisfy((count) => count === 2 || count === 3),
    });
  });

  test('"Show" at the worst five leaves the healthy ones out', () => {
    const panel = drawingPanels(readDashboard('overview')).find(({ type }) => type === 'state-timeline');
    const rows = recording.worstFive.panels[panel?.id ?? -1]?.[0]?.series ?? [];
    const peers = rows.map(({ metric }) => metric['peer']);
    expect(new Set(peers)).toEqual(new Set(DOWN_AT_THE_END)); // so not the one whose end was announced
    expect(peers).toHaveLength(5);
    for (const peer of WELL) expect(peers).not.toContain(peer);
  });

  test('the connection that was closed at 60 s is listed under that limit, and no other limit is', () => {
    const limits = recorded('overview', 'Idle at disconnect: whose limit was it?')[0]?.series ?? [];
    expect(limits.map(({ metric }) => metric['limit'])).toEqual(['all ends', '57–63 s: AWS ALB, nginx proxy']);
  });

  test('half of zone b is seen to go at once', () => {
    const shares =
      recorded('fleet', 'Correlated drops: share of peers that lost a connection in the same minute')[0]?.series ?? [];
    const highest = shares.map((series) => Math.max(...numbers(series)));
    expect(highest.filter((share) => share >= 1 / 3)).toHaveLength(5); // and half of the two caches
  });

  test('exemplars lead to spans', () => {
    const ids = recorded('overview', 'Ends over time, by class').flatMap(({ exemplars }) =>
      exemplars.flatMap((series) => series.exemplars.map(({ labels }) => labels['trace_id'])),
    );
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id ?? ''))).toBe(true);
  });

  test.each(DASHBOARD_NAMES)('the picture of %s has no panel without data', (name) => {
    const { html } = drawPage(name, recording);
    expect(html).not.toMatch(/No data|NaN|undefined|Infinity/);
  });

  test('the pictures are drawn', async () => {
    await takePictures(recording, folder);
    for (const name of DASHBOARD_NAMES) {
      expect(statSync(join(folder, `${name}.png`)).size).toBeGreaterThan(60_000);
    }
  }, 60_000);
});

const pictureUrl = (name: string): URL => new URL(`../../docs/images/${name}.png`, import.meta.url);

test.each(DASHBOARD_NAMES)('the committed picture of %s is a PNG of modest size', (name) => {
  const png = readFileSync(pictureUrl(name));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.length).toBeLessThan(400 * 1024);
});
