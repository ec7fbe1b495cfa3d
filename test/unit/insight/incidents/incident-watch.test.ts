import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { Hint } from '../../../../src/domain/hint.ts';
import { IncidentIds } from '../../../../src/insight/incidents/incident-ids.ts';
import { IncidentWatch } from '../../../../src/insight/incidents/incident-watch.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { connectedEvent, disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const UNPROVOKED = {
  tcp: {
    state: 'close',
    rttMs: 1,
    minRttMs: 1,
    totalRetransmits: 0,
    pendingRetransmits: 0,
    pendingProbes: 0,
    outstandingBytes: 0,
    silenceMs: 100,
  },
} as const;
const AT_ONCE = { runLater: (job: () => void) => job() };

/** Peers of one group and of another, all connected an hour ago. */
function watching({
  canAnnounce = false,
  evidence = UNPROVOKED,
}: Partial<{ canAnnounce: boolean; evidence: object }> = {}) {
  const clock = createFakeClock();
  const published: FinrstEvent[] = [];
  const watch = new IncidentWatch({
    clock,
    publish: (event) => published.push(event),
    work: AT_ONCE,
    ids: new IncidentIds(),
    of: 'held',
  });
  const peers = Array.from({ length: 10 }, (_, index) => {
    const group = index < 5 ? 'hit' : 'calm';
    return { ...connectedEvent.peer, id: index, group, peer: `${group}-${index}:1` };
  });
  for (const peer of peers) {
    const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce, host: peer.host, port: peer.port };
    watch.sink.peer?.({ type: 'peerAdded', at: clock.now(), peer, facts });
    const remote = { address: `192.0.2.${peer.id}`, port: 1 };
    watch.sink.connection?.({ ...connectedEvent, at: clock.now(), peer, remote });
  }
  clock.advance(3_600_000);
  const reset = (): void => {
    for (const peer of peers.slice(0, 5)) {
      const trace = { traceId: `trace-${peer.id}`, spanId: `span-${peer.id}`, recorded: peer.id !== 4 };
      watch.sink.connection?.({
        ...disconnectedEvent,
        at: clock.now(),
        peer,
        connectionId: `c-${peer.id}`,
        trace,
        ...evidence,
      });
    }
  };
  const incidents = () => published.flatMap((event) => (event.type === 'incident' ? [event] : []));
  const explained = () => published.flatMap((event) => (event.type === 'explained' ? [event] : []));
  return { clock, watch, peers, reset, published, incidents, explained };
}

describe('an incident', () => {
  test('says when half of its peers were back, once they were, by the first time of each', () => {
    const { clock, watch, peers, reset, incidents } = watching();
    const back = (...ids: readonly number[]): void => {
      for (const id of ids) {
        const peer = peers[id] ?? connectedEvent.peer;
        const remote = { address: `192.0.2.${id}`, port: 1 };
        watch.sink.connection?.({ ...connectedEvent, at: clock.now(), peer, remote });
      }
    };
    reset();
    clock.advance(1000);
    back(0, 1);
    clock.advance(3000);
    expect(incidents().at(-1)).toMatchObject({ state: 'running', stillDown: 3 });
    expect(incidents().at(-1)?.halfBackMs).toBeUndefined();
    clock.advance(6000);
    back(2);
    clock.advance(20_000);
    back(0, 3, 4);
    clock.advance(2000);
    expect(incidents().at(-1)).toMatchObject({ state: 'over', halfBackMs: 10_000 });
  });

  test('is published with its ends, its spans and its sentence, and explains each end once', () => {
    const { clock, reset, incidents, explained } = watching();
    const began = clock.now();
    reset();
    clock.advance(2000);
    expect(incidents()).toEqual([]);
    clock.advance(1000);
    expect(incidents()).toMatchObject([
      {
        state: 'running',
        id: String(Math.floor(began / 1000)),
        scope: { kind: 'group', value: 'hit' },
        began,
        ended: 5,
        of: 5,
        reasons: { reset: 5 },
        stillDown: 5,
        elsewhere: { ended: 0, of: 5 },
        sentence: expect.stringMatching(
          /^5 of 5 peers of hit ended within 0\.00 ms, all reset: .*; the other 5 peers are unharmed$/,
        ),
      },
    ]);
    expect(incidents()[0]?.over).toBeUndefined();
    const [chosen, ...others] = incidents()[0]?.judged ?? [];
    expect(chosen).toEqual({ scope: { kind: 'group', value: 'hit' }, ended: 5, of: 5, isHit: true });
    expect(others.map(({ scope, ended, of, isHit }) => [scope.kind, ended, of, isHit])).toEqual([
      ['process', 5, 10, true],
      ['prefix', 5, 10, true],
    ]);
    expect(incidents()[0]?.values).toEqual({
      kind: 'group',
      shares: [
        { value: 'calm', ended: 0, of: 5 },
        { value: 'hit', ended: 5, of: 5 },
      ],
      rest: { values: 0, ended: 0, of: 0 },
    });
    expect(incidents()[0]?.spared).toEqual([]);
    expect(incidents()[0]?.traces.map(({ spanId }) => spanId)).toEqual(['span-0', 'span-1', 'span-2', 'span-3']);
    expect(explained()).toMatchObject(
      [0, 1, 2, 3, 4].map((id) => ({ connectionId: `c-${id}`, by: 'incident', reason: 'reset', endedAt: began })),
    );
    clock.advance(60_000);
    expect(incidents()).toHaveLength(1);
    expect(explained()).toHaveLength(5);
  });

  test('says what its ends have in common, host counters among it, and who was spared', () => {
    const { clock, watch, peers, incidents } = watching();
    const hints: readonly Hint[] = [
      { name: 'host_drops', dropped: 40 },
      { name: 'host_drops', dropped: 12 },
      { name: 'own_stall', stalledMs: 2500 },
      { name: 'path_dead' },
    ];
    for (const [index, hint] of hints.entries()) {
      const peer = peers[index] ?? connectedEvent.peer;
      const its = { peer, connectionId: `c-${index}`, durationMs: 60_000 * (index + 1), quietMs: 100 - index };
      watch.sink.connection?.({ ...disconnectedEvent, ...UNPROVOKED, at: clock.now(), hint, ...its });
    }
    clock.advance(5000);
    expect(incidents()).toMatchObject([
      {
        common: {
          hints: { host_drops: 2, own_stall: 1, path_dead: 1 },
          droppedPackets: 40,
          stalledMs: 2500,
          ages: { leastMs: 60_000, mostMs: 240_000 },
          silences: { leastMs: 97, mostMs: 100 },
        },
        spared: [{ group: 'hit', peer: 'hit-4:1' }],
        sentence: expect.stringContaining('; this host dropped 40 packets meanwhile, which explains 2 of these ends;'),
      },
    ]);
  });

  test('of peers that fell silent calls the others unharmed when it is over', () => {
    const evidence = { class: 'error', reason: 'keepalive_timeout' } as const;
    const { clock, watch, peers, reset, incidents } = watching({ evidence });
    reset();
    clock.advance(100_000);
    for (const peer of peers.slice(0, 5)) watch.sink.connection?.({ ...connectedEvent, at: clock.now(), peer });
    clock.advance(1000);
    expect(incidents().map(({ state, sentence }) => [state, sentence.split('; ').at(-1)])).toEqual([
      ['running', 'none of the other 5 peers has ended so far'],
      ['over', 'the other 5 peers are unharmed'],
    ]);
  });

  test('is over when its peers are back', () => {
    const { clock, watch, peers, reset, incidents } = watching();
    reset();
    clock.advance(5000);
    for (const peer of peers.slice(0, 5)) watch.sink.connection?.({ ...connectedEvent, at: clock.now(), peer });
    clock.advance(1000);
    expect(incidents().map(({ state, stillDown, over }) => [state, stillDown, over])).toEqual([
      ['running', 5, undefined],
      ['over', 0, clock.now()],
    ]);
  });

  test('is over when its peers are gone from the configuration', () => {
    const { clock, watch, peers, reset, incidents } = watching();
    reset();
    clock.advance(5000);
    for (const peer of peers.slice(0, 5)) watch.sink.peer?.({ type: 'peerRemoved', at: clock.now(), peer });
    clock.advance(1000);
    expect(incidents().at(-1)).toMatchObject({ state: 'over', stillDown: 0 });
  });

  test('that runs when the process stops is interrupted, and nothing is found after that', () => {
    const { clock, watch, reset, incidents } = watching();
    reset();
    clock.advance(5000);
    watch.stop();
    expect(incidents().map(({ state }) => state)).toEqual(['running', 'interrupted']);
    reset();
    clock.advance(60_000);
    expect(incidents()).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('is none of ends that are announced within 10 s', () => {
    const { clock, watch, peers, reset, incidents } = watching({ canAnnounce: true });
    reset();
    clock.advance(5000);
    for (const peer of peers.slice(0, 3)) {
      const what = { connectionId: `c-${peer.id}`, class: 'error', reason: 'reset' } as const;
      watch.sink.connection?.({
        type: 'explained',
        at: clock.now(),
        peer,
        ...what,
        by: 'announced',
        announced: 'terminating',
      });
    }
    clock.advance(60_000);
    expect(incidents()).toEqual([]);
  });

  test('of groups whose ends can be announced is judged 10 s after the ends', () => {
    const { clock, reset, incidents } = watching({ canAnnounce: true });
    reset();
    clock.advance(10_000);
    expect(incidents()).toEqual([]);
    clock.advance(4000);
    expect(incidents()).toHaveLength(1);
  });

  test('costs no timer while nothing ends', () => {
    const { clock, reset } = watching();
    expect(clock.pending).toBe(0);
    reset();
    expect(clock.pending).toBe(1);
    clock.advance(3_600_000);
    expect(clock.pending).toBe(0);
  });
});
