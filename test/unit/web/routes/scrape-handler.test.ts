import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseOpenMetrics, parseTextFormat } from '../../../support/exposition-parser.ts';
import { fullLife } from '../../../support/metrics-docs.ts';
import { startWeb, type WebUnderTest } from '../../../support/web-under-test.ts';

const events = fullLife({ tls: true, expectsAnswer: true });
const outcomes = (web: WebUnderTest) =>
  web.published.map((event) => (event.type === 'warned' ? event.message : event.outcome));

/** An exposition that gives one piece and then waits until it is told to go on. */
type Stalled = {
  readonly render: () => AsyncIterable<string>;
  readonly begun: Promise<void>;
  readonly goOn: () => void;
};

function stalled(): Stalled {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  return {
    async *render() {
      yield 'finrst_peer_up 1\n';
      begun.resolve();
      await gate.promise;
      yield 'finrst_peer_up 2\n';
    },
    begun: begun.promise,
    goOn: () => gate.resolve(),
  };
}

describe('a scrape', () => {
  test.each([
    { accept: 'text/plain', parse: parseTextFormat, type: 'text/plain; version=0.0.4; charset=utf-8' },
    {
      accept: 'application/openmetrics-text;version=1.0.0',
      parse: parseOpenMetrics,
      type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    },
  ])('that accepts $accept gets it, plain and compressed', async ({ accept, parse, type }) => {
    await using web = await startWeb({ events });
    const plain = await web.get('/metrics', { headers: { accept } });
    expect(plain.headers).toMatchObject({ 'content-type': type, vary: 'Accept, Accept-Encoding' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(parse(plain.text).has('finrst_peer_up')).toBe(true);
    const gzip = await web.get('/metrics', { headers: { accept, 'accept-encoding': 'gzip' } });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gzip.body.length).toBeLessThan(plain.body.length / 3);
    expect(parse(gunzipSync(gzip.body).toString()).has('finrst_peer_up')).toBe(true);
  });

  test.each([
    { header: undefined, encoding: undefined },
    { header: '', encoding: undefined },
    { header: 'gzip', encoding: 'gzip' },
    { header: 'GZIP', encoding: 'gzip' },
    { header: 'deflate, gzip;q=0.5, br', encoding: 'gzip' },
    { header: 'gzip;q=0', encoding: undefined },
    { header: 'gzip;q=0, *', encoding: undefined },
    { header: '*', encoding: 'gzip' },
    { header: '*;q=0', encoding: undefined },
    { header: 'identity', encoding: undefined },
    { header: 'br', encoding: undefined },
  ])('with Accept-Encoding $header is encoded as $encoding', async ({ header, encoding }) => {
    await using web = await startWeb();
    const headers = header === undefined ? {} : { 'accept-encoding': header };
    for (const path of ['/metrics', '/api/v1/peers'])
      expect((await web.get(path, { headers })).headers['content-encoding']).toBe(encoding);
  });

  test('is reported as ok once its last byte is out', async () => {
    await using web = await startWeb();
    await web.get('/metrics');
    await web.get('/metrics', { method: 'HEAD' });
    expect(outcomes(web)).toEqual(['ok']);
  });

  test('is cut half a second before the scraper would give up, and reported as aborted', async () => {
    const { render, begun, goOn } = stalled();
    await using web = await startWeb({ functions: { render } });
    const answer = web.get('/metrics', { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '10' } });
    const cut = answer.then(
      () => 'whole',
      () => 'cut',
    );
    await begun;
    web.clock.advance(9499);
    expect(outcomes(web)).toEqual([]);
    web.clock.advance(1);
    expect(await cut).toBe('cut');
    goOn();
    await expect.poll(() => outcomes(web)).toEqual(['aborted']);
  });

  test.each(['', 'soon', '-1', '0', 'NaN'])('with the timeout "%s" has a minute', async (timeout) => {
    const { render, begun, goOn } = stalled();
    await using web = await startWeb({ functions: { render } });
    const answer = web.get('/metrics', { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': timeout } });
    await begun;
    web.clock.advance(59_999);
    goOn();
    expect((await answer).text).toBe('finrst_peer_up 1\nfinrst_peer_up 2\n');
  });

  test('whose client went away is reported as aborted', async () => {
    const { render, begun, goOn } = stalled();
    await using web = await startWeb({ functions: { render } });
    const port = Number(web.addresses[0]?.split(':').at(-1));
    const client = connect(port, '127.0.0.1');
    client.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
    await begun;
    client.destroy();
    // Answered after the server has read the end of the first connection, which came before this one.
    await web.get('/-/healthy');
    goOn();
    await expect.poll(() => outcomes(web)).toEqual(['aborted']);
  });

  test('that nobody reads makes no more than the socket takes', async () => {
    let made = 0;
    async function* endless(): AsyncIterable<string> {
      for (;;) {
        made++;
        yield 'x'.repeat(64 * 1024);
        await new Promise((resolve) => void setImmediate(resolve));
      }
    }
    await using web = await startWeb({ functions: { render: endless } });
    const port = Number(web.addresses[0]?.split(':').at(-1));
    const client = connect(port, '127.0.0.1');
    client.pause();
    client.write('GET /metrics HTTP/1.1\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n');
    let before = -1;
    await expect.poll(() => made > 0 && made === (([before] = [made, before])[1] ?? 0), { interval: 50 }).toBe(true);
    expect(made).toBeLessThan(400); // 25 MB: more than the buffers of loopback hold
    web.clock.advance(9500);
    await expect.poll(() => outcomes(web)).toEqual(['aborted']);
    client.destroy();
  });

  test('beyond the third at once is rejected with 503, and the next one after them is served', async () => {
    const three = [stalled(), stalled(), stalled()];
    let next = 0;
    const render = (): AsyncIterable<string> => three[next++]?.render() ?? stalledForever();
    await using web = await startWeb({ functions: { render } });
    const answers = three.map(() => web.get('/metrics'));
    await Promise.all(three.map(({ begun }) => begun));
    const rejected = await web.get('/metrics');
    expect(rejected.status).toBe(503);
    expect(rejected.headers['retry-after']).toBe('1');
    for (const one of three) one.goOn();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(outcomes(web)).toEqual(['rejected', 'ok', 'ok', 'ok']);
    next = 0;
    expect((await web.get('/metrics')).status).toBe(200);
  });

  test('that fails for a bug of ours is cut, reported as aborted and logged', async () => {
    // eslint-disable-next-line require-yield
    async function* broken(): AsyncIterable<string> {
      throw new Error('a bug');
    }
    await using web = await startWeb({ functions: { render: broken } });
    expect((await web.get('/metrics')).status).toBe(500);
    expect(outcomes(web)).toEqual(['aborted', 'web request failed']);
  });
});

async function* stalledForever(): AsyncIterable<string> {
  yield 'finrst_peer_up 3\n';
}
