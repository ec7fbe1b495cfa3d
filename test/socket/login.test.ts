import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import type { LoginSettings } from '../../src/settings/protocol-settings.ts';
import { createFakeClock, type FakeClock, settled } from '../support/fake-clock.ts';
import { groupsOf, holdPeers, type HeldFleet } from '../support/held-fleet.ts';
import { type LoopbackPeer, startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import {
  errorMessage,
  mqttSettings,
  postgresMessage,
  postgresSettings,
  redisSettings,
} from '../support/protocol-samples.ts';
import { heldConnection, pass, until } from '../support/scenario.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';

const OK = postgresMessage('R', '\0\0\0\0');
const READY = postgresMessage('Z', 'I');
const SYNC = 'S\0\0\0\x04';
const TERMINATE = 'X\0\0\0\x04';
const SHUTDOWN = errorMessage('E', { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'words of the server' });

const POSTGRES: LoginSettings = { name: 'postgres', settings: postgresSettings() };
const REDIS: LoginSettings = { name: 'redis', settings: redisSettings() };
const heartbeat = (protocol: LoginSettings) => ({ protocol, intervalMs: 30_000, timeoutMs: 5000 });

type Script = { readonly [heard: string]: string };

/** A server that answers what contains a key of the script; `heard` has all that came. */
function scripted(script: Script, heard: string[] = []): (socket: Socket) => void {
  return (socket) => {
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      heard.push(text);
      const found = Object.entries(script).find(([key]) => text.includes(key));
      if (found !== undefined) socket.write(found[1], 'latin1');
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  };
}

const TRUSTING: Script = { 'user\0': OK + READY, [SYNC]: READY };

async function attempting(
  behave: (socket: Socket) => void,
  settings: Partial<PeerSettings>,
): Promise<{ clock: FakeClock; held: HeldFleet; peer: LoopbackPeer }> {
  const clock = createFakeClock();
  const peer = await startPeer(behave);
  const held = await holdPeers([peerSettings(peer.port, settings)], { clock, random: () => 1 });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
    expect(clock.pending, 'timers left after the stop').toBe(0);
  });
  return { clock, held, peer };
}

test('a login makes the connection established, and heartbeats keep it', async () => {
  const heard: string[] = [];
  const { clock, held } = await heldConnection(
    { protocol: POSTGRES, heartbeat: heartbeat(POSTGRES) },
    { behave: scripted(TRUSTING, heard) },
  );
  await pass(clock, 30_000);
  await until(clock, () => held.all('heartbeatAnswered').length === 1);
  expect(heard.slice(1)).toEqual([SYNC]);
  expect(held.all('groupAdded')[0]?.goodbyes?.held).toContain('admin_shutdown');
});

test.each([
  ['twice the interval of the heartbeat', 60],
  ['none, where no heartbeat is sent', 0],
])('a session that tells the peer how long it may be silent says %s', async (_, seconds) => {
  const heard: string[] = [];
  const mqtt: LoginSettings = { name: 'mqtt', settings: mqttSettings() };
  await heldConnection(
    { protocol: mqtt, heartbeat: seconds === 0 ? null : heartbeat(mqtt) },
    { behave: scripted({ MQTT: '\x20\x02\0\0' }, heard) },
  );
  expect(heard[0]?.slice(10, 12)).toBe(`\0${String.fromCharCode(seconds)}`);
});

test('a reload that changes the times of its heartbeats leaves the login as it is', async () => {
  const heard: string[] = [];
  const { clock, held, peer } = await attempting(scripted(TRUSTING, heard), {
    protocol: POSTGRES,
    heartbeat: heartbeat(POSTGRES),
  });
  await until(clock, () => held.all('connected').length === 1);
  const sooner = { ...heartbeat(POSTGRES), intervalMs: 10_000 };
  await held.fleet.apply(groupsOf([peerSettings(peer.port, { protocol: POSTGRES, heartbeat: sooner })]));
  await pass(clock, 10_000);
  await until(clock, () => held.all('heartbeatAnswered').length === 1);
  expect([heard.slice(1), held.all('connected').length]).toEqual([[SYNC], 1]);
});

test('with heartbeats off it logs in, stays silent, and hears a goodbye', async () => {
  const heard: string[] = [];
  const { clock, remote, ended } = await heldConnection({ protocol: POSTGRES }, { behave: scripted(TRUSTING, heard) });
  await pass(clock, 60_000);
  expect(heard).toHaveLength(1);
  await remote.write(SHUTDOWN);
  await remote.end();
  expect(await ended.event).toMatchObject({
    class: 'eof',
    reason: 'fin',
    goodbye: 'admin_shutdown',
    goodbyeCode: '57P01',
    initiator: 'remote',
  });
});

test('a goodbye before a reset explains it, and changes no reason', async () => {
  const { remote, ended } = await heldConnection({ protocol: POSTGRES }, { behave: scripted(TRUSTING) });
  await remote.write(SHUTDOWN);
  remote.socket.resetAndDestroy();
  expect(await ended.event).toMatchObject({ class: 'error', reason: 'reset', goodbye: 'admin_shutdown' });
});

test('a peer that says goodbye and does not close is left after 5 s, and the words are no payload', async () => {
  const { clock, remote, ended } = await heldConnection(
    { protocol: POSTGRES, heartbeat: heartbeat(POSTGRES) },
    { behave: scripted(TRUSTING) },
  );
  await pass(clock, 2000);
  await remote.write(SHUTDOWN);
  await pass(clock, 4800);
  expect(ended.settled).toBe(false);
  await pass(clock, 400);
  const event = await ended.event;
  expect(event).toMatchObject({ class: 'eof', reason: 'goodbye', goodbye: 'admin_shutdown', initiator: 'remote' });
  expect(event.idleMs).toBe(event.durationMs);
  expect(event.quietMs).toBe(event.durationMs);
});

test('held, what is not of the protocol ends it at once', async () => {
  const { remote, ended } = await heldConnection({ protocol: REDIS }, { behave: scripted({ PING: '+PONG\r\n' }) });
  await remote.write('HTTP/1.1 400 Bad Request\r\n');
  expect(await ended.event).toMatchObject({
    class: 'error',
    reason: 'protocol',
    detail: 'expected answers of Redis; the peer speaks HTTP',
  });
});

test('where we end it our farewell goes first, then the FIN', async () => {
  const heard: string[] = [];
  const { held } = await heldConnection({ protocol: POSTGRES }, { behave: scripted(TRUSTING, heard) });
  await held.stop();
  expect(heard.at(-1)).toBe(TERMINATE);
  expect(held.all('localClosed')).toMatchObject([{ reason: 'shutdown' }]);
});

test.each([
  ['and closes', (socket: Socket) => socket.end()],
  ['and resets', (socket: Socket) => socket.resetAndDestroy()],
  ['and stays', () => {}],
])('a refused login is protocol/rejected with what the server said, where it says so %s', async (_, then) => {
  const { clock, held } = await attempting(
    (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write('-ERR max number of clients reached\r\n', () => then(socket)));
    },
    { protocol: REDIS },
  );
  await until(clock, () => held.all('connectFailed').length > 0);
  expect(held.all('connectFailed')[0]).toMatchObject({
    phase: 'protocol',
    reason: 'rejected',
    goodbye: 'too_many_connections',
    failuresInARow: 1,
  });
  expect(held.all('connected')).toEqual([]);
});

test.each([
  ['FIN', (socket: Socket) => socket.end(), 'eof'],
  ['RST', (socket: Socket) => socket.resetAndDestroy(), 'reset'],
])('%s in the login is protocol/%s, without a goodbye', async (_, act, reason) => {
  const { clock, held } = await attempting(
    (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => act(socket));
    },
    { protocol: POSTGRES },
  );
  await until(clock, () => held.all('connectFailed').length > 0);
  expect(held.all('connectFailed')[0]).toMatchObject({ phase: 'protocol', reason });
  expect(held.all('connectFailed')[0]).not.toHaveProperty('goodbye');
});

test('a login that is not done within connect_timeout is protocol/timeout', async () => {
  const { clock, held } = await attempting((socket) => void socket.resume(), { protocol: POSTGRES });
  await until(clock, () => held.all('stateEntered').some(({ state }) => state === 'handshaking'));
  await pass(clock, 5100);
  expect(held.all('connectFailed')).toMatchObject([{ phase: 'protocol', reason: 'timeout' }]);
});

test('what is not the protocol is protocol/other, and says what it looks like', async () => {
  const { clock, held } = await attempting(scripted({ 'user\0': 'HTTP/1.1 400 Bad Request\r\n\r\n' }), {
    protocol: POSTGRES,
  });
  await until(clock, () => held.all('connectFailed').length > 0);
  expect(held.all('connectFailed')[0]).toMatchObject({
    phase: 'protocol',
    reason: 'other',
    goodbye: 'protocol_error',
    detail: 'expected messages of PostgreSQL; the peer speaks HTTP',
  });
});

test('an unreadable password file fails the attempt before it connects, and names the file', async () => {
  const protocol: LoginSettings = { name: 'redis', settings: redisSettings({ passwordFile: '/nonexistent/pw' }) };
  const { clock, held } = await attempting(scripted({}), { protocol });
  await until(clock, () => held.all('connectFailed').length > 0);
  expect(held.all('connectFailed')[0]).toMatchObject({
    phase: 'protocol',
    reason: 'other',
    tried: [],
    detail: 'cannot read /nonexistent/pw: it does not exist',
  });
});

test('a goodbye in the same piece as the end of the login counts', async () => {
  const { clock, held } = await attempting(scripted({ 'user\0': OK + READY + SHUTDOWN }), {
    protocol: POSTGRES,
    reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 },
  });
  await until(clock, () => held.all('connected').length > 0);
  await pass(clock, 5100);
  expect(held.all('disconnected')).toMatchObject([{ reason: 'goodbye', goodbye: 'admin_shutdown' }]);
});

test('a refusal that repetition makes worse waits a minute, then two, and another word begins anew', async () => {
  const lines = ['-WRONGPASS x', '-WRONGPASS x', '-NOAUTH x', '-LOADING x'];
  const { clock, held } = await attempting(
    (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`${lines.shift()}\r\n`));
    },
    { protocol: REDIS, reconnect: { initialMs: 1000, maxMs: 10_000 } },
  );
  const waits = (): number[] => held.all('connectFailed').map(({ retryInMs }) => retryInMs);
  for (let n = 1; n <= 4; n++) {
    await until(clock, () => waits().length === n, n === 1 ? 0 : 100);
  }
  // Random is 1: the whole of each ceiling; -LOADING is an ordinary failure, the fourth in a row.
  expect(waits()).toEqual([60_000, 120_000, 60_000, 8000]);
});

/** Much time passes; whatever comes due has what it takes to run its sockets to their end. */
async function passMuch(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 5000) {
    clock.advance(Math.min(5000, left));
    for (let turns = 0; turns < 10; turns++) await settled();
  }
}

test('100 peers with one wrong password try it at most 3 times in the first minute, then once a minute at most', async () => {
  let attempts = 0;
  const clock = createFakeClock();
  const peer = await startPeer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      attempts += 1;
      socket.end('-WRONGPASS invalid username-password pair\r\n');
    });
  });
  const protocol: LoginSettings = { name: 'redis', settings: redisSettings({ passwordFile: '/run/pw' }) };
  const peers = Array.from({ length: 100 }, (_, i) => ({
    ...peerSettings(peer.port, { protocol }),
    host: '127.0.0.1',
    peer: `127.0.1.${i + 1}:${peer.port}`,
  }));
  const held = await holdPeers(peers, {
    clock,
    random: () => 0, // the shortest waits that can be
    readFile: async () => ({ kind: 'read', bytes: Buffer.from('wrong\n') }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  await until(clock, () => held.all('connectFailed').length === 2, 1);
  for (let s = 0; s < 60; s++) {
    await pass(clock, 1000);
  }
  expect(attempts).toBeGreaterThanOrEqual(2);
  expect(attempts).toBeLessThanOrEqual(3);
  for (let minutes = 10; minutes <= 60; minutes += 10) {
    const before = attempts;
    await passMuch(clock, 600_000);
    expect(attempts - before, `in the 10 minutes before minute ${minutes}`).toBeLessThanOrEqual(10);
  }
  expect(attempts).toBeGreaterThan(4);
});

test('one peer of 100 that lacks the account, however often it was refused, keeps no other from coming back', async () => {
  const clock = createFakeClock();
  const taking = await startPeer(scripted({ PING: '+OK\r\n+PONG\r\n' }));
  let refusals = 0;
  const lacking = await startPeer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('-WRONGPASS invalid username-password pair\r\n', () => (refusals += 1)));
  });
  const protocol: LoginSettings = { name: 'redis', settings: redisSettings({ passwordFile: '/run/pw' }) };
  const peers = Array.from({ length: 100 }, (_, i) => {
    const { port } = i === 50 ? lacking : taking;
    return { ...peerSettings(port, { protocol }), host: '127.0.0.1', peer: `127.0.1.${i + 1}:${port}` };
  });
  const held = await holdPeers(peers, {
    clock,
    random: () => 0.5,
    readFile: async () => ({ kind: 'read', bytes: Buffer.from('right\n') }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    await Promise.all([taking.close(), lacking.close()]);
  });
  await until(clock, () => held.all('connected').length === 99 && refusals === 1, 20);
  await passMuch(clock, 600_000);
  expect(refusals).toBeGreaterThanOrEqual(3);

  const blipAt = clock.monotonic();
  for (const socket of taking.sockets) socket.destroy();
  await until(clock, () => held.all('connected').length === 198, 20);
  expect(clock.monotonic() - blipAt).toBeLessThan(10_000);
  expect(held.all('disconnected')).toHaveLength(99);
});

test('a changed password file ends the wait, and an accepted login lets all others go', async () => {
  let password = 'wrong';
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const right = digest('right');
  const clock = createFakeClock();
  const peer = await startPeer((socket) => {
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('data', (bytes: Buffer) => {
      const [, , , , given = ''] = bytes.toString().split('\r\n');
      socket.write(digest(given) === right ? '+OK\r\n+PONG\r\n' : '-WRONGPASS x\r\n');
    });
  });
  const protocol: LoginSettings = { name: 'redis', settings: redisSettings({ passwordFile: '/run/pw' }) };
  const peers = [1, 2, 3, 4].map((i) => ({
    ...peerSettings(peer.port, { protocol }),
    host: '127.0.0.1',
    peer: `127.0.1.${i}:${peer.port}`,
  }));
  const held = await holdPeers(peers, {
    clock,
    random: () => 0.5,
    readFile: async () => ({ kind: 'read', bytes: Buffer.from(`${password}\n`) }),
  });
  onTestFinished(async () => {
    await held.stopNow();
    await peer.close();
  });
  await until(clock, () => held.all('connectFailed').length === 2, 1);
  await pass(clock, 16_000); // the file is looked at, and is the same
  expect(held.all('connectFailed')).toHaveLength(2);
  password = 'right';
  await pass(clock, 16_000);
  await until(clock, () => held.all('connected').length === 4, 20);
});

test('a connection that ends with the bytes behind its login leaves no watch of its certificate', async () => {
  const clock = createFakeClock();
  const peer = await startTlsPeer({
    behave: (socket) => void socket.once('data', () => socket.write('+PONG\r\nHTTP/1.1 400 Bad Request\r\n')),
  });
  const settings = { protocol: REDIS, tls: tlsSettings(), reconnect: { initialMs: 3_600_000, maxMs: 3_600_000 } };
  const held = await holdPeers([peerSettings(peer.port, settings)], { clock, random: () => 0.5 });
  await until(clock, () => held.all('disconnected').length === 1);
  await held.stopNow();
  await peer.close();
  expect(held.all('disconnected')).toMatchObject([{ class: 'error', reason: 'protocol' }]);
  expect(clock.pending, 'timers left after the stop').toBe(0);
});
