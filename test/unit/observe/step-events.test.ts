import { expect, test } from 'vitest';
import type { ObservedEvent } from '../../../src/domain/events/observed-events.ts';
import type { PeerRef } from '../../../src/domain/peer-ref.ts';
import type { ObservedSocket } from '../../../src/observe/observed-step.ts';
import { StepEvents } from '../../../src/observe/step-events.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const PEER: PeerRef = { id: 1, group: 'a', peer: 'db:1', host: 'db', port: 1, isLiteral: false, labels: {} };
const FLOW = { localAddress: '10.0.0.1', localPort: 4, remoteAddress: '10.0.0.2', remotePort: 1 };
const SOCKET: ObservedSocket = { id: 7, flow: FLOW, peers: ['a', 'b'], owner: null, establishedNs: 2e9 };
const RESET = { class: 'error', reason: 'reset' } as const;
const FIN = { class: 'eof', reason: 'fin' } as const;

function setUp(known: Readonly<Record<string, PeerRef>> = { a: PEER }) {
  const clock = createFakeClock();
  const events: ObservedEvent[] = [];
  const steps = new StepEvents({ clock, publish: (event) => void events.push(event), peerOf: (key) => known[key] });
  return { clock, events, steps };
}

test('each peer that counts it and is still there has its event, with wall-clock times', () => {
  const both = setUp({ a: PEER, b: { ...PEER, id: 2, group: 'b' } });
  both.steps.publish(
    { step: 'ended', socket: SOCKET, atNs: 5e9, end: RESET, errno: 'ECONNRESET', isCloseWait: false },
    1000,
  );
  expect(both.events).toMatchObject([
    { type: 'observedEnded', at: 6000, peer: { group: 'a' }, durationMs: 3000, errno: 'ECONNRESET', ...RESET },
    { type: 'observedEnded', peer: { group: 'b' } },
  ]);
  const one = setUp();
  one.steps.publish({ step: 'retransmitted', peers: ['a', 'b'], count: 3 }, 0);
  expect(one.events).toMatchObject([{ type: 'observedRetransmits', peer: PEER, count: 3 }]);
});

test('what existed before has no length', () => {
  const { events, steps } = setUp();
  const socket = { ...SOCKET, establishedNs: null };
  steps.publish({ step: 'ended', socket, atNs: 5e9, end: FIN, errno: null, isCloseWait: true }, 0);
  expect(events[0]).not.toHaveProperty('durationMs');
});

test('errors of one peer are counted until there was none for a minute: an orderly end between them ends no row', () => {
  const { clock, events, steps } = setUp({ a: PEER, b: { ...PEER, id: 2, group: 'b' } });
  const end = (what: typeof RESET | typeof FIN, peers: readonly string[]) => {
    const socket = { ...SOCKET, peers };
    steps.publish({ step: 'ended', socket, atNs: 5e9, end: what, errno: null, isCloseWait: false }, 0);
  };
  for (const what of [RESET, RESET, FIN, RESET]) end(what, ['a']);
  end(RESET, ['b']);
  clock.advance(59_999);
  end(RESET, ['a']);
  clock.advance(1);
  end(RESET, ['b']);
  clock.advance(59_998);
  end(RESET, ['a']);
  clock.advance(60_000);
  end(RESET, ['a']);
  const counts = events.map((event) => event.type === 'observedEnded' && [event.peer.group, event.errorsInARow]);
  expect(counts).toEqual([
    ['a', 1],
    ['a', 2],
    ['a', 0],
    ['a', 3],
    ['b', 1],
    ['a', 4],
    ['b', 1],
    ['a', 5],
    ['a', 1],
  ]);
});

test('a connection that nobody closes for a minute is called a leak, once', () => {
  const { clock, events, steps } = setUp();
  steps.publish({ step: 'ended', socket: SOCKET, atNs: 5e9, end: FIN, errno: null, isCloseWait: true }, 0);
  const found = { ...SOCKET, id: 8, establishedNs: null };
  steps.publish({ step: 'found', socket: found, atNs: 5e9, isCloseWait: true }, 0);
  const closed = { ...SOCKET, id: 9 };
  steps.publish({ step: 'ended', socket: closed, atNs: 5e9, end: FIN, errno: null, isCloseWait: true }, 0);
  clock.advance(59_000);
  steps.publish({ step: 'released', socket: closed, atNs: 6e9 }, 0);
  const before = events.length;
  for (let second = 0; second < 200; second++) clock.advance(1000);
  expect(events.slice(before)).toMatchObject([
    { type: 'observedLeak', connection: { id: 7 }, isOlder: false, heldMs: 60_000 },
    { type: 'observedLeak', connection: { id: 8 }, isOlder: true },
  ]);
});
