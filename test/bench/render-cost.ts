import { systemClock } from '../../src/clock/system-clock.ts';
import { MetricsSink } from '../../src/sinks/metrics/metrics-sink.ts';
import { Counter, Gauge, Registry } from '../../src/sinks/metrics/prom-client.ts';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { createEventBus } from '../../src/events/bus.ts';
import type { FinrstEvent } from '../../src/domain/events/finrst-event.ts';
import { createGzipPieces } from '../../src/web/server/gzip-pieces.ts';
import { connectedEvent, disconnectedEvent, silences } from '../support/sample-finrst-events.ts';
import { TEST_BUILD } from '../support/metrics-reader.ts';

const PEERS = 15_000;
const { at } = connectedEvent;
const peerNumber = (id: number) => {
  const host = `redis-${id}.payments.svc.cluster.local`;
  return { id, group: 'payments-redis', peer: `${host}:6379`, host, port: 6379, isLiteral: false, labels: {} };
};
const tcp = {
  state: 'established',
  rttMs: 1.25,
  minRttMs: 0.75,
  totalRetransmits: 1,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 0,
} as const;

await measureRenderCost();

/**
 * What a scrape of many peers costs, beside the same number of series in plain prom-client, and what an event costs the
 * metrics, in this process alone: `npm run -s node -- test/bench/render-cost.ts`. The best of a few runs each, since other
 * programs share the machine.
 */
async function measureRenderCost(): Promise<void> {
  const metrics = new MetricsSink({
    clock: systemClock,
    build: TEST_BUILD,
    detail: 'full',
    histograms: 'by_class',
    kernelEvidence: true,
  });
  const { publish } = createEventBus({ metrics: metrics.sink }, (_sink, error) => {
    throw error;
  });
  const peers = Array.from({ length: PEERS }, (_, id) => peerNumber(id));
  const facts = {
    labels: { team: 'payments' },
    tls: false,
    expectsAnswer: true,
    canAnnounce: false,
    host: 'h',
    port: 6379,
  };
  publish({ type: 'groupAdded', at, group: 'payments-redis', tls: false, expectsAnswer: true, canAnnounce: false });
  for (const peer of peers) {
    publish({ type: 'peerAdded', at, peer, facts });
    publish({ ...connectedEvent, peer });
    publish({ type: 'sampled', at, peer, tcp, newRetransmits: 1, silences });
    publish({ type: 'traffic', at, peer, receivedBytes: 1, sentBytes: 1, lastReceivedAt: at });
    publish({ type: 'heartbeatAnswered', at, peer, rttMs: 0.5 });
  }
  let series = 0;
  for await (const piece of metrics.render('text')) series += piece.toString().split(',peer="').length - 1;
  const registry = plainRegistry(series);
  console.log(`\nA scrape of ${PEERS} peers, ${series} per-peer series, best of 6:`);
  await row('plain prom-client', () => registry.metrics());
  await row('streamed', async () => {
    for await (const piece of metrics.render('text')) Buffer.from(piece);
  });
  await row('streamed, gzip', async () => {
    const gzip = createGzipPieces();
    for await (const piece of metrics.render('text')) gzip.push(Buffer.from(piece));
    gzip.end();
  });
  console.log(`\nOne event through the bus into the metrics, CPU, best of 6:`);
  eventRow(
    'traffic',
    peers.map((peer) => ({ type: 'traffic', at, peer, receivedBytes: 1, sentBytes: 1 })),
    publish,
  );
  eventRow(
    'sampled',
    peers.map((peer) => ({ type: 'sampled', at, peer, tcp, newRetransmits: 1, silences })),
    publish,
  );
  eventRow(
    'disconnected',
    peers.map((peer) => ({ ...disconnectedEvent, peer })),
    publish,
  );
  eventRow(
    'connected',
    peers.map((peer) => ({ ...connectedEvent, peer })),
    publish,
  );
  metrics.stop();
}

/** CPU of this thread, which other programs on the machine change less than the time on the wall. */
function cpuMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function eventRow(name: string, events: readonly FinrstEvent[], publish: (event: FinrstEvent) => void): void {
  let best = Infinity;
  for (let run = 0; run < 6; run++) {
    const before = cpuMicros();
    for (let again = 0; again < 10; again++) for (const event of events) publish(event);
    best = Math.min(best, (cpuMicros() - before) / (10 * events.length));
  }
  console.log(`${name.padEnd(28)}${(1000 * best).toFixed(0).padStart(8)} ns`);
}

/** The same number of per-peer series in ordinary prom-client metrics. */
function plainRegistry(series: number): Registry {
  const registry = new Registry();
  const families = METRIC_CATALOGUE.filter(({ detail, type }) => detail !== undefined && type !== 'histogram');
  const perFamily = Math.ceil(series / families.length);
  for (const { name, type, help } of families) {
    const options = { name, help, labelNames: ['group', 'peer'], registers: [registry] };
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
    for (let id = 0; id < perFamily; id++) metric.inc({ group: 'payments-redis', peer: peerNumber(id).peer }, id);
  }
  return registry;
}

async function row(name: string, work: () => Promise<unknown>): Promise<void> {
  let cpuMs = Infinity;
  let longestBlockMs = Infinity;
  for (let run = 0; run < 6; run++) {
    const cost = await costOf(work);
    cpuMs = Math.min(cpuMs, cost.cpuMs);
    longestBlockMs = Math.min(longestBlockMs, cost.longestBlockMs);
  }
  const cells = [
    `${cpuMs.toFixed(0)} ms CPU`.padStart(14),
    `longest block ${longestBlockMs.toFixed(1)} ms`.padStart(26),
  ];
  console.log(`${name.padEnd(28)}${cells.join('')}`);
}

async function costOf(work: () => Promise<unknown>): Promise<{ cpuMs: number; longestBlockMs: number }> {
  const cpuBefore = cpuMicros();
  let last = performance.now();
  let longestBlockMs = 0;
  let running = true;
  const turn = (): void => {
    const now = performance.now();
    longestBlockMs = Math.max(longestBlockMs, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  running = false;
  const cpuMs = (cpuMicros() - cpuBefore) / 1000;
  return { cpuMs, longestBlockMs: Math.max(longestBlockMs, performance.now() - last) };
}
