import { connect } from 'node:net';
import { once } from 'node:events';
import bcrypt from 'bcryptjs';
import { expect, test } from 'vitest';
import type { ConnectionEvent } from '../../../../src/domain/events/connection-events.ts';
import { readStream, type StreamMessage } from '../../../support/stream-reader.ts';
import {
  connectedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../../support/sample-finrst-events.ts';
import { startWeb, type WebUnderTest } from '../../../support/web-under-test.ts';

const STREAM = '/api/v1/events/stream';

const open = async (web: WebUnderTest, query = '', headers: Readonly<Record<string, string>> = {}) => {
  const reader = await readStream(web.addresses[0] ?? '', STREAM + query, { headers });
  if (reader.response.statusCode === 200) await reader.untilText(/^id: \d+\n\n/m);
  return reader;
};
const idsOf = (messages: readonly StreamMessage[]) => messages.map(({ id }) => Number(id));
const inGroup = <T extends ConnectionEvent>(event: T, group: string): T => ({
  ...event,
  peer: { ...event.peer, group },
});
const times = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
const outcomes = (web: WebUnderTest) =>
  web.published.map((event) => (event.type === 'streamEnded' ? event.outcome : ''));
const overWith = async (web: WebUnderTest, count: number) => {
  while (web.published.length < count) await new Promise((resolve) => setImmediate(resolve));
  return outcomes(web);
};

test('an event is the message that /api/v1/events has, with its id, and nothing that came before is told', async () => {
  await using web = await startWeb({ events: [connectedEvent] });
  using reader = await open(web);
  expect(reader.response.headers['content-type']).toBe('text/event-stream');
  expect(reader.response.headers['cache-control']).toBe('no-store');
  web.publish(disconnectedEvent);
  const [message] = await reader.until(1);
  const { events } = JSON.parse((await web.get('/api/v1/events?limit=1')).text) as { events: readonly unknown[] };
  expect(message).toEqual({ event: 'message', id: '2', data: events[0] });
});

test('incidents are among the events', async () => {
  await using web = await startWeb();
  using reader = await open(web, '?group=payments-redis');
  web.publish(incidentEvent);
  const { id, sentence } = incidentEvent;
  const data = { type: 'incident', group: 'payments-redis', incident: id, state: 'running', sentence };
  expect((await reader.until(1))[0]?.data).toMatchObject(data);
});

test.each([
  { query: '?group=b', ids: [2, 3, 6] },
  { query: '?class=error', ids: [3, 4] },
  { query: '?group=b&class=error', ids: [3] },
  { query: '?peer=nobody%3A1', ids: [] },
])('$query lets $ids pass, live and missed', async ({ query, ids }) => {
  const events = [
    connectedEvent,
    inGroup(connectedEvent, 'b'),
    inGroup(disconnectedEvent, 'b'),
    disconnectedEvent,
    localClosedEvent,
    inGroup(localClosedEvent, 'b'),
  ];
  await using web = await startWeb();
  using reader = await open(web, query);
  events.forEach(web.publish);
  expect(idsOf(await reader.until(ids.length))).toEqual(ids);
  using late = await open(web, `${query}&since_id=0`);
  expect(idsOf(late.messages())).toEqual(ids);
});

test('what was missed comes first, once and in order, though events come meanwhile', async () => {
  await using web = await startWeb({ events: times(300, connectedEvent) });
  const opening = open(web, '?since_id=200');
  for (let i = 0; i < 20; i++) {
    web.publish(disconnectedEvent);
    await new Promise((resolve) => setImmediate(resolve));
  }
  using reader = await opening;
  web.clock.advance(250);
  web.publish(localClosedEvent);
  web.clock.advance(250);
  expect(idsOf(await reader.until(121))).toEqual(Array.from({ length: 121 }, (_, i) => 201 + i));
});

test('who comes while events wait for each other gets them once', async () => {
  await using web = await startWeb();
  using first = await open(web);
  web.publish(connectedEvent);
  await first.until(1);
  web.publish(disconnectedEvent);
  using second = await open(web, '?since_id=0');
  web.clock.advance(250);
  web.publish(localClosedEvent);
  web.clock.advance(250);
  for (const reader of [first, second]) expect(idsOf(await reader.until(3))).toEqual([1, 2, 3]);
});

test('Last-Event-ID wins over since_id', async () => {
  await using web = await startWeb({ events: times(10, connectedEvent) });
  using reader = await open(web, '?since_id=2', { 'Last-Event-ID': '8' });
  expect(idsOf(reader.messages())).toEqual([9, 10]);
});

test('where what came after the event is forgotten, or it is of another run, a gap comes first', async () => {
  await using web = await startWeb({ events: [disconnectedEvent, ...times(1500, connectedEvent)] });
  using old = await open(web, '?since_id=0');
  const [gap, abnormal, next, ...others] = old.messages();
  expect(gap).toEqual({ event: 'gap', data: { gap: true } });
  expect([abnormal?.id, next?.id, others.at(-1)?.id, others.length]).toEqual(['1', '502', '1501', 999]);
  using other = await open(web, '', { 'Last-Event-ID': '9000' });
  expect(other.messages()).toEqual([{ event: 'gap', data: { gap: true } }]);
  expect(other.text()).toContain('\nid: 1501\n\n');
  using none = await open(web, '?since_id=501');
  expect(none.messages()[0]).toMatchObject({ event: 'message', id: '502' });
});

test('more than 500 at once are one message of counts for each that wants some of them', async () => {
  await using web = await startWeb();
  using all = await open(web);
  using some = await open(web, '?group=b&class=error');
  using none = await open(web, '?group=c');
  [...times(400, disconnectedEvent), ...times(100, connectedEvent), inGroup(disconnectedEvent, 'b')].forEach(
    web.publish,
  );
  const data = { events: 501, types: { disconnected: 401, connected: 100 }, classes: { error: 401 }, groups: 2 };
  expect(await all.until(1)).toEqual([{ event: 'burst', id: '501', data }]);
  expect((await some.until(1))[0]?.data).toEqual({
    events: 1,
    types: { disconnected: 1 },
    classes: { error: 1 },
    groups: 1,
  });
  web.clock.advance(250);
  web.publish(inGroup(connectedEvent, 'c'));
  expect(idsOf(await none.until(1))).toEqual([502]);
});

test('what comes behind too many is told one by one, and the next that are too many have counts of their own', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  times(501, connectedEvent).forEach(web.publish);
  await reader.until(1);
  web.publish(disconnectedEvent);
  web.clock.advance(250);
  await reader.until(2);
  [...times(502, disconnectedEvent), explainedEvent].forEach(web.publish);
  web.clock.advance(250);
  const messages = (await reader.until(3)).map(({ event, id }) => [event, id]);
  expect(messages).toEqual([
    ['burst', '501'],
    ['message', '502'],
    ['burst', '1005'],
  ]);
  expect(reader.messages()[2]?.data).toEqual({
    events: 503,
    types: { disconnected: 502, explained: 1 },
    classes: { error: 502 },
    groups: 1,
  });
});

test('a comment puts no event off', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  web.clock.advance(15_000);
  web.publish(connectedEvent);
  expect(idsOf(await reader.until(1))).toEqual([1]);
});

test('500 at once are 500 messages', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  times(500, connectedEvent).forEach(web.publish);
  expect(await reader.until(500)).toHaveLength(500);
});

test('those that come right behind one wait for each other', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  web.publish(connectedEvent);
  await reader.until(1);
  web.publish(disconnectedEvent);
  web.clock.advance(249);
  await new Promise((resolve) => setImmediate(resolve));
  expect(reader.messages()).toHaveLength(1);
  web.clock.advance(1);
  expect(idsOf(await reader.until(2))).toEqual([1, 2]);
});

test('a comment every 15 s keeps the stream alive and moves the place, also past what the filter leaves out', async () => {
  await using web = await startWeb();
  using reader = await open(web, '?group=b');
  times(3, connectedEvent).forEach(web.publish);
  web.clock.advance(15_000);
  await reader.untilText(/^: still here\nid: 3\n\n/m);
  web.clock.advance(15_000);
  await reader.untilText(/(: still here\nid: 3\n\n.*){2}/s);
  expect(reader.messages()).toEqual([]);
});

/** A reader whose kernel takes a little and who reads nothing. */
async function openDeaf(web: WebUnderTest, query = '') {
  const { port } = new URL(`http://${web.addresses[0]}`);
  const socket = connect({ port: Number(port), host: '127.0.0.1' }).pause();
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(`GET ${STREAM}${query} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return socket;
}

const long = { ...connectedEvent, peer: { ...connectedEvent.peer, labels: { note: 'x'.repeat(20_000) } } };

test('a reader that does not read is dropped with a gap and counted, and the others have every event', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  const deaf = await openDeaf(web);
  await new Promise((resolve) => setTimeout(resolve, 20));
  let sent = 0;
  while (sent < 900 && web.published.length === 0) {
    for (let i = 0; i < 30; i++, sent++) web.publish(long);
    web.clock.advance(250);
    await reader.until(sent);
    web.clock.advance(4000);
  }
  expect(await overWith(web, 1)).toEqual(['slow']);
  expect(idsOf(await reader.until(sent))).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
  deaf.destroy();
});

test('a comment right behind more than a slow reader may owe drops nobody', async () => {
  await using web = await startWeb();
  using reader = await open(web);
  web.clock.advance(14_900);
  web.publish(connectedEvent);
  await reader.until(1);
  times(30, long).forEach(web.publish);
  web.clock.advance(100);
  await reader.untilText(/: still here/);
  expect(idsOf(reader.messages())).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
  expect(outcomes(web)).toEqual([]);
});

test('a reader that goes away is forgotten, and its place is free', async () => {
  await using web = await startWeb();
  const readers = await Promise.all(times(32, web).map((each) => open(each)));
  using refused = await open(web);
  expect(refused.response.statusCode).toBe(503);
  expect(refused.response.headers['retry-after']).toBe('1');
  readers[0]?.[Symbol.dispose]();
  expect(await overWith(web, 2)).toEqual(['rejected', 'closed']);
  using next = await open(web);
  web.publish(disconnectedEvent);
  await Promise.all([...readers.slice(1), next].map((reader) => reader.until(1)));
  for (const reader of readers) reader[Symbol.dispose]();
});

test('20 streams leave the places of other answers alone', async () => {
  await using web = await startWeb();
  const readers = await Promise.all(times(20, web).map((each) => open(each)));
  expect((await web.get('/api/v1/peers')).status).toBe(200);
  expect((await web.get('/metrics')).status).toBe(200);
  for (const reader of readers) reader[Symbol.dispose]();
});

test('when the server stops streams end at once and in order, with what was waiting', async () => {
  const web = await startWeb();
  using reader = await open(web);
  web.publish(connectedEvent);
  await web.stop(60_000);
  expect(await reader.ended).toBe('in order');
  expect(idsOf(reader.messages())).toEqual([1]);
  expect(web.clock.pending).toBe(0);
});

test('with passwords a stream asks for one, as everything does', async () => {
  const users = { ops: bcrypt.hashSync('secret', 4) };
  const config = { tls: null, users, headers: { 'X-Team': 'sre' }, rateLimit: null };
  await using web = await startWeb({ loadWebConfig: () => ({ kind: 'loaded', web: config, warnings: [] }) });
  using refused = await open(web);
  expect(refused.response.statusCode).toBe(401);
  using reader = await open(web, '', { authorization: `Basic ${Buffer.from('ops:secret').toString('base64')}` });
  expect(reader.response.headers['x-team']).toBe('sre');
  web.publish(connectedEvent);
  expect(idsOf(await reader.until(1))).toEqual([1]);
});

test.each(['?limit=5', '?since_id=x', '?class=bad', '?group=', '?grop=a'])('%s is refused', async (query) => {
  await using web = await startWeb();
  const answer = await web.get(STREAM + query);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toHaveProperty('error');
});

test('a Last-Event-ID that is none is refused', async () => {
  await using web = await startWeb();
  const answer = await web.get(STREAM, { headers: { 'Last-Event-ID': 'yesterday' } });
  expect(JSON.parse(answer.text)).toEqual({ error: 'Last-Event-ID "yesterday": expected the id of an event' });
});

test('HEAD has the headers and takes no place, POST is not allowed', async () => {
  await using web = await startWeb();
  for (let i = 0; i < 40; i++) {
    expect(await web.get(STREAM, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  }
  expect((await web.get(STREAM, { method: 'POST' })).status).toBe(405);
});

test('connections of applications that come and go in order are one message a second, with their groups', async () => {
  await using web = await startWeb();
  using all = await open(web);
  using other = await open(web, '?group=b');
  using errors = await open(web, '?class=error');
  const quiet = [observedConnectedEvent, observedFinEvent];
  for (let i = 0; i < 9000; i++) quiet.forEach(web.publish);
  web.publish(observedErrorEvent);
  web.clock.advance(0);
  const group = observedErrorEvent.peer.group;
  const both = await all.until(2);
  expect(both).toHaveLength(2);
  expect(both).toContainEqual({ event: 'observed', data: { groups: [group] } });
  expect(both).toContainEqual(expect.objectContaining({ id: '18001', event: 'message' }));
  web.clock.advance(900);
  quiet.forEach(web.publish);
  web.clock.advance(50);
  web.publish(localClosedEvent);
  web.clock.advance(49);
  expect((await all.until(3))[2]).toMatchObject({ event: 'message', data: { type: 'local_closed' } });
  web.clock.advance(1);
  expect((await all.until(4))[3]).toMatchObject({ event: 'observed', data: { groups: [group] } });
  web.publish({ ...disconnectedEvent, peer: { ...disconnectedEvent.peer, group: 'b' } });
  web.clock.advance(250);
  expect((await other.until(1)).map(({ event }) => event)).toEqual(['message']);
  expect((await errors.until(2)).map(({ event }) => event)).toEqual(['message', 'message']);
});

test('who asks for their type gets each of them, in numbers their counts, and what is ours beside them', async () => {
  await using web = await startWeb();
  using reader = await open(web, '?type=observed_connected');
  using ours = await open(web);
  web.publish(observedConnectedEvent);
  expect((await reader.until(1))[0]).toMatchObject({ id: '1', data: { type: 'observed_connected' } });
  web.clock.advance(250);
  times(501, observedConnectedEvent).forEach(web.publish);
  web.publish(disconnectedEvent);
  web.clock.advance(250);
  expect((await reader.until(2))[1]).toMatchObject({
    event: 'burst',
    id: '502',
    data: { events: 501, types: { observed_connected: 501 } },
  });
  const messages = (await ours.until(2)).filter(({ event }) => event !== 'observed');
  expect(messages).toMatchObject([{ id: '503', event: 'message', data: { type: 'disconnected' } }]);
});

test('a reader that comes again gets the errors that it missed, and none of what came in order', async () => {
  const events = [connectedEvent, observedConnectedEvent, observedErrorEvent, observedFinEvent, disconnectedEvent];
  await using web = await startWeb({ events });
  using reader = await open(web, '', { 'Last-Event-ID': '1' });
  expect(idsOf(await reader.until(2))).toEqual([3, 5]);
  using all = await open(web, '?type=observed_ended', { 'Last-Event-ID': '1' });
  expect(idsOf(await all.until(2))).toEqual([3, 4]);
});

test('too many that are quiet leave those beside them single', async () => {
  await using web = await startWeb();
  using reader = await open(web, '?type=observed_ended');
  [observedErrorEvent, ...times(501, observedFinEvent), observedErrorEvent].forEach(web.publish);
  const [first, second, burst] = await reader.until(3);
  expect([first, second]).toMatchObject([
    { event: 'message', id: '1' },
    { event: 'message', id: '503' },
  ]);
  expect(burst).toMatchObject({ event: 'burst', id: '503', data: { events: 501, classes: { eof: 501 } } });
});
