import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { answeredHeartbeat, answersOnce } from '../support/first-answers.ts';
import { groupsOf, type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { pass, stateOf, until } from '../support/scenario.ts';
import { startTlsPeer, tlsSettings, type TlsPeerOptions } from '../support/tls-peer.ts';

/** What the peer does: `stream` carries the words, `raw` is the TCP socket below it, the same where there is no TLS. */
type Behave = (stream: Duplex, raw: Socket) => void;

let clock: FakeClock;
let held: HeldFleet;
let settings: PeerSettings;
let peer: { readonly port: number; close(): Promise<void> } | null = null;
afterEach(async () => {
  await held.stopNow();
  await peer?.close();
  peer = null;
  expect(clock.pending, 'timers left after the stop').toBe(0);
});

async function hold(started: { readonly port: number; close(): Promise<void> }, overrides: Partial<PeerSettings>) {
  peer = started;
  clock = createFakeClock();
  const reconnect = { initialMs: 3_600_000, maxMs: 3_600_000 };
  settings = peerSettings(started.port, { reconnect, heartbeat: answeredHeartbeat(), ...overrides });
  held = await holdPeers([settings], { clock, random: () => 0.5 });
}

const OVER = {
  TCP: async (behave: Behave, overrides: Partial<PeerSettings> = {}) =>
    hold(await startPeer((socket) => behave(socket, socket)), overrides),
  'TLS 1.2': async (behave: Behave, overrides: Partial<PeerSettings> = {}) =>
    hold(await startTlsPeer({ behave, version: 'TLSv1.2' }), { tls: tlsSettings(), ...overrides }),
  'TLS 1.3': async (behave: Behave, overrides: Partial<PeerSettings> = {}) =>
    hold(await startTlsPeer({ behave, version: 'TLSv1.3' }), { tls: tlsSettings(), ...overrides }),
};

const silent: Behave = (stream) => void stream.resume();
/** Does this when the heartbeat has arrived. */
const onHeartbeat =
  (act: Behave): Behave =>
  (stream, raw) =>
    void stream.once('data', () => act(stream, raw)).resume();

const failures = () => held.all('connectFailed');
const connected = (n = 1) => until(clock, () => held.all('connected').length === n);
const failed = (stepMs = 0) => until(clock, () => failures().length === 1, stepMs);
/** The heartbeat is with the peer. */
const awaited = async (heard: { readonly bytes: number }): Promise<void> => until(clock, () => heard.bytes > 0);

/** A peer that counts what it hears, and answers when it is asked to. */
function answering(): {
  readonly behave: Behave;
  readonly heard: { bytes: number };
  /** Resolves when the kernel has it. */
  readonly answer: (bytes: string) => Promise<void>;
} {
  const streams: Duplex[] = [];
  const heard = { bytes: 0 };
  return {
    heard,
    behave(stream) {
      streams.push(stream);
      stream.on('data', (bytes: Buffer) => (heard.bytes += bytes.length));
    },
    answer: (bytes) => new Promise((resolve) => streams.at(-1)?.write(bytes, () => resolve())),
  };
}

describe.each(Object.entries(OVER))('an awaited first answer over %s', (_, over) => {
  test('is asked for once the stream stands; until it comes the peer is handshaking, and then established', async () => {
    const { behave, heard, answer } = answering();
    await over(behave);
    await awaited(heard);
    expect(heard.bytes).toBe(6);
    await pass(clock, 3000);
    expect(stateOf(held)).toBe('handshaking');
    expect(held.all('connected')).toEqual([]);
    await answer('+PONG\r\n');
    await connected();
    expect(stateOf(held)).toBe('established');
    const [event] = held.all('connected');
    expect(event?.timings.protocolMs).toBeCloseTo(3000, -2);
    expect(event?.timings.protocolStartedMs).toBeCloseTo(0, -2);
    expect(event?.timings.totalMs).toBeCloseTo(3000, -2);
  });

  test('has the timeout of the heartbeat, from the write, and not connect_timeout', async () => {
    await over(silent, { connectTimeoutMs: 1000 });
    await until(clock, () => stateOf(held) === 'handshaking');
    await pass(clock, 4940);
    expect(failures()).toEqual([]);
    await pass(clock, 100);
    expect(failures()).toMatchObject([{ phase: 'protocol', reason: 'timeout', failuresInARow: 1 }]);
    expect(failures()[0]?.timings).toMatchObject({ protocolStartedMs: expect.any(Number) as number });
    expect(failures()[0]?.timings).not.toHaveProperty('protocolMs');
  });

  test('counts in whatever pieces it comes, behind other bytes', async () => {
    const { behave, heard, answer } = answering();
    await over(behave);
    await awaited(heard);
    for (const piece of ['banner +P', 'ON', 'G\r\n']) {
      expect(held.all('connected')).toEqual([]);
      await answer(piece);
      await pass(clock, 40);
    }
    await connected();
  });

  test('begins age, idle wait and byte counters: what passed until then belongs to the attempt', async () => {
    const { behave, heard, answer } = answering();
    await over(behave, { idleTimeoutMs: 5000 });
    await awaited(heard);
    await pass(clock, 3000);
    await answer('+PONG and more in the same read');
    await connected();
    await pass(clock, 4960);
    expect(held.all('disconnected')).toEqual([]);
    await pass(clock, 80);
    const [end] = held.all('disconnected');
    expect(end).toMatchObject({ class: 'idle_timeout', reason: 'no_data', receivedBytes: 0, sentBytes: 0 });
    expect(end?.durationMs).toBeCloseTo(5000, -2);
    expect(end?.idleMs).toBeCloseTo(5000, -2);
    expect(held.all('traffic')).toEqual([]);
  });

  test('has the first round trip, reported once the connection is', async () => {
    const { behave, heard, answer } = answering();
    await over(behave);
    await awaited(heard);
    await pass(clock, 3000);
    await answer('+PONG\r\n');
    await connected();
    const [{ rttMs } = { rttMs: 0 }] = held.all('heartbeatAnswered');
    expect(rttMs).toBeCloseTo(3000, -2);
    const order = held.events.map(({ type }) => type);
    expect(order.indexOf('connected')).toBeLessThan(order.indexOf('heartbeatAnswered'));
  });

  test('is followed by the next heartbeat one wait, 9 s by chance, after the first was written', async () => {
    const { behave, heard, answer } = answering();
    await over(behave);
    await awaited(heard);
    await pass(clock, 4000);
    await answer('+PONG\r\n');
    await connected();
    await pass(clock, 4940);
    expect(heard.bytes).toBe(6);
    await pass(clock, 80);
    await until(clock, () => heard.bytes === 12);
  });

  test.each([
    {
      what: 'other bytes come',
      act: (stream: Duplex) => void stream.write('-ERR max number of clients reached\r\n'),
      names: { phase: 'protocol', reason: 'rejected' },
    },
    {
      what: 'the peer resets',
      act: (_: Duplex, raw: Socket) => void raw.resetAndDestroy(),
      names: { phase: 'protocol', reason: 'reset' },
    },
    {
      what: 'the peer sends FIN',
      act: (_: Duplex, raw: Socket) => void raw.end(),
      names: { phase: 'protocol', reason: 'eof' },
    },
    {
      what: 'the peer closes in order',
      act: (stream: Duplex) => void stream.end(),
      names: { phase: 'protocol', reason: 'eof' },
    },
    {
      what: 'the peer sends other bytes and a FIN',
      act: (stream: Duplex) => void stream.end('-ERR\r\n'),
      names: { phase: 'protocol', reason: 'eof' },
    },
  ])('where $what: $names.phase/$names.reason, and no connection', async ({ act, names }) => {
    await over(onHeartbeat(act));
    await failed(20);
    expect(failures()).toMatchObject([names]);
    expect(held.all('connected')).toEqual([]);
    expect(held.all('disconnected')).toEqual([]);
  });

  test('that the peer cannot have given, since it has not the whole heartbeat, is a timeout (needs Linux)', async ({
    skip,
  }) => {
    if (process.platform !== 'linux') skip();
    const heartbeat = answeredHeartbeat({ send: Buffer.alloc(32 * 1024 * 1024) });
    const deaf: Behave = (stream, raw) => {
      raw.pause();
      stream.pause();
      stream.write('pushed by a peer that does not read');
    };
    await over(deaf, { heartbeat });
    await failed(20);
    expect(failures()).toMatchObject([{ phase: 'protocol', reason: 'timeout' }]);
    expect(failures()[0]?.detail).toMatch(/not wholly acknowledged/);
  });

  test('that is not there at a stop: the peer sees a FIN first, and nothing is counted', async () => {
    const saw: string[] = [];
    const { behave, heard } = answering();
    await over((stream, raw) => {
      behave(stream, raw);
      raw.on('error', ({ message }) => saw.push(message));
      stream.on('end', () => {
        saw.push('end');
        stream.end();
      });
    });
    await awaited(heard);
    const stopped = held.stop();
    await until(clock, () => saw.length > 0); // time stands still: no drain of ours can end
    await stopped;
    expect(saw).toEqual(['end']);
    expect(stateOf(held)).toBe('stopped');
    expect([...held.all('connectFailed'), ...held.all('connected'), ...held.all('localClosed')]).toEqual([]);
  });
});

test('a first answer that lies in the kernel when the deadline passes is an answer; its round trip is not reported', async () => {
  const { behave, heard, answer } = answering();
  await OVER.TCP(behave);
  await awaited(heard);
  await answer('+PONG\r\n');
  clock.stall(6000);
  await connected();
  expect(failures()).toEqual([]);
  expect(held.all('heartbeatAnswered')).toEqual([]);
});

describe('a broken TLS stream in place of the first answer', () => {
  const overTls = async (options: TlsPeerOptions): Promise<void> =>
    hold(await startTlsPeer(options), { tls: tlsSettings() });

  test('a refusal of our certificate after the handshake of TLS 1.3 is tls/alert', async () => {
    await overTls({ version: 'TLSv1.3', requestCert: true, rejectUnauthorized: true });
    await failed(20);
    expect(failures()).toMatchObject([
      { phase: 'tls', reason: 'alert', errno: expect.stringMatching(/ALERT/) as string },
    ]);
    expect(failures()[0]?.timings, 'the handshake had been done').toHaveProperty('tlsMs');
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a record that nobody can read is tls/other (%s)', async (version) => {
    const record = Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20]), Buffer.alloc(32, 7)]);
    await overTls({ version, behave: onHeartbeat((_, raw) => void raw.write(record)) });
    await failed(20);
    expect(failures()).toMatchObject([{ phase: 'tls', reason: 'other' }]);
  });
});

describe('a reload', () => {
  const change = async (overrides: Partial<PeerSettings>): Promise<void> => {
    settings = { ...settings, ...overrides };
    expect(await held.fleet.apply(groupsOf([settings]))).toMatchObject({ changed: 1 });
  };

  test('never makes an established connection less than established: a new heartbeat that is not answered ends it', async () => {
    await OVER.TCP(silent, { heartbeat: null });
    await connected();
    await change({ heartbeat: answeredHeartbeat() });
    await pass(clock, 4960);
    expect(stateOf(held)).toBe('established');
    await pass(clock, 80);
    expect(held.all('disconnected')).toMatchObject([{ class: 'idle_timeout', reason: 'no_reply', sentBytes: 6 }]);
    expect(failures()).toEqual([]);
  });

  test('a new heartbeat that is answered goes on from there', async () => {
    const { behave, heard, answer } = answering();
    await OVER.TCP(behave, { heartbeat: null });
    await connected();
    await change({ heartbeat: answeredHeartbeat() });
    await awaited(heard);
    await answer('+PONG\r\n');
    await until(clock, () => held.all('heartbeatAnswered').length === 1);
    await pass(clock, 10_040);
    await until(clock, () => heard.bytes === 12);
    expect(held.all('disconnected')).toEqual([]);
  });

  test('lets an attempt under way go on with the heartbeat that it began with', async () => {
    const { behave, heard, answer } = answering();
    await OVER.TCP(behave);
    await awaited(heard);
    await change({ heartbeat: null });
    await pass(clock, 1000);
    expect(stateOf(held)).toBe('handshaking');
    await answer('+PONG\r\n');
    await connected();
    await pass(clock, 60_000);
    expect(heard.bytes, 'and the connection has the new settings').toBe(6);
    expect(held.all('disconnected')).toEqual([]);
  });

  test('a heartbeat that is new when the attempt has succeeded begins at once, beside the answer to the old one', async () => {
    const { behave, heard, answer } = answering();
    await OVER.TCP(behave);
    await awaited(heard);
    await change({ heartbeat: answeredHeartbeat({ send: Buffer.from('HELLO\r\n') }) });
    await answer('+PONG\r\n');
    await connected();
    await until(clock, () => heard.bytes === 6 + 7);
    expect(held.all('heartbeatAnswered')).toHaveLength(1);
  });
});

test('a peer that accepts and answers nothing is never established, and is tried less and less often', async () => {
  await OVER.TCP(silent, { reconnect: { initialMs: 1000, maxMs: 60_000 } });
  await until(clock, () => failures().length === 8, 20);
  expect(failures().map(({ retryInMs }) => retryInMs)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(new Set(failures().map(({ phase, reason }) => `${phase}/${reason}`))).toEqual(new Set(['protocol/timeout']));
  expect(held.all('connected')).toEqual([]);
});

test('a connection younger than 15 s, be it answered once, does not start the delays over', async () => {
  await OVER.TCP(answersOnce, {
    reconnect: { initialMs: 1000, maxMs: 60_000 },
    heartbeat: answeredHeartbeat({ intervalMs: 9000 }),
  });
  await until(clock, () => held.all('disconnected').length === 4, 20);
  expect(held.all('disconnected').map(({ reason, retryInMs }) => ({ reason, retryInMs }))).toEqual(
    [500, 1000, 2000, 4000].map((retryInMs) => ({ reason: 'no_reply', retryInMs })),
  );
});
