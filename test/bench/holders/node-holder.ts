import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Counter, Gauge, Registry } from 'prom-client';
import { METRIC_CATALOGUE } from '../../../src/sinks/metrics/metric-catalogue.ts';
import { answerBench, stampEnd } from './answer-bench.ts';

/**
 * What a Node.js program would do without Finrst: it holds sockets with keepalive on, counts how they end, and connects
 * again after less than a second. With `--series` it keeps as many series for each peer as Finrst, in plain prom-client
 * metrics; without, one counter by reason, which shows what the runtime alone costs.
 */
const WITH_SERIES = process.argv.includes('--series');
const KEEPALIVE_MS = 7_200_000;

const registry = new Registry();
const ends = new Counter({
  name: 'finrst_disconnects_by_reason_total',
  help: 'Ends.',
  labelNames: ['group', 'class', 'reason'],
  registers: [registry],
});
let perPeer: readonly { readonly labels: readonly string[]; readonly metric: Counter | Gauge }[] = [];
let peerEnds: Counter | null = null;

function addSeries(names: readonly string[]): void {
  perPeer = METRIC_CATALOGUE.filter(
    ({ detail, type, name }) => detail !== undefined && type !== 'histogram' && !/info|tls|heartbeat/.test(name),
  ).map(({ name, help, labels, type }) => ({
    labels,
    metric: new (type === 'counter' ? Counter : Gauge)({ name, help, labelNames: labels, registers: [registry] }),
  }));
  peerEnds = registry.getSingleMetric('finrst_disconnects_total') as Counter;
  for (const peer of names) {
    for (const { labels, metric } of perPeer) {
      const extra = labels[2];
      const values = extra === 'class' ? ['eof', 'error', 'idle_timeout'] : extra === 'phase' ? ['dns', 'tcp'] : [];
      if (extra === undefined) metric.inc({ group: 'bench', peer }, 0);
      for (const value of values) metric.inc({ group: 'bench', peer, [extra ?? '']: value }, 0);
    }
  }
}

type Order = { readonly port: number; readonly tls: boolean };

function hold(host: string, order: Order): void {
  const peer = `${host}:${order.port}`;
  const options = { host, port: order.port, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
  const socket: Socket = order.tls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options);
  let port = 0;
  let reason = '';
  socket.on(order.tls ? 'secureConnect' : 'connect', () => (port = socket.localPort ?? 0));
  socket.on('error', (error: NodeJS.ErrnoException) => (reason = error.code === 'ECONNRESET' ? 'reset' : 'other'));
  const count = (word: string): void => {
    const [name, cause] = word === 'fin' ? ['eof', 'fin'] : ['error', word];
    ends.inc({ group: 'bench', class: name, reason: cause });
    peerEnds?.inc({ group: 'bench', peer, class: name });
    stampEnd(host, port, word);
  };
  socket.on('end', () => {
    if (port !== 0) count('fin');
    port = 0;
  });
  socket.on('close', () => {
    if (port !== 0) count(reason);
    setTimeout(() => hold(host, order), Math.random() * 1000);
  });
  socket.resume();
}

async function holdAll(words: readonly string[]): Promise<string> {
  const [prefix = '', port, count, perSecond, , tls] = words;
  const order = { port: Number(port), tls: tls === 'true' };
  const hosts = Array.from({ length: Number(count) }, (_, i) => `${prefix}.${i >> 8}.${i & 255}`);
  if (WITH_SERIES) addSeries(hosts.map((host) => `${host}:${order.port}`));
  let begun = 0;
  const startedAt = performance.now();
  const ramp = setInterval(() => {
    const due = Math.min(hosts.length, ((performance.now() - startedAt) * Number(perSecond)) / 1000);
    while (begun < due) hold(hosts[begun++] ?? '', order);
    if (begun === hosts.length) clearInterval(ramp);
  }, 10);
  return 'ok';
}

const server = createServer((request, response) => {
  if (request.url === '/metrics') void registry.metrics().then((text) => response.end(text));
  else response.end('healthy\n');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answerBench([`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`], { hold: holdAll });
