import type { AddressTried } from '../../src/domain/events/connection-events.ts';
import { describe, expect, test } from 'vitest';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  localClosedEvent,
} from '../support/sample-finrst-events.ts';
import { fullLife } from '../support/metrics-docs.ts';
import { startWeb } from '../support/web-under-test.ts';

const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', recorded: true } as const;

describe('GET and HEAD of each address of the contract', () => {
  test.each([
    { path: '/', status: 200, type: 'text/html; charset=utf-8' },
    { path: '/metrics', status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' },
    { path: '/-/healthy', status: 200, type: 'text/plain; charset=utf-8' },
    { path: '/-/ready', status: 200, type: 'text/plain; charset=utf-8' },
    { path: '/config', status: 200, type: 'text/yaml; charset=utf-8' },
    { path: '/api/v1/peers', status: 200, type: 'application/json; charset=utf-8' },
    { path: '/api/v1/targets', status: 200, type: 'application/json; charset=utf-8' },
    { path: '/api/v1/events', status: 200, type: 'application/json; charset=utf-8' },
    { path: '/api/v1/openapi.json', status: 200, type: 'application/json; charset=utf-8' },
    { path: '/-/reload', status: 405, type: 'text/plain; charset=utf-8' },
    { path: '/nothing', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/METRICS', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/metrics/', status: 404, type: 'text/plain; charset=utf-8' },
    { path: '/..%2f..%2fetc/passwd', status: 404, type: 'text/plain; charset=utf-8' },
  ])('$path answers $status', async ({ path, status, type }) => {
    await using web = await startWeb();
    const answer = await web.get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(answer.text).not.toBe('');
    const head = await web.get(path, { method: 'HEAD' });
    expect({ status: head.status, type: head.headers['content-type'], body: head.text }).toEqual({
      status,
      type,
      body: '',
    });
  });

  test.each(['/metrics', '/config', '/-/healthy', '/api/v1/peers', '/'])('POST %s is not allowed', async (path) => {
    await using web = await startWeb();
    const answer = await web.get(path, { method: 'POST' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });
});

describe('targets', () => {
  const target = { group: 'g', state: 'dropped', source: '/a.json:0', discovered: { a: '1' }, rule: 2 } as const;

  test('are listed with what became of them, up to the limit, and how many were dropped', async () => {
    const asked: unknown[] = [];
    await using web = await startWeb({
      functions: {
        targets: (query) => (asked.push(query), [target, { ...target, rule: 3 }]),
        droppedTargets: () => ({ g: 7 }),
      },
    });
    const answer = await web.get('/api/v1/targets?group=g&state=dropped&limit=1');
    expect(JSON.parse(answer.text)).toEqual({ targets: [target], dropped: { g: 7 } });
    expect(asked).toEqual([{ group: 'g', state: 'dropped' }]);
  });

  test.each(['state=gone', 'limit=0', 'limit=100001', 'limit=x', 'group=', 'grop=g', 'group=a&group=b'])(
    '%s is refused',
    async (query) => {
      await using web = await startWeb();
      const answer = await web.get(`/api/v1/targets?${query}`);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toHaveProperty('error');
    },
  );
});

describe('readiness', () => {
  test('is 503 with the reason until all is there', async () => {
    let reason: string | null = 'Finrst is starting.';
    await using web = await startWeb({ functions: { notReady: () => reason } });
    expect(await web.get('/-/ready')).toMatchObject({ status: 503, text: 'Finrst is starting.\n' });
    expect((await web.get('/-/healthy')).status).toBe(200);
    reason = null;
    expect((await web.get('/-/ready')).status).toBe(200);
  });
});

describe('reload', () => {
  const enabled = { settings: { enableLifecycle: true } };

  test('is 403 unless enabled, and nothing is loaded', async () => {
    let loads = 0;
    await using web = await startWeb({ functions: { reload: async () => (loads++, { kind: 'reloaded' }) } });
    const answer = await web.get('/-/reload', { method: 'POST' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('--web.enable-lifecycle');
    expect(loads).toBe(0);
  });

  test.each(['POST', 'PUT'])('by %s is 200', async (method) => {
    await using web = await startWeb(enabled);
    expect((await web.get('/-/reload', { method })).status).toBe(200);
  });

  test('tells every problem in plain text', async () => {
    const problems = ['finrst.yml:3:5: first', 'finrst.yml:9:1: <b>second</b>'];
    await using web = await startWeb({
      ...enabled,
      functions: { reload: async () => ({ kind: 'invalid', problems }) },
    });
    const answer = await web.get('/-/reload', { method: 'POST' });
    expect(answer).toMatchObject({ status: 500, text: `${problems.join('\n')}\n` });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('by GET is 405 and names the methods', async () => {
    await using web = await startWeb(enabled);
    const answer = await web.get('/-/reload');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST, PUT');
  });

  test.each([
    { origin: undefined, host: 'finrst:10346', status: 200 },
    { origin: 'http://finrst:10346', host: 'finrst:10346', status: 200 },
    { origin: 'http://FINRST:10346', host: 'finrst:10346', status: 200 },
    { origin: 'http://finrst', host: 'finrst:80', status: 200 },
    { origin: 'https://finrst', host: 'finrst', status: 200 },
    { origin: 'https://[2001:db8::7]:10346', host: '[2001:DB8:0::7]:10346', status: 200 },
    { origin: 'https://ops.example', host: '10.0.0.1:10346', status: 200 },
    { origin: 'https://ops.example:443', host: '10.0.0.1:10346', status: 200 },
    { origin: 'http://ops.example', host: '10.0.0.1:10346', status: 403 },
    { origin: 'https://ops.example:8443', host: '10.0.0.1:10346', status: 403 },
    { origin: 'http://evil', host: 'finrst:10346', status: 403 },
    { origin: 'http://finrst:8080', host: 'finrst:10346', status: 403 },
    { origin: 'http://finrst', host: 'finrst:10346', status: 403 },
    { origin: 'https://finrst:80', host: 'finrst', status: 403 },
    { origin: 'http://finrst:10346.evil', host: 'finrst:10346', status: 403 },
    { origin: 'null', host: 'finrst:10346', status: 403 },
    { origin: '', host: 'finrst:10346', status: 403 },
    { origin: 'ftp://finrst:10346', host: 'finrst:10346', status: 403 },
    { origin: 'http://evil', host: 'evil/@finrst', status: 403 },
  ])('from a page of $origin, asked at $host, is $status', async ({ origin, host, status }) => {
    await using web = await startWeb({
      settings: { enableLifecycle: true, externalUrl: 'https://ops.example/tools/finrst', routePrefix: '/' },
    });
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    expect((await web.get('/-/reload', { method: 'POST', headers })).status).toBe(status);
  });

  test('in a wild loop is 429, and a second later works again', async () => {
    await using web = await startWeb(enabled);
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await web.get('/-/reload', { method: 'POST' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    web.clock.advance(1000);
    expect((await web.get('/-/reload', { method: 'POST' })).status).toBe(200);
  });
});

describe('events', () => {
  const events: readonly FinrstEvent[] = [
    {
      ...connectFailedEvent,
      detail: 'nothing listens on both addresses',
      tried: [...connectFailedEvent.tried, { ...connectFailedEvent.tried[0], address: '192.0.2.8' } as AddressTried],
      trace: { ...trace, recorded: false },
    },
    { ...connectedEvent, trace },
    { ...disconnectedEvent, trace },
    connectedEvent,
    localClosedEvent,
  ];

  test('come newest first, each with exactly the fields that are known', async () => {
    await using web = await startWeb({ events });
    const { group, peer } = connectedEvent.peer;
    const common = { group, peer, connection_id: 'connection-1' };
    expect(JSON.parse((await web.get('/api/v1/events')).text)).toEqual({
      events: [
        {
          id: '5',
          time: '2026-01-02T03:05:05.678Z',
          type: 'local_closed',
          ...common,
          reason: 'max_age',
          duration_s: 60.00025,
          idle_s: 1.5,
          quiet_s: 0.5,
        },
        { id: '4', time: '2026-01-02T03:04:05.678Z', type: 'connected', ...common, duration_s: 0.012 },
        {
          id: '3',
          time: '2026-01-02T03:05:05.678Z',
          type: 'disconnected',
          ...common,
          class: 'error',
          reason: 'reset',
          errno: 'ECONNRESET',
          duration_s: 60.00025,
          idle_s: 1.5,
          quiet_s: 0.5,
          trace_id: trace.traceId,
        },
        {
          id: '2',
          time: '2026-01-02T03:04:05.678Z',
          type: 'connected',
          ...common,
          duration_s: 0.012,
          trace_id: trace.traceId,
        },
        {
          id: '1',
          time: '2026-01-02T03:04:05.678Z',
          type: 'connect_failed',
          ...common,
          phase: 'tcp',
          reason: 'refused',
          errno: 'ECONNREFUSED',
          detail: 'nothing listens on both addresses',
          tried: '192.0.2.7:ECONNREFUSED,192.0.2.8:ECONNREFUSED',
          duration_s: 0.007,
        },
      ],
    });
  });

  test('after an event of another run are all, and the answer says that some may be missing', async () => {
    await using web = await startWeb({ events });
    expect(JSON.parse((await web.get('/api/v1/events?since_id=9')).text)).toEqual({ events: [], gap: true });
    expect(JSON.parse((await web.get('/api/v1/events?since_id=5')).text)).toEqual({ events: [] });
  });

  test.each([
    { query: 'class=error', ids: [3] },
    { query: 'class=eof', ids: [] },
    { query: 'limit=2', ids: [5, 4] },
    { query: 'since_id=3', ids: [5, 4] },
    { query: 'since_id=2&class=error', ids: [3] },
    { query: 'since_id=5', ids: [] },
    { query: 'group=payments-redis', ids: [5, 4, 3, 2, 1] },
    { query: 'group=other', ids: [] },
    { query: `peer=${encodeURIComponent('redis-0.payments:6379')}&limit=1`, ids: [5] },
  ])('?$query finds $ids', async ({ query, ids }) => {
    await using web = await startWeb({ events });
    const answer = JSON.parse((await web.get(`/api/v1/events?${query}`)).text) as { events: { id: string }[] };
    expect(answer.events.map(({ id }) => Number(id))).toEqual(ids);
  });

  test('refuse a bad parameter with a message', async () => {
    await using web = await startWeb();
    const answer = await web.get('/api/v1/events?limit=1001');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error: 'limit "1001": expected a whole number from 1 to 1000' });
  });
});

describe('peers', () => {
  test('tell the present and the last end of each', async () => {
    const failed = { ...connectFailedEvent, detail: 'nothing listens there' };
    const events = [...fullLife({ tls: true, expectsAnswer: true }), failed];
    await using web = await startWeb({ events });
    expect(JSON.parse((await web.get('/api/v1/peers')).text)).toEqual({
      peers: [
        {
          group: 'payments-redis',
          peer: 'redis-0.payments:6379',
          state: 'backoff',
          up: true,
          since: '2026-01-02T03:04:05.678Z',
          tls: true,
          labels: {},
          address: '192.0.2.7:6379',
          connection_id: 'connection-1',
          established_at: '2026-01-02T03:04:05.678Z',
          connections: 2,
          disconnects: { eof: 0, error: 1, idle_timeout: 0 },
          local_closes: 0,
          connect_failures: 1,
          failures_in_a_row: 1,
          received_bytes: 1,
          sent_bytes: 1,
          last_disconnect: {
            time: '2026-01-02T03:05:05.678Z',
            connection_id: 'connection-1',
            class: 'error',
            reason: 'reset',
            errno: 'ECONNRESET',
            hint: 'path_dead',
            duration_s: 60.00025,
            idle_s: 1.5,
            quiet_s: 0.5,
          },
          last_connect_failure: {
            time: '2026-01-02T03:04:05.678Z',
            phase: 'tcp',
            reason: 'refused',
            errno: 'ECONNREFUSED',
            detail: 'nothing listens there',
          },
        },
      ],
    });
  });

  test('of none are an empty list, and a parameter that is misspelt is refused', async () => {
    await using web = await startWeb();
    expect(JSON.parse((await web.get('/api/v1/peers')).text)).toEqual({ peers: [] });
    expect((await web.get('/api/v1/peers?gruop=a')).status).toBe(400);
    expect(JSON.parse((await web.get('/api/v1/peers?group=a')).text)).toEqual({ peers: [] });
  });
});

describe('paths', () => {
  test('the telemetry path moves, and the old one is gone', async () => {
    await using web = await startWeb({ settings: { telemetryPath: '/probe' } });
    expect((await web.get('/probe')).text).toContain('finrst_build_info');
    expect((await web.get('/metrics')).status).toBe(404);
    expect((await web.get('/')).text).toContain('href="/probe"');
  });

  test('metrics at / leave no page of all peers there', async () => {
    await using web = await startWeb({ settings: { telemetryPath: '/' } });
    expect((await web.get('/')).headers['content-type']).toContain('version=0.0.4');
  });

  test.each(['/finrst', 'finrst/', '/finrst/'])('the route prefix %s is before everything', async (routePrefix) => {
    await using web = await startWeb({ settings: { routePrefix } });
    for (const path of ['/finrst/metrics', '/finrst/-/healthy', '/finrst/api/v1/peers', '/finrst/']) {
      expect((await web.get(path)).status).toBe(200);
    }
    expect((await web.get('/metrics')).status).toBe(404);
    expect(await web.get('/')).toMatchObject({ status: 302, headers: { location: '/finrst/' } });
    expect((await web.get('/finrst/')).text).toContain('href="/finrst/metrics"');
  });

  test('links follow the external URL, routes follow the prefix', async () => {
    const settings = { externalUrl: 'https://ops.example/tools/finrst/', routePrefix: '/' };
    await using web = await startWeb({ settings });
    expect((await web.get('/')).text).toContain('href="/tools/finrst/metrics"');
    expect((await web.get('/metrics')).status).toBe(200);
  });
});

test('the page of all peers runs and loads nothing but what is of this server', async () => {
  await using web = await startWeb();
  const page = await web.get('/');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.text.match(/ src="[^"]*/g)).toEqual([expect.stringMatching(/^ src="\/assets\/finrst\.js\?/)]);
  expect(page.text).not.toMatch(/<img|style=/);
  const paths = [...page.text.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);
  expect(paths).toContain('/metrics');
  for (const path of paths) expect((await web.get(path)).status).toBe(200);
});
