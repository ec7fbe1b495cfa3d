import { array, assert, asyncProperty, constantFrom, nat, oneof, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectionState } from '../../../../src/domain/connection-state.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { ConnectionInput } from '../../../../src/domain/steps/connection-input.ts';
import { firstStep, nextStep } from '../../../../src/domain/steps/next-step.ts';
import { PeerSeries } from '../../../../src/sinks/metrics/peer-series.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { metricsAfter, rendered } from '../../../support/metrics-reader.ts';
import { publishTo } from '../../../support/publish-to.ts';
import { DISCONNECTED, INPUTS, LOCAL_CLOSED } from '../../domain/steps/inputs.ts';

const PEERS = [0, 1, 2].map((id) => ({ ...DISCONNECTED.peer, id, peer: `h${id}:1` }));
const facts = { labels: {}, tls: false, expectsAnswer: false, canAnnounce: false, host: 'h', port: 1 };

/** One input of a peer, after some time. `end` is what `ended` reports. */
type Moment = {
  readonly type: ConnectionInput['type'];
  readonly end: typeof DISCONNECTED | typeof LOCAL_CLOSED;
  readonly id: number;
  readonly waitMs: number;
};
const moment = record<Moment>({
  type: constantFrom(...(Object.keys(INPUTS) as ConnectionInput['type'][])),
  end: constantFrom(DISCONNECTED, LOCAL_CLOSED),
  id: nat(PEERS.length - 1),
  waitMs: nat(5000),
});
const LIFE = ['waitOver', 'attemptDue', 'resolved', 'tcpConnected', 'established', 'ended', 'drained'] as const;
const stream = array(
  oneof(
    moment.map((one) => [one]),
    record({ last: moment, steps: nat(LIFE.length) }).map(({ last, steps }) =>
      LIFE.slice(0, steps).map((type) => ({ ...last, type })),
    ),
  ),
  { maxLength: 40, size: 'max' },
).map((list) => list.flat());

/** Three peers, each with a state machine of its own, that publish what it decides. */
function peersThatPublish(publish: (event: FinrstEvent) => void) {
  const states: ConnectionState[] = [];
  const take = (id: number, { state, effects }: ReturnType<typeof nextStep>): void => {
    states[id] = state;
    const peer = PEERS[id] ?? DISCONNECTED.peer;
    for (const effect of effects) {
      if (effect.type === 'emit') publish({ ...effect.event, peer });
      if (effect.type === 'reportState')
        publish({ type: 'stateEntered', at: 1, peer, from: effect.from, state: effect.state });
      // A held connection that is asked to end comes to its end in the same turn.
      if (effect.type === 'endConnection' && 'connectionId' in state)
        take(id, nextStep(state, { ...INPUTS.ended, event: LOCAL_CLOSED, now: 0 }));
    }
  };
  publish({ type: 'groupAdded', at: 1, group: 'g', tls: false, expectsAnswer: false, canAnnounce: false });
  for (const peer of PEERS) {
    publish({ type: 'peerAdded', at: 1, peer, facts });
    take(peer.id, firstStep());
  }
  return (now: number, { type, id, end }: Moment): void => {
    const input = { ...INPUTS[type], ...('now' in INPUTS[type] ? { now } : {}) } as ConnectionInput;
    const before = states[id];
    if (before) take(id, nextStep(before, input.type === 'ended' ? { ...input, event: end } : input));
    // A removal follows a stop at once, as the fleet does it; the peer may come back.
    if (type === 'stop' && before) publish({ type: 'peerRemoved', at: 1, peer: PEERS[id] ?? DISCONNECTED.peer });
  };
}

const sumOf = (text: string, series: RegExp): number =>
  text
    .split('\n')
    .filter((line) => series.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

test('connections established are those that ended and those that are held, after whatever happens', async () => {
  await assert(
    asyncProperty(stream, async (moments) => {
      const clock = createFakeClock();
      const metrics = metricsAfter([], { clock });
      const happen = peersThatPublish(publishTo(metrics.sink));
      for (const one of moments) {
        clock.advance(one.waitMs);
        happen(clock.monotonic(), one);
      }
      const text = await rendered(metrics);
      const established = sumOf(text, /^finrst_connect_duration_seconds_count\{group="g",phase="total"\}/);
      const disconnects = sumOf(text, /^finrst_disconnects_by_reason_total\{/);
      const localCloses = sumOf(text, /^finrst_local_closes_total\{/);
      const held = sumOf(text, /^finrst_peers\{group="g",state="established"\}/);
      expect(established).toBe(disconnects + localCloses + held);
    }),
    { numRuns: 100 },
  );
});

test('the seconds without a connection never decrease, whatever happens', () => {
  assert(
    property(stream, (moments) => {
      const clock = createFakeClock();
      const series = new PeerSeries(clock);
      const happen = peersThatPublish(
        publishTo({ connection: (event) => series.connection(event), peer: (event) => series.peer(event) }),
      );
      const family = series.families.find(({ name }) => name === 'finrst_peer_down_seconds_total');
      const down = () => sumOf([...((family?.slices('text') ?? []) as Iterable<string>)].join(''), /h0:1/);
      let before = 0;
      for (const one of moments.filter(({ id, type }) => id === 0 && type !== 'stop')) {
        clock.advance(one.waitMs);
        const waited = down();
        expect(waited).toBeGreaterThanOrEqual(before);
        happen(clock.monotonic(), one);
        const after = down();
        expect(after).toBeGreaterThanOrEqual(waited);
        before = after;
      }
    }),
  );
});
