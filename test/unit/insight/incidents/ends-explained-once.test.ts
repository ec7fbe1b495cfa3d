import { describe, expect, test } from 'vitest';
import type { PeerRef } from '../../../../src/domain/peer-ref.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import { IncidentIds } from '../../../../src/insight/incidents/incident-ids.ts';
import { IncidentWatch } from '../../../../src/insight/incidents/incident-watch.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { connectedEvent, disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const UNPROVOKED = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 100,
} as const;

/** Two groups of peers, all connected an hour ago, each in a network of its own; a wall clock that can be set. */
function watching(sizes: { readonly a: number; readonly b: number }) {
  const fake = createFakeClock();
  const jobs: (() => void)[] = [];
  let areJobsHeld = false;
  let setBy = 0;
  const clock = { now: () => fake.now() + setBy, after: fake.after };
  const published: FinrstEvent[] = [];
  const watch = new IncidentWatch({
    clock,
    publish: (event) => published.push(event),
    work: { runLater: (job) => (areJobsHeld ? void jobs.push(job) : job()) },
    ids: new IncidentIds(),
    of: 'held',
  });
  const groupOf = (group: string, size: number, first: number): PeerRef[] =>
    Array.from({ length: size }, (_, index) => ({ ...connectedEvent.peer, id: first + index, group }));
  const connect = (peers: readonly PeerRef[]): void => {
    for (const peer of peers) {
      const remote = { address: `192.0.${peer.id}.1`, port: 1 };
      watch.sink.connection?.({ ...connectedEvent, at: clock.now(), peer, remote });
    }
  };
  const a = groupOf('a', sizes.a, 0);
  const b = groupOf('b', sizes.b, sizes.a);
  for (const peer of [...a, ...b]) {
    const facts = {
      labels: {},
      tls: false,
      expectsAnswer: false,
      canAnnounce: false,
      host: peer.host,
      port: peer.port,
    };
    watch.sink.peer?.({ type: 'peerAdded', at: clock.now(), peer, facts });
  }
  connect([...a, ...b]);
  fake.advance(3_600_000);
  return {
    a,
    b,
    watch,
    connect,
    advance: fake.advance,
    setClockBy: (ms: number) => void (setBy += ms),
    holdJobs: () => void (areJobsHeld = true),
    runJobs: () => jobs.splice(0).forEach((job) => job()),
    reset(peers: readonly PeerRef[]): void {
      for (const peer of peers) {
        const connectionId = `c-${peer.id}`;
        watch.sink.connection?.({ ...disconnectedEvent, at: clock.now(), peer, connectionId, tcp: UNPROVOKED });
      }
    },
    now: clock.now,
    incidents: () => published.flatMap((event) => (event.type === 'incident' ? [event] : [])),
    endedAts: () =>
      published.flatMap((event) => (event.type === 'explained' && event.by === 'incident' ? [event.endedAt] : [])),
    explained: () => published.flatMap((event) => (event.type === 'explained' ? [event.connectionId] : [])),
  };
}

describe('an end', () => {
  test.each([
    ['before it is published', 1500],
    ['after it was published', 3500],
  ])('belongs to one incident where one turns out to be two %s', (_, after) => {
    const { a, b, reset, advance, incidents, explained } = watching({ a: 20, b: 20 });
    reset([...a.slice(0, 7), ...b.slice(0, 7)]);
    advance(after);
    reset(a.slice(7));
    advance(5000);
    const running = incidents().filter(({ state }) => state === 'running');
    // The one that turned out to be two is over, as a part of what took most of it; that it never was needs no word.
    const parts = incidents().filter(({ state }) => state === 'over');
    expect(parts.map(({ id, partOf }) => [id, partOf])).toEqual(
      after < 2000 ? [] : [[running[0]?.id, expect.stringMatching(/^\d+$/)]],
    );
    for (const { partOf, sentence } of parts) expect(sentence).toContain(`: a part of incident ${partOf},`);
    expect(running.slice(-2)).toMatchObject([
      { scope: { kind: 'group', value: 'a' }, ended: 20, of: 20, reasons: { reset: 20 }, stillDown: 20 },
      { scope: { kind: 'group', value: 'b' }, ended: 7, of: 20, reasons: { reset: 7 }, stillDown: 7, also: [] },
    ]);
    expect(running.at(-1)?.sentence).toMatch(/of the other 20 peers 20 ended at that moment, too$/);
    expect(explained().toSorted()).toEqual([...a, ...b.slice(0, 7)].map(({ id }) => `c-${id}`).toSorted());
  });

  test('outside of the scope that it turns out to be is no part of it', () => {
    const { a, b, reset, advance, incidents, explained } = watching({ a: 20, b: 10 });
    reset([...a.slice(0, 7), ...b.slice(0, 3)]);
    advance(1500);
    reset(a.slice(7));
    advance(5000);
    expect(incidents()).toMatchObject([{ scope: { kind: 'group', value: 'a' }, ended: 20, of: 20 }]);
    expect(explained()).toHaveLength(20);
  });

  test('is explained five at a time, so that other ends do not wait, and nobody who asks for events misses some among thousands', () => {
    const { a, reset, advance, watch, incidents, explained } = watching({ a: 17, b: 20 });
    reset(a);
    while (incidents().length === 0) advance(1);
    expect(explained()).toHaveLength(5);
    advance(4);
    expect(explained()).toHaveLength(5);
    advance(1);
    expect(explained()).toHaveLength(10);
    advance(5);
    expect(new Set(explained()).size).toBe(15);
    watch.stop();
    advance(1000);
    expect(explained()).toHaveLength(15);
  });

  test('is explained once, be others still being told', () => {
    const { a, b, reset, advance, explained } = watching({ a: 40, b: 40 });
    reset(a);
    while (explained().length === 0) advance(1);
    reset(b);
    advance(10_000);
    expect(explained().toSorted()).toEqual([...a, ...b].map(({ id }) => `c-${id}`).toSorted());
  });

  test('is not explained after the stop', () => {
    const { a, reset, advance, holdJobs, runJobs, watch, incidents, explained } = watching({ a: 6, b: 20 });
    reset(a);
    advance(2500);
    holdJobs();
    advance(500);
    // The steps of the judgement come one by one; the explanations behind them.
    while (incidents().length === 0) runJobs();
    watch.stop();
    runJobs();
    expect(incidents().map(({ state }) => state)).toEqual(['running', 'interrupted']);
    expect(explained()).toEqual([]);
  });
});

describe('a wall clock that is set back by two hours', () => {
  test('makes no incident of three peers of fifty', () => {
    const { a, reset, advance, setClockBy, incidents } = watching({ a: 50, b: 20 });
    setClockBy(-7_200_000);
    reset(a.slice(0, 3));
    advance(60_000);
    expect(incidents()).toEqual([]);
  });

  test('hides none, and it began by the clock as it is set', () => {
    const { a, connect, reset, advance, setClockBy, incidents, endedAts, now } = watching({ a: 50, b: 20 });
    reset(a);
    setClockBy(-7_200_000);
    const began = now();
    advance(5000);
    expect(incidents()).toMatchObject([{ state: 'running', ended: 50 }]);
    for (const endedAt of endedAts()) expect(Math.abs(endedAt - began)).toBeLessThanOrEqual(1000);
    expect(endedAts()).toHaveLength(50);
    expect(Math.abs((incidents()[0]?.began ?? 0) - began)).toBeLessThanOrEqual(1000);
    connect(a);
    advance(1000);
    expect(incidents().at(-1)?.state).toBe('over');
  });
});
