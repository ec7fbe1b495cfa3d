import { expect, test } from 'vitest';
import { MetricsSink } from '../../../../src/sinks/metrics/metrics-sink.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { rendered, TEST_BUILD } from '../../../support/metrics-reader.ts';
import { publishTo } from '../../../support/publish-to.ts';

const peer = { id: 1, group: 'g', peer: 'a:1', host: 'a', port: 1, isLiteral: false, labels: {} };
const group = { type: 'groupAdded', at: 0, group: 'g', tls: false, expectsAnswer: false, canAnnounce: false } as const;
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'a', port: 1 };
const measured = { type: 'silenceMeasured', at: 0, peer } as const;

test('the last bracket of a peer is shown until the next one, and goes with the peer', async () => {
  const clock = createFakeClock();
  const options = { detail: 'minimal', histograms: 'by_class', kernelEvidence: true } as const;
  const metrics = new MetricsSink({ clock, build: TEST_BUILD, ...options });
  const publish = publishTo(metrics.sink);
  const shown = async (): Promise<readonly string[]> => {
    const lines = (await rendered(metrics)).split('\n');
    return lines.filter((line) => line.startsWith('finrst_silence')).toSorted();
  };
  publish({ ...group, configuredSilenceMs: 62_000 });
  publish({ type: 'peerAdded', at: 0, peer, facts });
  expect(await shown()).toEqual(['finrst_silence_configured_seconds{group="g"} 62']);
  publish({ ...measured, survivedMs: 335_000, fatalMs: 365_000 });
  const of = (which: string, value: number) => `finrst_silence_${which}_seconds{group="g",peer="a:1"} ${value}`;
  const configured = (value: string) => `finrst_silence_configured_seconds{group="g"} ${value}`;
  expect(await shown()).toEqual([configured('62'), of('fatal', 365), of('survived', 335)]);
  publish({ ...measured, survivedMs: 960_000, fatalMs: null });
  publish({ ...group, configuredSilenceMs: Infinity });
  expect(await shown()).toEqual([configured('+Inf'), of('survived', 960)]);
  publish({ ...measured, survivedMs: null, fatalMs: 15_000 });
  expect(await shown()).toEqual([configured('+Inf'), of('fatal', 15)]);
  publish({ type: 'peerRemoved', at: 0, peer });
  publish(group);
  expect(await shown()).toEqual([]);
});
