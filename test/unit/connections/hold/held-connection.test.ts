import { describe, expect, test } from 'vitest';
import { PacedWork } from '../../../../src/clock/paced-work.ts';
import { StallMonitor } from '../../../../src/connections/fleet/stall-monitor.ts';
import { HeldConnection } from '../../../../src/connections/hold/held-connection.ts';
import { TimerWheel } from '../../../../src/connections/hold/timer-wheel.ts';
import { TrafficReports } from '../../../../src/connections/hold/traffic-reports.ts';
import type { Link, LinkListener } from '../../../../src/connections/link/link.ts';
import type { Disconnected, LocalClosed } from '../../../../src/domain/events/connection-events.ts';
import type { FinrstEvent } from '../../../../src/domain/events/finrst-event.ts';
import type { TcpSample } from '../../../../src/domain/tcp-sample.ts';
import type { PeerSettings } from '../../../../src/settings/peer-settings.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { peerSettings } from '../../../support/peer-settings.ts';
import { seededRandom } from '../../../support/seeded-random.ts';
import { sendExpectHeartbeat } from '../../../support/send-expect-heartbeat.ts';

const TCP: TcpSample = {
  state: 'close_wait',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 0,
};

const peer = { id: 1, group: 'g', peer: 'p:1', host: 'p', port: 1, isLiteral: false, labels: {} };
const endpoint = { address: '192.0.2.1', port: 1 };

/** A connection over a link that only the test moves. Its ends are served when the test says so. */
function held(settings: Partial<PeerSettings> = {}) {
  const clock = createFakeClock();
  const events: FinrstEvent[] = [];
  const ended: { readonly event: Disconnected | LocalClosed; readonly endedAt: number }[] = [];
  const written: string[] = [];
  const phases: (() => void)[] = [];
  const stalls = new StallMonitor(clock, () => undefined);
  let listener: LinkListener | null = null;
  let isBusy = true;
  /** Null: the kernel has news. */
  let silenceMs: number | null = null;
  // Every slice is used up at once while it is busy, so that all wait for the next phase.
  const ends = new PacedWork({
    monotonic: () => (isBusy ? (busyTime += 10) : clock.monotonic()),
    afterPoll(callback) {
      phases.push(callback);
      return { cancel: () => undefined };
    },
  });
  let busyTime = 0;
  const link: Link = {
    remote: endpoint,
    local: endpoint,
    certificate: null,
    keepaliveIdleMs: 54_000,
    write: (bytes) => written.push(String(bytes)) > 0,
    reply: (bytes) => written.push(String(bytes)) > 0,
    queuedBytes: () => 0,
    outstandingBytes: () => 0,
    probe: () => false,
    sample: () => ({ ...TCP, state: 'established' }),
    silence: { since: () => silenceMs },
    listen: (its) => void (listener = its),
    close: (_drainMs, done) => done(),
    reset: (done) => done(),
  };
  const connection = new HeldConnection(
    {
      holder: { peer, connectionEnded: (_id, event, endedAt) => void ended.push({ event, endedAt }) },
      connectionId: 'c',
      link,
      firstRttMs: null,
      settings: peerSettings(1, settings),
      context: {
        clock,
        ends,
        random: () => 0,
        emit: (event) => events.push(event),
        stalls,
        traffic: new TrafficReports(clock),
        wheel: new TimerWheel(clock),
        watchCertificate: () => ({ cancel: () => undefined }),
      },
    },
    null,
  );
  connection.start();
  if (listener === null) throw new TypeError('a held connection listens');
  return {
    clock,
    connection,
    events,
    ended,
    written,
    stalls,
    link: listener as LinkListener,
    kernelSays: (silentForMs: number | null) => (silenceMs = silentForMs),
    serve() {
      isBusy = false;
      for (let next = phases.shift(); next !== undefined; next = phases.shift()) next();
      isBusy = true;
    },
  };
}

const FIN = { kind: 'end', pendingError: null } as const;
const RST = { kind: 'errno', errno: 'ECONNRESET' } as const;

describe('an end that waits to be served', () => {
  test('has the time, the evidence and the name of the moment when it was noted', () => {
    const { clock, link, ended, events, serve } = held();
    clock.advance(5000);
    const at = clock.now();
    link.ended(FIN, TCP);
    clock.advance(700);
    link.ended(RST, { ...TCP, state: 'close' });
    expect(ended).toEqual([]);
    serve();
    expect(ended).toMatchObject([
      { endedAt: 5000, event: { at, reason: 'fin', durationMs: 5000, idleMs: 5000, quietMs: 5000, tcp: TCP } },
    ]);
    expect(events).toMatchObject([{ type: 'sampled', at, tcp: TCP }]);
  });

  test('is not touched by bytes, heartbeats, samples and deadlines that come meanwhile', () => {
    const heartbeat = sendExpectHeartbeat({ send: Buffer.from('PING'), intervalMs: 1000, answer: null });
    const { clock, connection, link, ended, events, written, serve } = held({
      heartbeat,
      idleTimeoutMs: 3000,
      sampleIntervalMs: 1000,
      maxConnectionAgeMs: 4000,
    });
    link.ended(FIN, TCP);
    const sent = [...written];
    link.received(Buffer.from('late'));
    clock.advance(10_000);
    connection.reconfigure(peerSettings(1, { heartbeat: { ...heartbeat, intervalMs: 500 } }));
    clock.advance(10_000);
    expect(written).toEqual(sent);
    expect(events.map(({ type }) => type)).toEqual(['traffic']); // of the heartbeat before the end
    serve();
    expect(ended).toMatchObject([{ endedAt: 0, event: { reason: 'fin', receivedBytes: 0, durationMs: 0 } }]);
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test('is served at once where we mean to close the connection, and nothing follows', () => {
    const { connection, link, ended, serve } = held();
    link.ended(RST, TCP);
    connection.closeLocally('shutdown');
    expect(ended).toMatchObject([{ event: { type: 'disconnected', reason: 'reset' } }]);
    serve();
    expect(ended).toHaveLength(1);
  });
});

describe('what hints are made from', () => {
  test('the silence of payload is that of bytes either way, whatever the reason; the keepalive is that in force', () => {
    const { clock, link, ended, serve } = held();
    clock.advance(5000);
    link.received(Buffer.from('x'));
    clock.advance(40_000);
    link.ended(RST, { ...TCP, state: 'close', silenceMs: 3000 });
    serve();
    const [{ event } = { event: null }] = ended;
    expect(event).toMatchObject({ quietMs: 3000, payloadQuietMs: 40_000, keepaliveIdleMs: 54_000 });
    expect(event).not.toHaveProperty('stalledMs');
  });

  test.each([
    { afterMs: 4995, reason: 'no_reply' },
    { afterMs: 4000, reason: 'no_data' },
  ] as const)('where no byte comes for too long, $afterMs ms after a heartbeat: $reason', ({ afterMs, reason }) => {
    const answer = { expect: Buffer.from('PONG'), timeoutMs: 5000 };
    const heartbeat = sendExpectHeartbeat({ send: Buffer.from('PING'), intervalMs: 60_000, answer });
    const { clock, connection, ended, serve } = held({ heartbeat });
    clock.advance(afterMs);
    connection.idleTooLong();
    serve();
    expect(ended.map(({ event }) => event.reason)).toEqual([reason]);
  });

  test('a write breaks the silence of payload', () => {
    const heartbeat = sendExpectHeartbeat({ send: Buffer.from('PING'), intervalMs: 60_000, answer: null });
    const { clock, link, ended, serve } = held({ heartbeat });
    clock.advance(30_000);
    link.received(Buffer.from('x'));
    clock.advance(41_000);
    link.ended(RST, { ...TCP, state: 'close', silenceMs: 3000 });
    serve();
    expect(ended).toMatchObject([{ event: { idleMs: 41_000, payloadQuietMs: 11_000 } }]);
  });

  test('a stall of our own right before is told with the end', () => {
    const { clock, link, ended, serve, stalls } = held();
    stalls.watchFor(5000);
    stalls.start();
    clock.stall(2520);
    link.ended(RST, TCP);
    serve();
    expect(ended).toMatchObject([{ event: { stalledMs: 2500 } }]);
  });

  test('a sample says how long the connection lives, and which silences it has had', () => {
    const { clock, events } = held({ sampleIntervalMs: 1000 });
    clock.advance(1100);
    const [first, second] = events;
    expect(first).toMatchObject({ type: 'sampled', silences: { ageMs: 100, payloadMs: 100 } });
    expect(second).toMatchObject({
      type: 'sampled',
      silences: { ageMs: 1100, payloadMs: 1100, packetsAtMostMs: 1000, survivedMs: 0, survivedAtMostMs: 1000 },
    });
  });

  test('one that shows nothing new is no sample: the silences alone are longer', () => {
    const { clock, events, kernelSays } = held({ sampleIntervalMs: 1000 });
    kernelSays(0);
    clock.advance(100);
    kernelSays(1000);
    clock.advance(1000);
    expect(
      events.map(({ type }) => type),
      'the first one has no figures to compare with',
    ).toEqual(['sampled', 'stayedSilent']);
    expect(events[1]).toMatchObject({
      at: clock.now(),
      peer,
      silences: { ageMs: 1100, payloadMs: 1100, packetsAtMostMs: 1000, survivedMs: 0, survivedAtMostMs: 0 },
    });
  });

  test.each([
    { when: 'a packet came in', silentForMs: 500, act: () => undefined },
    {
      when: 'bytes came in, and the silence before was survived',
      silentForMs: 600,
      act: (link: LinkListener) => link.received(Buffer.from('x')),
    },
    { when: 'the kernel has news', silentForMs: null, act: () => undefined },
  ])('it is one when $when', ({ silentForMs, act }) => {
    const { clock, events, link, kernelSays } = held({ sampleIntervalMs: 1000 });
    clock.advance(500);
    act(link);
    clock.advance(0);
    kernelSays(silentForMs);
    clock.advance(600);
    expect(events.map(({ type }) => type).filter((type) => type !== 'traffic')).toEqual(['sampled', 'sampled']);
  });

  test('an end of which the kernel says nothing has the silence of the last reading', () => {
    const { clock, link, ended, kernelSays, serve } = held({ sampleIntervalMs: 1000 });
    clock.advance(100);
    kernelSays(1100);
    clock.advance(1000);
    link.ended(RST, null);
    serve();
    expect(ended).toMatchObject([{ event: { tcp: { ...TCP, state: 'established', silenceMs: 1100 } } }]);
  });
});

test('a close of our own is served before the call returns, however many ends wait', () => {
  const { connection, link, ended, serve } = held();
  connection.closeLocally('removed');
  expect(ended).toMatchObject([{ event: { type: 'localClosed', reason: 'removed' } }]);
  link.ended(FIN, TCP);
  serve();
  expect(ended).toHaveLength(1);
});

test('whatever happens in whatever slices, a connection ends once, by the first fact, at its time', () => {
  const random = seededRandom(20);
  for (let round = 0; round < 500; round++) {
    const { clock, connection, link, ended, serve } = held({ idleTimeoutMs: 5000, sampleIntervalMs: 1000 });
    let first: { readonly reason: string; readonly at: number } | null = null;
    const note = (reason: string): void => void (first ??= { reason, at: clock.monotonic() });
    const acts: (() => void)[] = [
      () => (note('fin'), link.ended(FIN, TCP)),
      () => (note('reset'), link.ended(RST, TCP)),
      () => (note('host_unreachable'), link.ended({ kind: 'errno', errno: 'EHOSTUNREACH' }, TCP)),
      () => (note('shutdown'), connection.closeLocally('shutdown')),
      () => link.received(Buffer.from('x')),
      () => clock.advance(Math.floor(random() * 900)),
      () => connection.reconfigure(peerSettings(1, { idleTimeoutMs: 5000 + Math.floor(random() * 5) })),
      serve,
    ];
    for (let step = 0; step < 12; step++) acts[Math.floor(random() * acts.length)]?.();
    if (first === null) acts[0]?.();
    serve();
    serve();
    const expected = first as unknown as { readonly reason: string; readonly at: number };
    expect(ended.map(({ event, endedAt }) => ({ reason: event.reason, at: endedAt }))).toEqual([expected]);
    expect(ended[0]?.event.durationMs).toBe(expected.at);
  }
});
