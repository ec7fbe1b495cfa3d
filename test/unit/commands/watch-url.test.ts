import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { createFakeRuntime, type FakeRuntime } from '../../support/fake-runtime.ts';
import {
  connectedEvent,
  connectFailedEvent,
  disconnectedEvent,
  explainedEvent,
  incidentEvent,
  localClosedEvent,
  observedConnectedEvent,
  observedErrorEvent,
  observedFinEvent,
} from '../../support/sample-finrst-events.ts';
import { startWeb } from '../../support/web-under-test.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A server that gives each request what the test says. */
async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const TYPE = { 'Content-Type': 'text/event-stream' };

/** Lines without the time of day. */
const linesOf = ({ printed }: FakeRuntime) => printed.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} +/, ''));
const untilPrinted = (runtime: FakeRuntime, text: string) =>
  vi.waitFor(() => expect(runtime.printed.join('\n')).toContain(text), { timeout: 5000, interval: 5 });

function watch(runtime: FakeRuntime, ...args: readonly string[]) {
  return runCommandLine(runtime, ['watch', ...args]);
}

test('the events of a running daemon are printed in the words of watch', async () => {
  await using web = await startWeb();
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=http://${web.addresses[0]}/`);
  await untilPrinted(runtime, 'watching 127.0.0.1:');
  const refused = { ...connectFailedEvent, goodbye: undefined };
  for (const event of [connectedEvent, disconnectedEvent, refused, refused, refused, connectedEvent, localClosedEvent])
    web.publish(event as typeof connectedEvent);
  web.publish(explainedEvent);
  web.publish(incidentEvent);
  web.clock.advance(50);
  await untilPrinted(runtime, incidentEvent.sentence);
  runtime.clock.advance(5000);
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  const name = 'payments-redis redis-0.payments:6379';
  expect(linesOf(runtime).map((line) => line.trim())).toEqual([
    expect.stringMatching(/^watching 127/),
    `${name}  connected in 12.0 ms`,
    `${name}  ended after 1 m 0 s: error/reset: the peer, or a box that speaks for it, reset the connection (ECONNRESET); idle 1.5 s`,
    expect.stringMatching(/^usually a process that died/),
    `${name}  connect failed: tcp/refused after 7.00 ms: nothing listens on the port, or a box in between refused for it (ECONNREFUSED)`,
    `${name}  connect failed: tcp/refused (ECONNREFUSED), 2 times in 0.00 ms`,
    expect.stringMatching(/connect failed: tcp\/refused \(ECONNREFUSED\), 3 times in .*, the last .* ago$/),
    `${name}  connected in 12.0 ms`,
    `${name}  closed by us after 1 m 0 s: it reached its greatest age`,
    expect.stringContaining('had been to come: the platform shuts the peer down'),
    `incident ${incidentEvent.id}: ${incidentEvent.sentence}`,
    'Watched for 5.0 s: connected 2, ended error/reset 1, failed tcp/refused 3, closed by Finrst 1.',
  ]);
  await vi.waitFor(() => expect(runtime.clock.pending).toBe(0));
});

test('Ctrl-C ends the wait for the next try', async () => {
  const url = await serve((_request, response) => response.writeHead(200, TYPE).end('id: 1\n\n'));
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=${url}`);
  await untilPrinted(runtime, 'next try in 750 ms');
  await vi.waitFor(() => expect(runtime.clock.pending).toBe(1));
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  await vi.waitFor(() => expect(runtime.clock.pending).toBe(0));
});

test('the query of the URL filters, and --json prints the events as they are', async () => {
  await using web = await startWeb();
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=http://${web.addresses[0]}/?class=error`, '--json');
  await untilPrinted(runtime, 'watching');
  web.publish(connectedEvent);
  web.publish({ ...disconnectedEvent, peer: { ...disconnectedEvent.peer, peer: 'a\u202eb:1' } });
  web.clock.advance(50);
  await untilPrinted(runtime, 'disconnected');
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  const [opened, ended, summary] = runtime.printed.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(opened).toMatchObject({ type: 'stream', message: expect.stringContaining('watching') as string });
  expect(ended).toMatchObject({ type: 'disconnected', reason: 'reset', duration_s: 60.00025, peer: 'a\u202eb:1' });
  expect(runtime.printed[1]).toContain('a\\u202eb:1');
  expect(summary).toMatchObject({ type: 'summary', 'ended.error/reset': 1 });
});

test('a stream that is dropped is opened again with the place it had, and a restart is said', async () => {
  const asked: (string | undefined)[] = [];
  const start = Date.UTC(2026, 0, 2, 3, 0, 0);
  const url = await serve((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, TYPE);
    if (asked.length === 1) response.end(`id: ${start * 4096 + 7}\n\n`);
    else if (asked.length === 2) response.end('event: gap\ndata: {"gap":true}\n\n');
    else response.write(`id: ${(start + 3_600_000) * 4096}\n\n`);
  });
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=${url}/prefix/`);
  await untilPrinted(runtime, 'ended it; next try in 750 ms');
  expect(runtime.clock.pending).toBe(1);
  runtime.clock.advance(750);
  await untilPrinted(runtime, 'gave this reader up: it read too slowly; next try in 1.5 s');
  expect(linesOf(runtime)).toContainEqual(expect.stringContaining('events are missing here'));
  await vi.waitFor(() => expect(runtime.clock.pending).toBe(1));
  runtime.clock.advance(1500);
  await untilPrinted(runtime, 'the daemon was restarted at 2026-01-02T04:00:00.000Z');
  expect(asked).toEqual([undefined, `${start * 4096 + 7}`, `${start * 4096 + 7}`]);
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
});

test('a stream that says nothing for 45 s is opened again', async () => {
  let asked = 0;
  const url = await serve((_request, response) => {
    asked += 1;
    response.writeHead(200, TYPE).write('id: 1\n\n');
  });
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=${url}`);
  await untilPrinted(runtime, 'watching');
  runtime.clock.advance(44_999);
  expect(asked).toBe(1);
  runtime.clock.advance(1);
  await untilPrinted(runtime, 'said nothing for 45 s; next try in');
  runtime.clock.advance(1000);
  await vi.waitFor(() => expect(asked).toBe(2));
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
});

test('--for ends it, and --fail-on decides over the exit code', async () => {
  await using web = await startWeb();
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=http://${web.addresses[0]}`, '--for=1m', '--fail-on=idle_timeout,error');
  await untilPrinted(runtime, 'watching');
  web.publish(disconnectedEvent);
  web.clock.advance(50);
  await untilPrinted(runtime, 'error/reset');
  runtime.clock.advance(60_000);
  expect(await exit).toBe(1);
  expect(runtime.printedErrors).toEqual(['finrst watch: --fail-on: ended error/reset']);
});

test('the name and the password of a file are sent, never printed', async () => {
  let authorization: string | undefined;
  const url = await serve((request, response) => {
    ({ authorization } = request.headers);
    response.writeHead(401).end();
  });
  const runtime = createFakeRuntime();
  const flags = ['--username=reader', '--password-file=.node-version'];
  expect(await watch(runtime, `--url=${url}`, ...flags)).toBe(1);
  expect(Buffer.from(authorization?.split(' ')[1] ?? '', 'base64').toString()).toMatch(/^reader:\d+\.\d+\.\d+$/);
  expect(runtime.printedErrors).toEqual([
    `finrst watch: ${url}/api/v1/events/stream answered 401; it expects --username and --password-file that it knows`,
  ]);
});

describe('a server that is no running Finrst is named with what was expected of it', () => {
  test.each([
    {
      status: 404,
      type: 'text/plain',
      says: /answered 404; expected 200 and a stream of events \(text\/event-stream\)/,
    },
    { status: 200, type: 'text/html', says: /answered with text\/html; expected 200 and a stream of events/ },
    {
      status: 400,
      type: 'text/plain',
      says: /answered 400; expected the parameters group, peer, class, type and since_id/,
    },
    { status: 503, type: 'text/plain', says: /answered 503: it has no place for another stream, or stops/ },
  ])('$status $type', async ({ status, type, says }) => {
    const url = await serve((_request, response) => response.writeHead(status, { 'Content-Type': type }).end('x'));
    const runtime = createFakeRuntime();
    expect(await watch(runtime, `--url=${url}`)).toBe(1);
    expect(runtime.printedErrors).toEqual([expect.stringMatching(says)]);
    expect(runtime.printedErrors[0]).toContain(`${url}/api/v1/events/stream`);
    expect(runtime.clock.pending).toBe(0);
  });

  test('nobody listens', async () => {
    const runtime = createFakeRuntime();
    expect(await watch(runtime, '--url=http://127.0.0.1:1')).toBe(1);
    expect(runtime.printedErrors).toEqual([
      'finrst watch: http://127.0.0.1:1/api/v1/events/stream refused the connection',
    ]);
  });

  test('what is no event, and a message without end', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, TYPE).write('id: 1\ndata: [1]\n\ndata: {"type":"\\u001b[2J"}\n\ndata: nonsense\n\n');
      response.write(`data: ${'x'.repeat(1024 * 1024)}`);
    });
    const runtime = createFakeRuntime();
    expect(await watch(runtime, `--url=${url}`)).toBe(1);
    expect(
      linesOf(runtime)
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual([
      'a message is no event of Finrst and is left out',
      '\\u001b[2J',
      'a message is no event of Finrst and is left out',
    ]);
    expect(runtime.printedErrors).toEqual([expect.stringContaining('sent a message over 1 MiB')]);
  });
});

describe('what cannot stand beside --url is said', () => {
  test.each([
    { args: ['--url=ftp://a'], says: /^--url is "ftp:\/\/a", expected the http:\/\/ or https:\/\/ address/ },
    { args: ['--url=10346'], says: /^--url is "10346", expected/ },
    { args: ['--url=http://a:b@c'], says: /^--url holds a name or a password; give --username/ },
    { args: ['--url=http://a', 'b:1'], says: /^--url stands beside the peer "b:1"/ },
    { args: ['--url=http://a', '--idle-timeout=3s'], says: /^--idle-timeout stands beside --url: how peers are held/ },
    { args: ['--url=http://a', '--tls'], says: /^--tls stands beside --url/ },
    { args: ['--url=http://a', '--fail-on=never'], says: /^--fail-on=never stands beside --url/ },
    { args: [], says: /^nothing to do; name peers as HOST:PORT, or a running Finrst with --url$/ },
  ])('$args', async ({ args, says }) => {
    const runtime = createFakeRuntime();
    expect(await watch(runtime, ...args)).toBe(2);
    expect(runtime.printedErrors).toHaveLength(1);
    expect(runtime.printedErrors[0]?.replace('finrst watch: ', '')).toMatch(says);
  });
});

test('what happens to applications is printed with their process, fails nothing, and what goes in order is not printed', async () => {
  await using web = await startWeb();
  const runtime = createFakeRuntime();
  const exit = watch(runtime, `--url=http://${web.addresses[0]}`, '--fail-on=error');
  await untilPrinted(runtime, 'watching');
  for (const event of [observedConnectedEvent, observedFinEvent, observedErrorEvent]) web.publish(event);
  web.clock.advance(50);
  await untilPrinted(runtime, 'java');
  web.publish({ ...observedErrorEvent, connection: { ...observedErrorEvent.connection, owner: null } });
  web.clock.advance(1000);
  await untilPrinted(runtime, 'a process');
  runtime.send('SIGINT');
  expect(await exit).toBe(0);
  expect(linesOf(runtime).filter((line) => /java|process|undefined/.test(line))).toEqual([
    expect.stringMatching(/the connection of java \(pid 4711\) ended after 1 m 0 s: error\/reset, ECONNRESET$/),
    expect.stringMatching(/the connection of a process ended after 1 m 0 s: error\/reset, ECONNRESET$/),
  ]);
  expect(linesOf(runtime)).toHaveLength(4);
});
