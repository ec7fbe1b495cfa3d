import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../../../src/discovery/kubernetes/api-client.ts';
import { WatchLoop } from '../../../../src/discovery/kubernetes/watch-loop.ts';
import type { WatchScope } from '../../../../src/discovery/kubernetes/watched-resource.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { type ApiObject, FakeApiServer } from '../../../support/fake-api-server.ts';
import { until } from '../../../support/scenario.ts';
import { apiContext, plainServer } from './kubernetes-scenario.ts';

let api: FakeApiServer;
let stops: (() => void)[];
beforeEach(async () => {
  api = await FakeApiServer.start();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) stop();
  await api.stop();
});

const pod = (name: string, more: object = {}): ApiObject => ({
  metadata: { namespace: 'payments', name, labels: { app: name } },
  ...more,
});

/** A loop over the pods of a namespace, with everything it reports. */
function follow(scope: Partial<WatchScope<'pods'>> = {}) {
  const clock = createFakeClock();
  const client = new ApiClient(plainServer(api.url), apiContext({ clock }));
  const server = { client, sendsInitialEvents: true };
  const loop = new WatchLoop(
    { resource: 'pods', namespace: 'payments', label: '', field: '', lastApplied: false, ...scope },
    { server, clock, random: () => 0.5 },
  );
  const seen = {
    changes: [] as string[],
    events: [] as string[],
    requests: [] as string[],
    failures: [] as string[],
    syncs: 0,
  };
  const listener = {
    changed: (key: string, event: string) => void seen.changes.push(`${event} ${key}`),
    inSync: () => void (seen.syncs += 1),
    failed: (why: string) => void seen.failures.push(why),
    requested: (verb: string, outcome: string) => void seen.requests.push(`${verb} ${outcome}`),
    objectChanged: (event: string) => void seen.events.push(event),
  };
  loop.add(listener);
  stops.push(() => void loop.remove(listener));
  const knows = (...names: readonly string[]): Promise<void> =>
    until(clock, () => isSame([...loop.objects.keys()].toSorted(), names.map((name) => `payments/${name}`).toSorted()));
  /** Waits for the next request with this outcome, then lets the wait after it pass. */
  const passes = async (outcome: string, ms: number): Promise<void> => {
    await until(clock, () => seen.requests.includes(outcome));
    await settled();
    clock.advance(ms);
  };
  return { clock, loop, seen, server, knows, passes };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

/** The longest wait after a first failure, with nothing left to chance. */
const FIRST_WAIT_MS = 1200;

test('a watch begins with the objects that are there, and follows every change', async () => {
  api.set('pods', pod('a'));
  api.set('pods', pod('b'));
  const { seen, knows, loop } = follow();
  await knows('a', 'b');
  api.set('pods', pod('c'));
  api.set('pods', pod('a', { status: { podIP: '10.0.0.1' } }));
  api.delete('pods', 'payments', 'b');
  await knows('a', 'c');
  expect(loop.objects.get('payments/a')).toMatchObject({ ip: '10.0.0.1' });
  expect(seen.changes).toEqual([
    'add payments/a',
    'add payments/b',
    'add payments/c',
    'update payments/a',
    'delete payments/b',
  ]);
  expect(seen.events).toEqual(['add', 'add', 'add', 'update', 'delete']);
  expect(api.requests.map(({ verb }) => verb)).toEqual(['watch']);
  expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
    watch: 'true',
    allowWatchBookmarks: 'true',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    timeoutSeconds: '450',
  });
});

test('nothing is known, and nobody is told, before all objects that are there have come', async () => {
  api.set('pods', pod('a'));
  api.initialEvents = 'ignored';
  const { clock, loop, seen } = follow();
  await until(clock, () => api.watches === 1);
  await settled();
  expect([...loop.objects.keys()]).toEqual([]);
  expect(loop.isComplete).toBe(false);
  expect(seen.syncs).toBe(0);
});

test('a change of what is not kept of an object is counted, but is nobody’s news', async () => {
  api.set('pods', pod('a'));
  const { clock, seen, knows } = follow();
  await knows('a');
  api.set('pods', pod('a', { status: { startTime: 'now' } }));
  await until(clock, () => seen.events.length === 2);
  expect(seen.changes).toEqual(['add payments/a']);
});

test('selectors and namespace are for the server to apply', async () => {
  const { clock } = follow({ namespace: null, label: 'app in (a,b)', field: 'spec.nodeName=n' });
  await until(clock, () => api.requests.length === 1);
  expect(api.requests[0]).toMatchObject({ resource: 'pods', namespace: null });
  expect(api.requests[0]?.query.get('labelSelector')).toBe('app in (a,b)');
  expect(api.requests[0]?.query.get('fieldSelector')).toBe('spec.nodeName=n');
});

/** Each breaks the watch while `b` goes and `c` comes; nobody else may seem to have gone meanwhile. */
describe('after', () => {
  const FAULTS = {
    'the orderly end of a watch that was just begun': {
      break: () => api.endWatches(),
      after: ['watch ok', FIRST_WAIT_MS],
    },
    'a reset': { break: () => api.resetWatches(), after: ['watch network', FIRST_WAIT_MS] },
    'the end of the connection within a line': {
      break: () => api.cutWatches(),
      after: ['watch network', FIRST_WAIT_MS],
    },
    'a line that is no JSON': {
      break: () => {
        api.sendRaw('{"type":"MODIFIED","object":{"metadata":\n');
        api.silenceWatches();
      },
      after: ['watch network', FIRST_WAIT_MS],
    },
    'a line that is longer than any object': {
      break: () => {
        api.sendRaw(`{"type":"MODIFIED","object":{"metadata":{"name":"${'x'.repeat(9 * 1024 * 1024)}`);
        api.silenceWatches();
      },
      after: ['watch network', FIRST_WAIT_MS],
    },
    'a version that is too old, as a status': {
      break: () => {
        api.oldestVersion = 1000;
        api.resetWatches();
      },
      after: ['watch network', FIRST_WAIT_MS],
    },
    'a version that is too old, as an event': {
      break: () => {
        api.oldestVersion = 1000;
        api.goneAs = 'event';
        api.resetWatches();
      },
      after: ['watch network', FIRST_WAIT_MS],
    },
    'an error of the server in the watch': {
      break: () => {
        api.sendRaw('{"type":"ERROR","object":{"kind":"Status","code":500}}\n');
        api.silenceWatches();
      },
      after: ['watch server_error', FIRST_WAIT_MS],
    },
  } as const satisfies Record<string, { readonly break: () => void; readonly after: readonly [string, number] }>;

  test.each(Object.entries(FAULTS))('%s what is known is the truth again, and nobody was removed', async (_, fault) => {
    for (const name of ['a', 'b']) api.set('pods', pod(name));
    const { seen, knows, passes } = follow();
    await knows('a', 'b');
    fault.break();
    api.delete('pods', 'payments', 'b');
    api.set('pods', pod('c'));
    const [outcome, waitMs] = fault.after;
    await passes(outcome, waitMs);
    await knows('a', 'c');
    expect(seen.changes.toSorted()).toEqual([
      'add payments/a',
      'add payments/b',
      'add payments/c',
      'delete payments/b',
    ]);
  });

  test('a half-open connection the deadline of the watch ends it', async () => {
    api.set('pods', pod('a'));
    const { clock, knows, passes } = follow();
    await knows('a');
    api.silenceWatches();
    api.set('pods', pod('b'));
    clock.advance(450_000 + 29_000);
    await settled();
    expect(api.requests.length).toBe(1);
    clock.advance(1000);
    await passes('watch network', FIRST_WAIT_MS);
    await knows('a', 'b');
  });
});

describe('a server that refuses', () => {
  const REFUSALS = [
    [
      403,
      {},
      'watch forbidden',
      FIRST_WAIT_MS,
      /^may not watch pods in namespace payments \(403\).*finrst check --rbac$/,
    ],
    [429, { 'retry-after': '7' }, 'watch throttled', 7000, /answered 429/],
    [503, { 'retry-after': '9' }, 'watch server_error', 9000, /answered 503/],
    [500, {}, 'watch server_error', FIRST_WAIT_MS, /answered 500/],
    [302, { location: 'http://127.0.0.1:1/' }, 'watch server_error', FIRST_WAIT_MS, /answered 302/],
  ] as const;

  test.each(REFUSALS)('with %i keeps nobody from coming back', async (status, headers, outcome, waitMs, why) => {
    for (const name of ['a', 'b']) api.set('pods', pod(name));
    const { clock, seen, knows } = follow();
    await knows('a', 'b');
    api.faults = [
      (_, response) => {
        response.writeHead(status, headers).end('{"kind":"Status"}');
        return true;
      },
    ];
    api.resetWatches();
    await until(clock, () => seen.requests.includes('watch network'));
    await settled();
    clock.advance(FIRST_WAIT_MS);
    await until(clock, () => seen.failures.length === 1);
    expect(seen.failures[0]).toMatch(why);
    expect(seen.requests.at(-1)).toBe(outcome);
    expect(seen.syncs).toBe(1);
    await settled();
    // The second failure in a row waits twice as long, where the server asks for no longer wait.
    const least = waitMs === FIRST_WAIT_MS ? 2 * FIRST_WAIT_MS : waitMs;
    clock.advance(least - 1);
    await settled();
    expect(api.requests.length).toBe(2);
    api.faults = [];
    clock.advance(1);
    api.set('pods', pod('c'));
    await knows('a', 'b', 'c');
    expect(seen.syncs).toBe(2);
    expect(seen.changes).not.toContainEqual(expect.stringContaining('delete'));
  });

  test('a wait that it asks for is bounded', async () => {
    api.faults = [
      (_, response) => {
        response.writeHead(503, { 'retry-after': '999999' }).end();
        return true;
      },
    ];
    const { clock, seen } = follow();
    await until(clock, () => seen.failures.length === 1);
    await settled();
    clock.advance(300_000);
    await until(clock, () => seen.failures.length === 2);
  });

  test('a missing right is asked for again at least every 30 s: somebody may be giving it', async () => {
    api.faults = [
      (_, response) => {
        response.writeHead(403).end();
        return true;
      },
    ];
    const { clock, seen } = follow();
    // 1.2, 2.4, 4.8, 9.6, 19.2 s after one another, and then 30 s each.
    for (let failures = 1; failures <= 9; failures++) {
      await until(clock, () => seen.failures.length === failures);
      await settled();
      clock.advance(30_000);
    }
  });

  test('the token, once, is asked again at once, and then as after any failure', async () => {
    api.faults = [
      (_, response) => {
        response.writeHead(401).end();
        return true;
      },
    ];
    const { clock, seen } = follow();
    await until(clock, () => seen.failures.length === 2);
    await settled();
    expect(seen.requests).toEqual(['watch unauthorized', 'watch unauthorized']);
    clock.advance(FIRST_WAIT_MS - 1);
    await settled();
    expect(api.requests.length).toBe(2);
  });

  test('versions for ever is not asked without a pause', async () => {
    api.faults = [
      (_, response) => {
        response.writeHead(410).end();
        return true;
      },
    ];
    const { clock, seen } = follow();
    await until(clock, () => seen.requests.length === 2);
    await settled();
    await settled();
    expect(seen.requests).toEqual(['watch expired', 'watch expired']);
  });
});

describe('a server without initial events', () => {
  test('that refuses them is asked for a list, page by page, and never for them again', async () => {
    api.initialEvents = 'refused';
    for (let i = 0; i < 1203; i++) api.set('pods', pod(`p${i}`));
    const { clock, loop, seen, server } = follow();
    await until(clock, () => [...loop.objects.keys()].length === 1203);
    expect(seen.requests).toEqual(['watch server_error', 'list ok', 'list ok', 'list ok']);
    expect(api.requests.slice(1, 4).map(({ query }) => query.get('limit'))).toEqual(['500', '500', '500']);
    await until(clock, () => api.watches === 1);
    expect(api.requests.at(-1)?.query.get('resourceVersion')).toBe('1204');
    expect(server.sendsInitialEvents).toBe(false);
    api.set('pods', pod('late'));
    await until(clock, () => loop.objects.get('payments/late') !== undefined);
    expect(seen.syncs).toBe(1);
  });

  test('that ignores them is found out 10 s after its last object', async () => {
    api.initialEvents = 'ignored';
    api.set('pods', pod('a'));
    const { clock, seen, knows } = follow();
    await until(clock, () => api.watches === 1);
    await settled();
    clock.advance(9999);
    await settled();
    expect(seen.requests).toEqual([]);
    clock.advance(1);
    await knows('a');
    expect(seen.requests).toEqual(['watch server_error', 'list ok']);
  });

  test('a list that is cut is no list', async () => {
    api.initialEvents = 'refused';
    for (const name of ['a', 'b']) api.set('pods', pod(name));
    let lists = 0;
    api.faults = [
      ({ verb }, response) => {
        if (verb !== 'list' || lists++ > 0) return false;
        response.write(
          '{"metadata":{"resourceVersion":"3"},"items":[{"metadata":{"namespace":"payments","name":"a"}},{',
          () => response.socket?.destroy(),
        );
        return true;
      },
    ];
    const { seen, knows, passes } = follow();
    await passes('list network', FIRST_WAIT_MS);
    await knows('a', 'b');
    expect(seen.changes).toEqual(['add payments/a', 'add payments/b']);
  });

  test('a version that grows too old between two pages begins the list again', async () => {
    api.initialEvents = 'refused';
    for (let i = 0; i < 600; i++) api.set('pods', pod(`p${i}`));
    let lists = 0;
    api.faults = [
      ({ verb }, response) => {
        if (verb !== 'list' || lists++ !== 1) return false;
        response.writeHead(410).end('{}');
        return true;
      },
    ];
    const { clock, loop, seen } = follow();
    await until(clock, () => [...loop.objects.keys()].length === 600);
    expect(seen.requests).toEqual(['watch server_error', 'list ok', 'list expired', 'list ok', 'list ok']);
  });
});

test('the version that a bookmark gives is where the next watch begins', async () => {
  api.set('pods', pod('a'));
  const { clock, knows, passes } = follow();
  await knows('a');
  api.set('services', pod('other'));
  api.set('services', pod('more'));
  api.bookmark();
  await settled();
  api.resetWatches();
  await passes('watch network', FIRST_WAIT_MS);
  await until(clock, () => api.requests.length === 2);
  expect(api.requests[1]?.query.get('resourceVersion')).toBe('4');
});

test('a bookmark without a version leaves the place where the next watch begins', async () => {
  api.set('pods', pod('a'));
  const { clock, knows, passes } = follow();
  await knows('a');
  api.bookmark();
  api.sendRaw('{"type":"BOOKMARK","object":{"metadata":{}}}\n');
  // Behind it, so that it was read.
  api.sendRaw('{"type":"ADDED","object":{"metadata":{"namespace":"payments","name":"x"}}}\n');
  await knows('a', 'x');
  api.resetWatches();
  await passes('watch network', FIRST_WAIT_MS);
  await until(clock, () => api.requests.length === 2);
  expect(api.requests[1]?.query.get('resourceVersion')).toMatch(/^\d+$/);
});

test('an ordinary end of a watch is followed by the next one at once', async () => {
  api.set('pods', pod('a'));
  const { clock, seen, knows } = follow();
  await knows('a');
  clock.advance(1000);
  api.endWatches();
  await until(clock, () => api.requests.length === 2);
  expect(seen.requests).toEqual(['watch ok']);
});

test('a loop that nobody listens to leaves no request, no timer and no news', async () => {
  api.set('pods', pod('a'));
  const { clock, seen, knows } = follow();
  await knows('a');
  stops.splice(0).forEach((stop) => stop());
  await until(clock, () => api.watches === 0 && clock.pending === 0);
  expect(seen.requests).toEqual([]);
  expect(seen.failures).toEqual([]);
});

test('the version of a deleted object is where the next watch begins', async () => {
  for (const name of ['a', 'b']) api.set('pods', pod(name));
  const { clock, knows, passes } = follow();
  await knows('a', 'b');
  api.delete('pods', 'payments', 'b');
  await knows('a');
  api.resetWatches();
  await passes('watch network', FIRST_WAIT_MS);
  await until(clock, () => api.requests.length === 2);
  expect(api.requests[1]?.query.get('resourceVersion')).toBe('4');
});

test('objects that come slowly at the start are waited for, as long as they come', async () => {
  api.initialEvents = 'ignored';
  const { clock, seen } = follow();
  await until(clock, () => api.watches === 1);
  for (const name of ['a', 'b', 'c']) {
    clock.advance(9000);
    api.set('pods', pod(name));
    for (let turns = 0; turns < 50; turns += 1) await settled();
  }
  expect(seen.requests).toEqual([]);
  clock.advance(10_000);
  await until(clock, () => seen.requests.length === 2);
  expect(seen.requests).toEqual(['watch server_error', 'list ok']);
});

test('an end in order within a line is a cut', async () => {
  api.set('pods', pod('a'));
  const { clock, seen, knows } = follow();
  await knows('a');
  clock.advance(1000);
  api.sendRaw('{"type":"MODI');
  api.endWatches();
  await until(clock, () => seen.requests.length === 1);
  expect(seen.requests).toEqual(['watch network']);
});
