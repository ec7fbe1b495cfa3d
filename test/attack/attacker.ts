import { Agent, request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { AttackAnswer, AttackName, AttackRequest } from './attack-kinds.ts';

/** The attackers, in a process of their own: what they cost must not delay those who measure. */
const JSON_CLIENTS = 125;
const HALF_CLIENTS = 140;
/** As long as a person waits. */
const PATIENCE_MS = 5000;
const HEAD = 'GET /api/v1/events?limit=1000 HTTP/1.1\r\nHost: finrst\r\n';
const PIPELINED = `${HEAD}\r\n`.repeat(Math.floor((60 * 1024) / (HEAD.length + 2)));
/** A handshake record (TLS 1.2) that holds one empty HelloRequest: a client in its handshake takes any number of them. */
const HELLO_REQUEST = Buffer.from([0x16, 3, 3, 0, 4, 0, 0, 0, 0]);
const HELLO_REQUESTS = Buffer.concat(Array.from({ length: 5000 }, () => HELLO_REQUEST));

type Run = {
  readonly port: number;
  readonly counts: { ok: number; busy: number; wrong: Record<string, number>; cut: number };
  readonly isOver: () => boolean;
  readonly sockets: Set<Socket>;
};

const tlsServer = createServer((socket) => {
  socket.on('error', () => undefined);
  const flood = (): void => {
    while (isFlooding && !socket.destroyed && socket.write(HELLO_REQUESTS));
  };
  socket.on('drain', flood).once('data', flood);
});
let isFlooding = false;
let run: Run | null = null;
let ends: readonly Promise<void>[] = [];

tlsServer.listen(0, '0.0.0.0', () => {
  answer({ answer: 'ready', tlsPort: (tlsServer.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: AttackRequest) => {
  if (message.ask === 'start') start(message);
  else void stop();
});

function answer(message: AttackAnswer): void {
  process.send?.(message);
}

function start({ attacks, webPort }: Extract<AttackRequest, { ask: 'start' }>): void {
  let isOver = false;
  stopRun = () => void (isOver = true);
  run = { port: webPort, counts: { ok: 0, busy: 0, wrong: {}, cut: 0 }, isOver: () => isOver, sockets: new Set() };
  const begin: Record<AttackName, (run: Run) => readonly Promise<void>[]> = {
    json: (on) => Array.from({ length: JSON_CLIENTS }, () => fetchOverAndOver(on)),
    pipelining: (on) => [keepOpen(on, { from: '127.14.0.3', sends: PIPELINED, reads: false })],
    half: (on) =>
      Array.from({ length: HALF_CLIENTS }, () => keepOpen(on, { from: '127.14.0.4', sends: HEAD, reads: true })),
    tls: () => ((isFlooding = true), []),
  };
  const started = run;
  ends = attacks.flatMap((attack) => begin[attack](started));
}

let stopRun = (): void => undefined;

async function stop(): Promise<void> {
  stopRun();
  isFlooding = false;
  for (const socket of run?.sockets ?? []) socket.destroy();
  await Promise.all(ends);
  if (run !== null) answer({ answer: 'stopped', counts: run.counts });
}

type Client = { readonly from: string; readonly sends: string; readonly reads: boolean };

/** A connection that sends this, and a new one as soon as the daemon closes it. */
async function keepOpen({ port, isOver, sockets, counts }: Run, { from, sends, reads }: Client): Promise<void> {
  while (!isOver()) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const closed = new Promise((resolve) => void socket.on('error', () => undefined).once('close', resolve));
    sockets.add(socket);
    if (reads) socket.resume();
    socket.write(sends);
    // What reads nothing does not see a FIN; a write shows it.
    const look = setInterval(() => reads || socket.write(sends), 50);
    await closed;
    clearInterval(look);
    sockets.delete(socket);
    counts.cut++;
  }
}

/** A client that waits as it is told, and tries again at once where its connection was closed. */
async function fetchOverAndOver({ port, counts, isOver, sockets }: Run): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!isOver()) {
    const startedAt = performance.now();
    let outcome = await fetchOnce({ port, agent, sockets });
    while (outcome.kind === 'cut' && performance.now() - startedAt < PATIENCE_MS && !isOver()) {
      counts.cut++;
      outcome = await fetchOnce({ port, agent, sockets });
    }
    if (isOver()) break;
    const isLate = performance.now() - startedAt > PATIENCE_MS;
    const what = outcome.kind === 'cut' ? 'no answer' : `${outcome.status}${isLate ? ' late' : ''}`;
    if (what === '200') counts.ok++;
    else if (what === '503' && outcome.kind === 'answer' && outcome.retryAfterS > 0) {
      counts.busy++;
      await new Promise((resolve) => void setTimeout(resolve, outcome.retryAfterS * 1000));
    } else counts.wrong[what] = (counts.wrong[what] ?? 0) + 1;
  }
  agent.destroy();
}

type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterS: number }
  | { readonly kind: 'cut'; readonly retryAfterS: 0 };

type Fetch = { readonly port: number; readonly agent: Agent; readonly sockets: Set<Socket> };

function fetchOnce({ port, agent, sockets }: Fetch): Promise<Outcome> {
  return new Promise((resolve) => {
    const cut = (): void => resolve({ kind: 'cut', retryAfterS: 0 });
    const path = '/api/v1/events?limit=1000';
    const asking = request({ host: '127.0.0.1', localAddress: '127.14.0.2', port, path, agent }, (response) => {
      const { statusCode: status = 0, headers } = response;
      response.resume().on('error', cut);
      response.on('end', () => resolve({ kind: 'answer', status, retryAfterS: Number(headers['retry-after'] ?? 0) }));
    });
    asking.on('socket', (socket) => void sockets.add(socket));
    asking.on('error', cut).end();
  });
}
