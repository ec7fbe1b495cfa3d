import { expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { metricsAfter, rendered } from '../../../support/metrics-reader.ts';

const peer: PeerRef = { id: 1, group: 'db', peer: 'db:1', host: 'db', port: 1, isLiteral: false, labels: {} };
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'db', port: 1 };
const group = { type: 'groupAdded', at: 0, group: 'db', tls: false, expectsAnswer: false, canAnnounce: false } as const;
const observed = { ...group, isObserved: true } as const;
const added = { type: 'peerAdded', at: 0, peer, facts } as const;
const up = { type: 'observerChanged', at: 0, isUp: true } as const;

function connection(id: number) {
  const end = { address: '10.0.0.1', port: id };
  return { peer, connection: { id, local: end, remote: end, owner: null } };
}

function setUp() {
  const clock = createFakeClock(1_000_000);
  const metrics = metricsAfter([], { clock });
  const publish = publishTo(metrics.sink);
  return {
    clock,
    metrics,
    publish: (...events: readonly FinrstEvent[]) => events.forEach(publish),
    /** Those of observed connections that are not 0, without their prefix. */
    values: async (all = false) => {
      const lines = (await rendered(metrics, 'text')).split('\n').filter((line) => line.startsWith('finrst_observe'));
      const counts = lines.filter((line) => !line.includes('_duration_seconds') && (all || !line.endsWith(' 0')));
      return counts.map((line) => line.replace('group="db",peer="db:1"', 'PEER'));
    },
  };
}

test('series begin at 0 with the observed group, and there are none without', async () => {
  const { publish, values } = setUp();
  publish(group, added);
  expect(await values(true)).toEqual([]);
  publish(observed, { type: 'peerChanged', at: 0, peer, facts }, up);
  expect(await values()).toEqual(['finrst_observer_up 1']);
  const all = await values(true);
  expect(all).toContain('finrst_observed_connections{PEER} 0');
  expect(all).toContain('finrst_observed_ends_by_reason_total{group="db",class="local",reason="aborted"} 0');
  expect(all.join('\n')).not.toContain('tls_alert');
  publish(group, { type: 'peerChanged', at: 0, peer, facts });
  expect(await values()).toEqual(['finrst_observer_up 1']);
  expect((await values(true)).filter((line) => line.includes('PEER'))).toEqual([]);
});

test('a connection is established, closed by its peer, held, and released', async () => {
  const { clock, publish, values } = setUp();
  publish(observed, added, up);
  const at = clock.now();
  publish({ type: 'observedConnected', at, ...connection(1), isFound: false, isCloseWait: false });
  publish({ type: 'observedConnected', at, ...connection(2), isFound: true, isCloseWait: true });
  expect(await values()).toEqual([
    'finrst_observed_connections{PEER} 1',
    'finrst_observed_connects_total{PEER} 1',
    'finrst_observed_close_wait{PEER} 1',
    'finrst_observer_up 1',
  ]);
  const fin = { class: 'eof', reason: 'fin', isCloseWait: true, errorsInARow: 0, durationMs: 5 } as const;
  clock.advance(1000);
  publish({ type: 'observedEnded', at: clock.now(), ...connection(1), ...fin });
  clock.advance(500);
  const held = [
    'finrst_observed_connects_total{PEER} 1',
    'finrst_observed_ends_total{PEER,class="eof"} 1',
    'finrst_observed_close_wait{PEER} 2',
    'finrst_observed_close_wait_oldest_seconds{PEER} 1.5',
    'finrst_observed_ends_by_reason_total{group="db",class="eof",reason="fin"} 1',
    'finrst_observer_up 1',
  ];
  expect(await values()).toEqual(held);
  clock.advance(60_000);
  expect(await values()).toContain('finrst_observed_close_wait_oldest_seconds{PEER} 61.5');
  publish({ type: 'observedReleased', at, ...connection(2) });
  expect(await values()).toContain('finrst_observed_close_wait_oldest_seconds{PEER} 60.5');
  publish({ type: 'observedReleased', at, ...connection(1) });
  expect(await values(true)).toContain('finrst_observed_close_wait_oldest_seconds{PEER} 0');
});

test('what is lost ends uncounted, once for two groups; what does not work holds nothing', async () => {
  const { clock, publish, values } = setUp();
  publish(observed, added, up);
  for (const id of [1, 2, 3])
    publish({ type: 'observedConnected', at: clock.now(), ...connection(id), isFound: true, isCloseWait: id === 3 });
  publish({ type: 'observedLinesLost', at: 0, count: 40 });
  publish({ type: 'observedLost', at: 0, ...connection(1), wasCloseWait: false });
  publish({ type: 'observedLost', at: 0, ...connection(1), peer: { ...peer, id: 2 }, wasCloseWait: false });
  publish({ type: 'observedRetransmits', at: 0, peer, count: 3 });
  publish({ type: 'observedConnectFailed', at: 0, ...connection(4) });
  expect(await values()).toEqual([
    'finrst_observed_connections{PEER} 1',
    'finrst_observed_connect_failures_total{PEER} 1',
    'finrst_observed_close_wait{PEER} 1',
    'finrst_observed_retransmits_total{PEER} 3',
    'finrst_observer_up 1',
    'finrst_observer_lost_events_total 40',
    'finrst_observer_lost_ends_total 1',
  ]);
  publish({ type: 'observerChanged', at: 0, isUp: false, problem: 'p' });
  expect((await values()).join()).not.toMatch(/connections\{|close_wait\{/);
});

test('a peer that is not held has its info alone of what a held one has, its group nothing, and labels change that no more', async () => {
  const { metrics, publish } = setUp();
  const unheld = { ...facts, isHeld: false } as const;
  const ofPeers = async () => {
    const lines = (await rendered(metrics, 'text')).split('\n');
    const named = lines.filter((line) => line.includes('group="db"') && !line.startsWith('finrst_observed_'));
    return named.map((line) => line.replace(/\{.*/, ''));
  };
  publish({ ...observed, isHeld: false }, { ...added, facts: unheld }, up);
  expect(await ofPeers()).toEqual(['finrst_peer_info']);
  const relabelled = { ...peer, labels: { team: 'x' } };
  publish({ type: 'peerChanged', at: 0, peer: relabelled, facts: { ...unheld, labels: { team: 'x' } } });
  expect(await ofPeers()).toEqual(['finrst_peer_info']);
  publish({ type: 'peerRemoved', at: 0, peer: relabelled }, { ...added, peer: { ...peer, id: 2 } });
  expect(await ofPeers()).toContain('finrst_peer_down_seconds_total');
});

test('what is observed of a peer goes on when a reload holds it no more, and back', async () => {
  const { publish, values } = setUp();
  const next = { ...peer, id: 2 };
  const observedAs = (ref: PeerRef, isHeld: boolean): readonly FinrstEvent[] => [
    isHeld ? observed : { ...observed, isHeld },
    { type: 'peerRemoved', at: 0, peer: ref === peer ? next : peer, replacedBy: ref },
    { ...added, peer: ref, facts: isHeld ? facts : { ...facts, isHeld } },
  ];
  publish(observed, added, up);
  publish({ type: 'observedConnected', at: 0, ...connection(1), isFound: false, isCloseWait: false });
  publish(...observedAs(next, false));
  const counted = ['finrst_observed_connections{PEER} 1', 'finrst_observed_connects_total{PEER} 1'];
  expect((await values()).slice(0, 2)).toEqual(counted);
  publish(...observedAs(peer, true));
  expect((await values()).slice(0, 2)).toEqual(counted);
  publish({ ...observed, isHeld: false }, { type: 'peerRemoved', at: 0, peer, replacedBy: next });
  publish({ ...added, peer: next, facts: { ...facts, isHeld: false } });
  const ended = { type: 'observedReleased', at: 0, ...connection(1) } as const;
  publish({ ...ended, peer: next });
  expect((await values()).slice(0, 2)).toEqual(counted);
});

test('in OpenMetrics an error names its trace, and what has none does not', async () => {
  const { clock, metrics, publish } = setUp();
  publish(observed, added, up);
  const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), recorded: true };
  const ended = { type: 'observedEnded', at: clock.now(), durationMs: 1000, isCloseWait: false } as const;
  publish({ ...ended, ...connection(1), class: 'error', reason: 'reset', errorsInARow: 1, trace });
  publish({ ...ended, ...connection(2), class: 'eof', reason: 'fin', errorsInARow: 0 });
  const lines = (await rendered(metrics, 'openmetrics')).split('\n');
  const named = lines.filter((line) => line.startsWith('finrst_observed') && line.includes(trace.traceId));
  expect(named).toHaveLength(2);
  expect(named[0]).toMatch(/^finrst_observed_ends_by_reason_total\{group="db",class="error",reason="reset"\} 1 #/);
  expect(named[1]).toMatch(/^finrst_observed_duration_seconds_bucket\{.*class="error"/);
});
