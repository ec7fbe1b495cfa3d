import { open } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { METRIC_CATALOGUE, type MetricFamily } from '../../../../src/sinks/metrics/metric-catalogue.ts';
import { METRIC_DETAILS } from '../../../../src/settings/global-settings.ts';
import { MetricsSink } from '../../../../src/sinks/metrics/metrics-sink.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { connectedEvent, disconnectedEvent } from '../../../support/sample-finrst-events.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { linesOf, metricsAfter, rendered, TEST_BUILD } from '../../../support/metrics-reader.ts';

/** Families that need more than a peer. */
const ELSEWHERE: readonly MetricFamily['needs'][] = ['journal', 'shards'];

const { peer, at } = connectedEvent;
const facts = { labels: {}, tls: true, expectsAnswer: true, canAnnounce: false, host: 'h', port: 1 };
const known = [
  { type: 'groupAdded', at, group: peer.group, tls: true, expectsAnswer: true, canAnnounce: false },
  { type: 'peerAdded', at, peer, facts },
] as const;

describe('the process', () => {
  test('tells what runs and that the configuration it began with was good', async () => {
    const text = await rendered(metricsAfter([]));
    expect(text).toContain('finrst_build_info{version="1.2.3",revision="abc",node_version="v24.0.0"} 1\n');
    expect(text).toContain('finrst_config_last_reload_successful 1\n');
    expect(text).toContain(`finrst_config_last_reload_success_timestamp_seconds ${Date.UTC(2026, 0, 1) / 1000}\n`);
    expect(text).toContain('finrst_kernel_evidence 1\n');
  });

  test('a bad reload is 0 and keeps the time of the last good one; a good one moves it', async () => {
    const failed = { type: 'reloadFailed', at, problems: [] } as const;
    expect(await rendered(metricsAfter([failed]))).toContain(`finrst_config_last_reload_successful 0\n`);
    expect(await linesOf(metricsAfter([failed]), 'finrst_config_last_reload_success_timestamp_seconds')).toEqual([
      `finrst_config_last_reload_success_timestamp_seconds ${Date.UTC(2026, 0, 1) / 1000}`,
    ]);
    const good = metricsAfter([
      failed,
      { type: 'reloadSucceeded', at, added: 0, changed: 0, removed: 0, unchanged: 0, configSha256: 'def' },
    ]);
    expect(await linesOf(good, 'finrst_config_last_reload_successful')).toEqual([
      'finrst_config_last_reload_successful 1',
    ]);
    expect(await linesOf(good, 'finrst_config_last_reload_success_timestamp_seconds')).toEqual([
      `finrst_config_last_reload_success_timestamp_seconds ${at / 1000}`,
    ]);
  });

  test('counts scrapes by outcome, from 0', async () => {
    const scraped = (outcome: 'ok' | 'aborted' | 'rejected') => ({ type: 'scraped', at, outcome }) as const;
    const metrics = metricsAfter([scraped('ok'), scraped('ok'), scraped('aborted')]);
    expect(await linesOf(metrics, 'finrst_scrapes_total')).toEqual([
      'finrst_scrapes_total{outcome="ok"} 2',
      'finrst_scrapes_total{outcome="aborted"} 1',
      'finrst_scrapes_total{outcome="rejected"} 0',
    ]);
  });

  test('shows the span counts of the moment, 0 without tracing', async () => {
    const lines = (counts: readonly number[]) =>
      ['exported', 'failed', 'dropped', 'suppressed'].map(
        (outcome, i) => `finrst_spans_total{outcome="${outcome}"} ${counts[i]}`,
      );
    expect(await linesOf(metricsAfter([]), 'finrst_spans_total')).toEqual(lines([0, 0, 0, 0]));
    let exported = 5;
    const metrics = metricsAfter([], { spanCounts: () => ({ exported, failed: 2, dropped: 3, suppressed: 4 }) });
    expect(await linesOf(metrics, 'finrst_spans_total')).toEqual(lines([5, 2, 3, 4]));
    exported = 6;
    expect(await linesOf(metrics, 'finrst_spans_total')).toEqual(lines([6, 2, 3, 4]));
  });

  test('observes stalls of the event loop', async () => {
    const lines = await linesOf(
      metricsAfter([{ type: 'loopStalled', at, durationMs: 30 }]),
      'finrst_event_loop_stall_seconds',
    );
    expect(lines).toContain('finrst_event_loop_stall_seconds_bucket{le="0.025"} 0');
    expect(lines).toContain('finrst_event_loop_stall_seconds_bucket{le="0.05"} 1');
    expect(lines).toContain('finrst_event_loop_stall_seconds_sum 0.03');
  });

  test.each([
    { lastRunClean: true, lines: ['finrst_last_run_clean 1'] },
    { lastRunClean: false, lines: ['finrst_last_run_clean 0'] },
    { lastRunClean: undefined, lines: [] },
  ])('with lastRunClean $lastRunClean says $lines', async ({ lastRunClean, lines }) => {
    const metrics = metricsAfter([], lastRunClean === undefined ? {} : { lastRunClean });
    expect(await linesOf(metrics, 'finrst_last_run_clean')).toEqual(lines);
  });

  test.each([
    ['softnet_dropped', 1],
    ['tcp_abort_on_timeout', 2],
    ['listen_drops', 3],
    ['tcp_retransmits', 4],
  ])('says what was read of the host: %s', async (counter, value) => {
    const name = `finrst_host_${counter}_total`;
    const host = { softnetDrops: 1, tcp: { abortsOnTimeout: 2, listenDrops: 3, retransmits: 4 } };
    expect(await linesOf(metricsAfter([], { hostCounts: () => host }), name)).toEqual([`${name} ${value}`]);
    expect(await linesOf(metricsAfter([]), name)).toEqual([]);
  });

  test('counts the lines that the journal lost, where there is one', async () => {
    expect(await linesOf(metricsAfter([]), 'finrst_journal_lines_lost_total')).toEqual([]);
    let lost = 0;
    const metrics = metricsAfter([], { journalLinesLost: () => lost });
    expect(await linesOf(metrics, 'finrst_journal_lines_lost_total')).toEqual(['finrst_journal_lines_lost_total 0']);
    lost = 7;
    expect(await linesOf(metrics, 'finrst_journal_lines_lost_total')).toEqual(['finrst_journal_lines_lost_total 7']);
  });

  test('names the configuration in force, and after a reload the new one alone', async () => {
    const info = (sha256: string) => [`finrst_config_info{sha256="${sha256}"} 1`];
    const configSha256 = 'abc';
    expect(await linesOf(metricsAfter([], { configSha256 }), 'finrst_config_info')).toEqual(info('abc'));
    const reloaded = metricsAfter(
      [{ type: 'reloadSucceeded', at, added: 0, changed: 0, removed: 0, unchanged: 0, configSha256: 'def' }],
      { configSha256 },
    );
    expect(await linesOf(reloaded, 'finrst_config_info')).toEqual(info('def'));
  });

  test('has the runtime metrics but those that cost one visit per socket', async () => {
    const text = await rendered(metricsAfter([]));
    expect(text).toMatch(/^process_start_time_seconds \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).not.toContain('nodejs_active_');
  });

  test('refreshes process_open_fds on a timer, not in a scrape, and stop cancels it', async () => {
    const clock = createFakeClock();
    const metrics = new MetricsSink({
      clock,
      build: TEST_BUILD,
      detail: 'full',
      histograms: 'by_class',
      kernelEvidence: true,
    });
    const openFds = async () => {
      const [line = ''] = await linesOf(metrics, 'process_open_fds');
      return Number(/^process_open_fds (\d+)$/.exec(line)?.[1]);
    };
    await expect.poll(openFds).toBeGreaterThan(0);
    const before = await openFds();
    const files = await Promise.all(Array.from({ length: 50 }, () => open('/dev/null')));
    onTestFinished(async () => void (await Promise.all(files.map((file) => file.close()))));
    expect(await openFds()).toBe(before);
    clock.advance(14_999);
    await settled();
    expect(await openFds()).toBe(before);
    clock.advance(1);
    // The test runner opens and closes files of its own meanwhile.
    await expect.poll(openFds).toBeGreaterThan(before + 25);
    await expect.poll(() => clock.pending).toBe(1);
    metrics.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('detail', () => {
  const shownAt = async (detail: (typeof METRIC_DETAILS)[number]) => {
    const text = await rendered(metricsAfter(known, { detail }));
    return [...text.matchAll(/^# TYPE (finrst_\w+)/gm)].map((match) => match[1]);
  };
  test.each(METRIC_DETAILS)('%s shows the families of its level and those below', async (detail) => {
    const levels = METRIC_DETAILS.slice(0, METRIC_DETAILS.indexOf(detail) + 1);
    const expected = METRIC_CATALOGUE.filter(
      (family) => !ELSEWHERE.includes(family.needs) && (!family.detail || levels.includes(family.detail)),
    );
    expect(await shownAt(detail)).toEqual(expected.map(({ name }) => name));
  });

  test('changes with a reload, and what was hidden was counted all the same', async () => {
    const metrics = metricsAfter([...known, connectedEvent], { detail: 'minimal' });
    publishTo(metrics.sink)({ type: 'traffic', at, peer, receivedBytes: 70, sentBytes: 0 });
    expect(await linesOf(metrics, 'finrst_received_bytes_total')).toEqual([]);
    metrics.show({ detail: 'full', histograms: 'by_class' });
    expect(await linesOf(metrics, 'finrst_received_bytes_total')).toEqual([
      'finrst_received_bytes_total{group="payments-redis",peer="redis-0.payments:6379"} 70',
    ]);
    metrics.show({ detail: 'minimal', histograms: 'by_class' });
    expect(await rendered(metrics)).not.toContain('finrst_received_bytes_total');
  });
});

describe('histograms of ages and idle times', () => {
  const names = ['finrst_connection_duration_seconds', 'finrst_idle_at_disconnect_seconds'];

  test('that are turned off are not shown, all others are, and turned on again they have counted', async () => {
    const metrics = metricsAfter([...known, connectedEvent], { histograms: 'off' });
    const shown = [...(await rendered(metrics)).matchAll(/^# TYPE (finrst_\w+)/gm)].map((match) => match[1] ?? '');
    expect(
      METRIC_CATALOGUE.filter(({ name, needs }) => !ELSEWHERE.includes(needs) && !shown.includes(name)).map(
        ({ name }) => name,
      ),
    ).toEqual([...names, 'finrst_observed_duration_seconds']);
    publishTo(metrics.sink)(disconnectedEvent);
    metrics.show({ detail: 'full', histograms: 'by_class' });
    for (const name of names) {
      expect(await linesOf(metrics, name)).toContain(`${name}_count{group="payments-redis",class="error"} 1`);
    }
  });
});

describe('a scrape that is read slowly', () => {
  const many = (count: number, prefix: string, from = 0) =>
    Array.from({ length: count }, (_, i) => ({
      type: 'peerAdded' as const,
      at,
      peer: { ...peer, id: from + i, peer: `${prefix}-${i}:1` },
      facts,
    }));
  const downLines = (text: string) =>
    text.split('\n').filter((line) => line.startsWith('finrst_peer_down_seconds_total{'));

  test.each([
    ['the first one', false],
    ['one after another', true],
  ])('leaves out who was removed meanwhile, and shows who came back in its row once: %s', async (_, isSecond) => {
    const peers = many(2000, 'a');
    const metrics = metricsAfter([known[0], ...peers]);
    if (isSecond) await rendered(metrics);
    let text = '';
    let pieces = 0;
    for await (const piece of metrics.render('text')) {
      text += piece.toString();
      if (++pieces > 1) continue;
      const publish = publishTo(metrics.sink);
      for (const { peer: gone } of peers) publish({ type: 'peerRemoved', at, peer: gone });
      many(2000, 'a', 10_000).forEach(publish);
    }
    const down = downLines(text);
    expect(pieces).toBeGreaterThan(2);
    expect(down.length).toBeGreaterThan(0);
    expect(down.length).toBeLessThan(2000);
    expect(new Set(down).size).toBe(down.length);
    expect(new Set(downLines(await rendered(metrics))).size).toBe(2000);
  });

  test('gives the event loop back after each few milliseconds', async () => {
    let now = 0;
    let turns = 0;
    const clock = {
      ...createFakeClock(),
      monotonic: () => (now += 1), // each look at the clock costs a millisecond
      afterPoll: (callback: () => void) => {
        turns++;
        const immediate = setImmediate(callback);
        return { cancel: () => clearImmediate(immediate) };
      },
    };
    const metrics = metricsAfter([known[0], ...many(640, 'a')], { clock });
    const before = turns;
    await rendered(metrics);
    // More than 20 per-peer families of 3 blocks of 256 rows, a turn every second look at the clock at the most.
    expect(turns - before).toBeGreaterThan(50);
  });
});
