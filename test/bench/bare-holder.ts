import { type AddressInfo, connect } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { Counter, Gauge, Registry } from 'prom-client';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { serveBench, tellEnded } from './holder.ts';

/**
 * The baseline: what a Node.js program would do without Finrst. It holds sockets with keepalive on, counts how they end, and
 * keeps as many series per peer as Finrst does, in plain prom-client metrics.
 */
serveBench(async (port, peers) => {
  const registry = new Registry();
  const perPeer = METRIC_CATALOGUE.filter(({ detail, name }) => detail !== undefined && !/info|tls/.test(name)).map(
    ({ name, help, labels, type }) => ({
      labels,
      metric: new (type === 'counter' ? Counter : Gauge)({ name, help, labelNames: labels, registers: [registry] }),
    }),
  );
  const ends = registry.getSingleMetric('finrst_disconnects_total') as Counter;
  for (let i = 0; i < peers; i++) {
    for (const { labels, metric } of perPeer) {
      const extra = labels[2];
      const values = extra === 'class' ? ['eof', 'error', 'idle_timeout'] : extra === 'phase' ? ['dns', 'tcp'] : [];
      if (extra === undefined) metric.inc({ group: 'bench', peer: `peer-${i}` }, 0);
      for (const value of values) metric.inc({ group: 'bench', peer: `peer-${i}`, [extra ?? '']: value }, 0);
    }
  }
  for (let i = 0; i < peers; i++) {
    const socket = connect({ port, host: '127.0.0.1', keepAlive: true, keepAliveInitialDelay: 60_000 });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    const { localPort = 0 } = socket;
    socket.on('end', () => {
      ends.inc({ group: 'bench', peer: `peer-${i}`, class: 'eof' });
      tellEnded(localPort);
    });
  }
  const server = createHttpServer((_request, response) => void registry.metrics().then((text) => response.end(text)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
});
