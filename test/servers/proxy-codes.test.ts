import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readReasonsPage } from '../../src/explanations/reasons-page.ts';
import { findProgram } from '../support/find-program.ts';
import type { ServerProcess } from './server-process.ts';
import { createStage } from './stage.ts';

const PAGE = new URL('../../docs/reasons.md', import.meta.url);
const TLS = 'ssl verify none';
/** The listener by which HAProxy is seen to be up. */
const UP = 'up';

/** A target, or what a server does with each connection; and options of HAProxy's `server` line. */
type FakeServer = { readonly does: ((socket: Socket) => unknown) | string; readonly options?: string };

/** What the server behind HAProxy does, by the word that Finrst has for it in HAProxy's place. */
const SERVERS: Readonly<Record<string, FakeServer>> = {
  'eof/fin': { does: (socket) => socket.once('data', () => socket.end()) },
  'error/reset': { does: (socket) => socket.once('data', () => socket.resetAndDestroy()) },
  'idle_timeout/no_data': { does: (socket) => socket.resume() },
  'tcp/refused': { does: '127.0.0.1:1' },
  'tls/not_tls': { does: (socket) => socket.end('HTTP/1.0 400 Bad Request\r\n\r\n'), options: TLS },
  'tls/eof': { does: (socket) => socket.once('data', () => socket.end()), options: TLS },
  'tls/reset': { does: (socket) => socket.once('data', () => socket.resetAndDestroy()), options: TLS },
  'tls/timeout': { does: (socket) => socket.resume(), options: TLS },
};

const stage = createStage();
const listeners: Server[] = [];
afterAll(async () => {
  for (const listener of listeners) listener.close();
  await stage.clear();
});

const isHere = findProgram('haproxy') !== null;

describe.skipIf(!isHere)(`the table of what HAProxy writes${isHere ? '' : ' (needs haproxy)'}`, () => {
  test('says what a real HAProxy wrote', async () => {
    const { proxyCodes } = readReasonsPage(readFileSync(PAGE, 'utf8'));
    const stated = Object.keys(SERVERS).map((term) => [
      term,
      /`(\S+)` \(seen\)/.exec(proxyCodes.get(term)?.haproxy ?? '')?.[1],
    ]);
    expect(await codesOfHaproxy()).toEqual(Object.fromEntries(stated));
  });
});

/** The first two characters of the termination state of one connection to each server. */
async function codesOfHaproxy(): Promise<Readonly<Record<string, string>>> {
  const log = createSocket('udp4').bind(0, '127.0.0.1');
  await once(log, 'listening');
  const codes: Record<string, string> = {};
  const all = new Promise<void>((resolve) => {
    log.on('message', (line) => {
      const [, term, code] = /: (\S+) (\S\S)$/.exec(String(line).trim()) ?? [];
      if (term !== undefined && code !== undefined && term !== UP) codes[term] = code;
      if (Object.keys(codes).length === Object.keys(SERVERS).length) resolve();
    });
  });
  const proxy = await startHaproxy(log.address().port);
  // The first port is the one by which it is seen to be up.
  for (const port of proxy.ports.slice(1)) (await stage.client(port)).write('x');
  await all;
  log.close();
  return codes;
}

async function startHaproxy(logPort: number): Promise<ServerProcess> {
  const backends = await Promise.all(Object.entries(SERVERS).map(startBackend));
  const folder = await stage.folder();
  return stage.server(1 + backends.length, async (ports) => {
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, configOf(logPort, [{ term: UP, target: '127.0.0.1:1', options: '' }, ...backends], ports));
    return { file: 'haproxy', args: ['-db', '-f', file] };
  });
}

/** Names of sections know no slash: the term is in the log's format. */
function configOf(logPort: number, backends: readonly Backend[], ports: readonly number[]): string {
  const listens = backends.map(({ term, target, options }, at) => {
    const lines = [`bind 127.0.0.1:${ports[at]}`, `log-format "${term} %ts"`, `server s ${target} ${options}`];
    return [`listen l${at}`, ...lines.map((line) => `  ${line}`)].join('\n');
  });
  return `
global
  log 127.0.0.1:${logPort} local0
defaults
  mode tcp
  log global
  retries 0
  timeout connect 1s
  timeout client 1h
  timeout server 1s
${listens.join('\n')}
`;
}

type Backend = { readonly term: string; readonly target: string; readonly options: string };

async function startBackend([term, { does, options = '' }]: [string, FakeServer]): Promise<Backend> {
  if (typeof does === 'string') return { term, target: does, options };
  const server = createServer((socket) => does(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  listeners.push(server);
  return { term, target: `127.0.0.1:${(server.address() as AddressInfo).port}`, options };
}
