import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { TargetLabels } from '../../../../src/settings/target-labels.ts';
import { METRIC_CATALOGUE } from '../../../../src/sinks/metrics/metric-catalogue.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { parseTextFormat } from '../../../support/exposition-parser.ts';
import { fullLife } from '../../../support/metrics-docs.ts';
import { linesOf, metricsAfter, rendered } from '../../../support/metrics-reader.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { connectedEvent, connectFailedEvent, disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const { at } = connectedEvent;
const peerWith = (labels: TargetLabels) => ({ ...connectedEvent.peer, labels });
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };
const PER_PEER = new Set(METRIC_CATALOGUE.flatMap(({ name, detail }) => (detail === undefined ? [] : [name])));

/** Every kind of sample of a peer with these labels, while it is up. */
const lifeWith = (labels: TargetLabels): readonly FinrstEvent[] =>
  fullLife({ tls: true, expectsAnswer: true }).map((event) =>
    'peer' in event ? { ...event, peer: peerWith(labels) } : event,
  );

const changedTo = (labels: TargetLabels, own: Readonly<Record<string, string>> = {}): FinrstEvent => ({
  type: 'peerChanged',
  at,
  peer: peerWith(labels),
  facts: { ...facts, labels: own, tls: true, expectsAnswer: true, canAnnounce: true },
});

describe('target labels', () => {
  const hostile = 'a"b\\c\nd} 1\n# x="';

  test('stand on every series of the peer and on no other, whatever they hold', async () => {
    const metrics = metricsAfter([...lifeWith({ team: hostile, tier: '1' }), connectFailedEvent]);
    const families = [...parseTextFormat(await rendered(metrics)).values()];
    const labelled = families.flatMap(({ name, samples }) => samples.map(({ labels }) => ({ name, labels })));
    for (const { name, labels } of labelled) {
      const expected = PER_PEER.has(name) ? { team: hostile, tier: '1' } : {};
      expect({ name, ...(labels['team'] === undefined ? {} : { team: labels['team'], tier: labels['tier'] }) }).toEqual(
        {
          name,
          ...expected,
        },
      );
    }
    expect(new Set(labelled.map(({ name }) => name)).size).toBeGreaterThan(PER_PEER.size);
  });

  test('that a peer has not are empty on its series: no label of the scrape takes their place', async () => {
    const metrics = metricsAfter(lifeWith({ team: '', tier: '1' }));
    expect(await linesOf(metrics, 'finrst_peer_up')).toEqual([
      'finrst_peer_up{group="payments-redis",peer="redis-0.payments:6379",team="",tier="1"} 1',
    ]);
  });

  test('are not twice on the series that has all labels of the target', async () => {
    const own = { zone: 'z', team: 'a', tier: '1' };
    const metrics = metricsAfter([...lifeWith({ team: 'a' }), changedTo({ team: 'a' }, own)]);
    expect(await linesOf(metrics, 'finrst_peer_info')).toEqual([
      'finrst_peer_info{group="payments-redis",peer="redis-0.payments:6379",team="a",address="192.0.2.7",zone="z",tier="1"} 1',
    ]);
  });
});

describe('a peer that gets other target labels', () => {
  const counters = METRIC_CATALOGUE.filter(({ type, detail }) => type === 'counter' && detail !== undefined);

  test.each([
    { what: 'another value', labels: { team: 'b' } },
    { what: 'one label more', labels: { team: 'a', tier: '' } },
    { what: 'none any more', labels: {} },
  ])('$what: its counters begin anew at 0, and its gauges go on', async ({ labels }) => {
    const metrics = metricsAfter(lifeWith({ team: 'a' }));
    const before = parseTextFormat(await rendered(metrics));
    publishTo(metrics.sink)(changedTo(labels));
    const after = parseTextFormat(await rendered(metrics));
    for (const { name, type } of METRIC_CATALOGUE.filter((family) => PER_PEER.has(family.name))) {
      const samples = after.get(name)?.samples ?? [];
      const values = samples.map(({ value }) => value);
      const valuesBefore = before.get(name)?.samples.map(({ value }) => value) ?? [];
      if (name === 'finrst_peer_disconnects_by_reason_total') expect(values).toEqual([]);
      else
        expect({ name, values }).toEqual({
          name,
          values: type === 'counter' ? valuesBefore.map(() => 0) : valuesBefore,
        });
      for (const sample of samples) expect(sample.labels).toMatchObject(labels);
      if (!('team' in labels)) for (const sample of samples) expect(sample.labels).not.toHaveProperty('team');
    }
    expect(counters.length).toBeGreaterThan(5);
  });

  test('its group goes on counting, and what comes next is counted once under the new labels', async () => {
    const metrics = metricsAfter([...lifeWith({ team: 'a' }), changedTo({ team: 'b' })]);
    publishTo(metrics.sink)({ ...disconnectedEvent, peer: peerWith({ team: 'b' }) });
    expect(await linesOf(metrics, 'finrst_peer_disconnects_by_reason_total')).toEqual([
      'finrst_peer_disconnects_by_reason_total{group="payments-redis",peer="redis-0.payments:6379",team="b",class="error",reason="reset"} 1',
    ]);
    expect(await linesOf(metrics, 'finrst_disconnects_by_reason_total')).toContain(
      'finrst_disconnects_by_reason_total{group="payments-redis",class="error",reason="reset"} 2',
    );
  });

  test('an outage that runs counts from the change on, and to its end', async () => {
    const clock = createFakeClock();
    const metrics = metricsAfter(lifeWith({ team: 'a' }), { clock });
    const publish = publishTo(metrics.sink);
    const downSeconds = async () =>
      (await linesOf(metrics, 'finrst_peer_down_seconds_total')).map((line) => line.split(' ').at(-1));
    publish(disconnectedEvent);
    clock.advance(10_000);
    publish(changedTo({ team: 'b' }));
    expect(await downSeconds()).toEqual(['0']);
    clock.advance(1500);
    publish({ ...connectFailedEvent, peer: peerWith({ team: 'b' }), downMs: 11_500 });
    expect(await downSeconds()).toEqual(['1.5']);
    clock.advance(1000);
    publish({ ...connectedEvent, peer: peerWith({ team: 'b' }), downMs: 12_500 });
    expect(await downSeconds()).toEqual(['2.5']);
  });

  test('a reload that changes something else takes nothing away', async () => {
    const metrics = metricsAfter([
      ...lifeWith({ team: 'a', tier: '1' }),
      changedTo({ team: 'a', tier: '1' }, { zone: 'z' }),
    ]);
    expect(await linesOf(metrics, 'finrst_connections_total')).toEqual([
      'finrst_connections_total{group="payments-redis",peer="redis-0.payments:6379",team="a",tier="1"} 2',
    ]);
  });

  test('during a scrape is in no family under both, and in the next scrape under the new ones alone', async () => {
    const many = Array.from({ length: 2000 }, (_, id) => ({ ...peerWith({ team: 'a' }), id, peer: `p-${id}:1` }));
    const metrics = metricsAfter(many.map((peer) => ({ type: 'peerAdded', at, peer, facts })));
    const publish = publishTo(metrics.sink);
    let text = '';
    let pieces = 0;
    for await (const piece of metrics.render('text')) {
      text += piece.toString();
      if (++pieces === 1)
        for (const peer of many) publish({ type: 'peerChanged', at, peer: { ...peer, labels: { team: 'b' } }, facts });
    }
    expect(pieces).toBeGreaterThan(2);
    const series = text.split('\n').filter((line) => line.includes('team="'));
    const unlabelled = series.map((line) => line.replace(/team="[ab]"/, ''));
    expect(text).toContain('team="a"');
    expect(text).toContain('team="b"');
    expect(new Set(unlabelled).size).toBe(unlabelled.length);
    expect(series.filter((line) => line.startsWith('finrst_connections_total{'))).toHaveLength(2000);
    const next = await rendered(metrics);
    expect(next.match(/^finrst_connections_total\{.*team="b"\} 0$/gm)).toHaveLength(2000);
    expect(next).not.toContain('team="a"');
  });
});
