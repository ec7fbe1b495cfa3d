import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import {
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../support/sample-finrst-events.ts';
import { fullLife } from '../support/metrics-docs.ts';
import { startWeb, type WebUnderTest } from '../support/web-under-test.ts';

type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>;
};
type Document = {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', recorded: true } as const;
const peer = { ...disconnectedEvent.peer, labels: { team: 'payments' } };
const inPod = { ...observedErrorEvent.connection, owner: { pid: 1, executable: null, pod: 'uid' } };
/** Every kind of event, bare and with all that it can have. */
const events: readonly FinrstEvent[] = [
  ...fullLife({ tls: true, expectsAnswer: true }),
  connectFailedEvent,
  {
    ...connectFailedEvent,
    detail: 'd',
    goodbye: 'auth_failed',
    goodbyeCode: '28P01',
    tried: connectFailedEvent.tried.flatMap((one) => [one, one]),
  },
  { ...disconnectedEvent, peer, trace, hint: { name: 'path_dead' }, announced: 'terminating' },
  localClosedEvent,
  observedConnectedEvent,
  { ...observedConnectedEvent, isFound: true, isCloseWait: true, peer },
  { ...observedErrorEvent, peer, trace, errorsInARow: 2, connection: inPod },
  observedFinEvent,
  explainedEvent,
  { ...explainedEvent, by: 'incident', incident: '7', endedAt: 1 },
  incidentEvent,
  { ...incidentEvent, scope: { kind: 'process', value: '' }, state: 'over', over: incidentEvent.at, isObserved: true },
];
const target = { group: 'g', state: 'dropped', source: '/a.json:0', discovered: { a: '1' }, rule: 2 } as const;
const startFull = () =>
  startWeb({
    events,
    functions: { targets: () => [target], droppedTargets: () => ({ g: 7 }) },
    settings: { enableLifecycle: true },
  });

async function documentOf(web: WebUnderTest): Promise<Document> {
  return JSON.parse((await web.get('/api/v1/openapi.json')).text) as Document;
}

/** The answer as the document describes it; throws where it is another. */
function check(document: Document, schema: object, answer: unknown): void {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as never).parse(answer);
}

test.each([
  ['/api/v1/peers', 200],
  ['/api/v1/targets', 200],
  ['/api/v1/events?limit=1000', 200],
  ['/api/v1/events?since_id=999', 200],
  ['/api/v1/events?type=observed_connected', 200],
  ['/api/v1/events?type=observed_ended', 200],
  ['/api/v1/events?type=observed', 400],
  ['/api/v1/incidents', 200],
  ['/api/v1/peers?state=x', 400],
  ['/api/v1/events?limit=0', 400],
  ['/api/v1/targets?limit=0', 400],
])('%s answers %i as the document says', async (path, status) => {
  await using web = await startFull();
  const document = await documentOf(web);
  const answer = await web.get(path);
  expect(answer.status).toBe(status);
  const { schema } =
    document.paths[path.split('?')[0] ?? '']?.['get']?.responses[status]?.content['application/json'] ?? {};
  check(document, schema ?? {}, JSON.parse(answer.text));
  expect(() => check(document, schema ?? {}, { strange: 1 })).toThrow(z.ZodError);
});

test('an event with a key that is not in the document is found', async () => {
  await using web = await startFull();
  const document = await documentOf(web);
  const { events: listed } = JSON.parse((await web.get('/api/v1/events?limit=1000')).text) as {
    events: readonly object[];
  };
  expect(new Set(listed.map((event) => 'type' in event && event.type)).size).toBe(7);
  const observed = ['observed_connected', 'observed_ended'].map((type) => web.get(`/api/v1/events?type=${type}`));
  const quiet = (await Promise.all(observed)).map(({ text }) => JSON.parse(text) as { events: readonly object[] });
  expect(quiet.map(({ events: own }) => own.length)).toEqual([2, 2]);
  const schema = { $ref: '#/components/schemas/Events' };
  for (const event of [...listed, ...quiet.flatMap(({ events: own }) => own)]) {
    check(document, schema, { events: [event] });
    expect(() => check(document, schema, { events: [{ ...event, strange: 1 }] })).toThrow(z.ZodError);
    const { time: _, ...without } = event as { time: string };
    expect(() => check(document, schema, { events: [without] })).toThrow(z.ZodError);
  }
});

test('every path of the docs is in the document, and no other; each is served and takes its parameters', async () => {
  await using web = await startFull();
  const document = await documentOf(web);
  expect(document.openapi).toBe('3.1.0');
  const markdown = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
  const rows = [...markdown.matchAll(/^\| (`\/[^|]*) \|/gm)].map(([, cell = '']) => cell);
  const documented = rows
    .flatMap((cell) =>
      [...cell.matchAll(/`([^`?]+)[^`]*`/g)].map(([, path = '']) =>
        path.replace('/ID', '/{id}').replace('/WORD', '/{word}'),
      ),
    )
    .filter((path) => !path.startsWith('/assets/'));
  expect(Object.keys(document.paths).toSorted()).toEqual(documented.toSorted());
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (get === undefined) continue;
    const answer = await web.get(path.replace('{id}', incidentEvent.id).replace('{word}', 'reset'), { method: 'HEAD' });
    const type = (answer.headers['content-type'] ?? '').split(';')[0] ?? '';
    expect(Object.keys(get.responses[answer.status]?.content ?? {}), path).toContain(type);
  }
});

test.each(['/api/v1/peers', '/api/v1/targets', '/api/v1/events', '/api/v1/events/stream'])(
  '%s knows just the parameters of the document',
  async (path) => {
    await using web = await startFull();
    const { parameters = [] } = (await documentOf(web)).paths[path]?.['get'] ?? {};
    const named = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const { error } = JSON.parse((await web.get(`${path}?strange=1`)).text) as { error: string };
    const known = error
      .split('expected ')[1]
      ?.split(', ')
      .filter((name) => name !== 'label.NAME');
    expect(named.toSorted()).toEqual(known?.toSorted());
  },
);

test('the server is what stands before each path, and the telemetry path is the one that is set', async () => {
  const settings = { routePrefix: '/', externalUrl: 'https://ops.example/tools/finrst/', telemetryPath: '/probe' };
  await using web = await startWeb({ settings });
  const { servers, paths } = await documentOf(web);
  expect(servers).toEqual([{ url: '/tools/finrst' }]);
  expect(paths).toHaveProperty('/probe');
  expect(paths).not.toHaveProperty('/metrics');
});
