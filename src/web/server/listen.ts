import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer as createTcpServer, type ListenOptions, type Server as TcpServer } from 'node:net';
import type { StartResult } from '../../settings/start-result.ts';
import { formatHostPort } from '../../text/host-port.ts';
import { parseListenAddress } from '../../text/listen-address.ts';

export type ListenResult =
  | { readonly kind: 'bound'; readonly address: string; readonly servers: readonly Server[] }
  | Extract<StartResult, { kind: 'failed' }>;

/**
 * Sockets that listen on one address (SO_REUSEPORT). The runtime accepts one connection of each in a turn of the event
 * loop: with one socket, a few hundred clients that connect over and over make a probe wait for seconds behind them.
 */
const LISTENERS = 16;

/**
 * Listens on this address with servers from `create`. `bound` has the port that was taken in place of 0; `failed` names the
 * address and the reason, and nothing is left open.
 */
export async function listen(text: string, create: () => Server): Promise<ListenResult> {
  const address = parseListenAddress(text);
  if (address === null) return failed(text, 'expected :PORT, HOST:PORT or [IPv6]:PORT');
  // A socket that shares its port would not notice another Finrst which shares it: one that does not share goes first.
  const first = createTcpServer();
  const problem = await tryToListen(first, address);
  if (problem !== null) return failed(text, explain(problem));
  const bound = first.address();
  await closed(first);
  const known = bound !== null && typeof bound !== 'string';
  const shared = { ...address, ...(known && { port: bound.port }), reusePort: true };
  const servers: Server[] = [];
  for (let i = 0; i < LISTENERS; i++) {
    const server = create();
    const error = await tryToListen(server, shared);
    if (error?.code === 'ENOTSUP' && i === 0) return listenAlone(text, { address, create });
    if (error !== null) {
      await Promise.all(servers.map(closed));
      return failed(text, explain(error));
    }
    servers.push(server);
  }
  return { kind: 'bound', address: known ? formatHostPort(bound.address, bound.port) : text, servers };
}

type Alone = { readonly address: ListenOptions; readonly create: () => Server };

/** Where the operating system cannot share a port. */
async function listenAlone(text: string, { address, create }: Alone): Promise<ListenResult> {
  const server = create();
  const error = await tryToListen(server, address);
  if (error !== null) return failed(text, explain(error));
  const bound = server.address();
  const known = bound !== null && typeof bound !== 'string';
  return { kind: 'bound', address: known ? formatHostPort(bound.address, bound.port) : text, servers: [server] };
}

/** Null: it listens. */
async function tryToListen(server: TcpServer, options: ListenOptions): Promise<NodeJS.ErrnoException | null> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | null>();
  server.once('error', resolve);
  server.listen(options, () => resolve(null));
  const error = await promise;
  server.removeListener('error', resolve);
  return error;
}

async function closed(server: TcpServer): Promise<void> {
  server.close();
  await once(server, 'close');
}

function failed(address: string, why: string): ListenResult {
  return { kind: 'failed', problem: `cannot listen on ${address}: ${why}` };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use; stop the other process or choose another with --web.listen-address',
  EACCES: 'permission denied; ports below 1024 need CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'no interface of this machine has this address',
};

function explain({ code, message }: NodeJS.ErrnoException): string {
  return REASONS[code ?? ''] ?? message;
}
