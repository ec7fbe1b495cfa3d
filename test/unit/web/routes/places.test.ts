import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startWeb, type WebUnderTest } from '../../../support/web-under-test.ts';

/** More than the buffers of loopback hold, so that an answer that is not read stays under way. */
const LONG = `${'# a comment\n'.repeat(2_000_000)}groups: []\n`;

/** A client that asks and does not read, once its answer has begun. */
async function unread(web: WebUnderTest) {
  const client = connect(Number(web.addresses[0]?.split(':').at(-1)), '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.on('error', () => undefined);
  client.write('GET /config HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((resolve) => void client.once('readable', () => resolve(client.read(1))));
  return client;
}

test('eight answers of JSON and pages at once, a ninth is 503; scrapes, probes and reloads need none of these places', async () => {
  await using web = await startWeb({ functions: { configText: () => LONG }, settings: { enableLifecycle: true } });
  const clients = await Promise.all(Array.from({ length: 8 }, () => unread(web)));
  for (const path of ['/config', '/api/v1/peers', '/api/v1/events', '/']) {
    const refused = await web.get(path);
    expect({ path, status: refused.status, after: refused.headers['retry-after'] }).toEqual({
      path,
      status: 503,
      after: '1',
    });
    expect(refused.text).toBe('8 answers are under way already; try again in a second\n');
  }
  for (const path of ['/metrics', '/-/healthy', '/-/ready']) expect((await web.get(path)).status).toBe(200);
  expect((await web.get('/-/reload', { method: 'POST' })).status).toBe(200);
  clients[0]?.destroy();
  await expect.poll(async () => (await web.get('/api/v1/peers')).status).toBe(200);
});

test('an answer that is not read loses its connection after a minute, and its place is free', async () => {
  await using web = await startWeb({ functions: { configText: () => LONG } });
  const clients = await Promise.all(Array.from({ length: 8 }, () => unread(web)));
  web.clock.advance(59_999);
  expect((await web.get('/')).status).toBe(503);
  web.clock.advance(1);
  await expect.poll(async () => (await web.get('/')).status).toBe(200);
  for (const client of clients) client.destroy();
});
