import { systemClock } from '../../src/clock/system-clock.ts';
import { Fleet } from '../../src/connections/fleet/fleet.ts';
import { DISCOVERY_KINDS } from '../../src/discovery/discovery-kinds.ts';
import { PeerPipeline } from '../../src/discovery/peer-pipeline.ts';
import type { SourceUpdate, TargetLabels } from '../../src/discovery/peer-source.ts';
import { portableKernel } from '../../src/os/sockets/portable-kernel.ts';
import { DEFAULT_PEER_SETTINGS } from '../../src/settings/peer-settings.ts';
import { DEFAULT_RELABEL_RULE, type RelabelRule } from '../../src/settings/relabel-rule.ts';
import { parseTarget } from '../../src/text/host-port.ts';
import { readFile } from '../support/read-file.ts';

/**
 * What discovery costs at 15,000 targets in slices of 100: the longest block of the event loop while they arrive, and
 * the time from a changed slice to the fleet that has it, over 1,000 announcements. With the flags of the program:
 * `npm run -s node -- --max-semi-space-size=8 --expose-gc test/bench/discovery-cost.ts`
 * By the clock, for a quiet machine: kernels count the CPU of a thread in ticks of milliseconds, and an event takes less.
 */
const SLICES = 150;
const ENDPOINTS = 100;
const EVENTS = 1000;

const rule = (written: Partial<RelabelRule>): RelabelRule => ({ ...DEFAULT_RELABEL_RULE, ...written });
const RULES = [
  rule({ action: 'keep', sourceLabels: ['__meta_kubernetes_pod_annotation_hold'], regex: 'true|yes' }),
  rule({ action: 'drop', sourceLabels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)' }),
  rule({ sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'ns' }),
  rule({ sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'peer' }),
  rule({ sourceLabels: ['__meta_kubernetes_pod_node_name'], regex: '(.*)\\.internal', targetLabel: 'node' }),
  rule({ action: 'labelmap', regex: '__meta_kubernetes_pod_label_(.+)' }),
  rule({ action: 'labeldrop', regex: 'pod_template_hash|controller_.*' }),
];

function endpoint(slice: number, index: number, announced: string): TargetLabels {
  const id = slice * ENDPOINTS + index;
  const labels: Record<string, string> = {
    __address__: `10.${id >> 16}.${(id >> 8) & 255}.${id & 255}:6379`,
    __meta_kubernetes_namespace: `ns-${slice}`,
    __meta_kubernetes_pod_name: `redis-${id}`,
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_node_name: `node-${id % 50}.internal`,
    __meta_kubernetes_pod_annotation_hold: 'true',
  };
  for (let i = 0; i < 24; i++) labels[`__meta_kubernetes_pod_label_l${i}`] = `value-${i}-${id % 7}`;
  if (announced !== '') labels['__announced__'] = announced;
  return labels;
}

let publish: (update: SourceUpdate) => void = () => {};
Object.assign(DISCOVERY_KINDS.file, {
  create: () => ({ start: (to: typeof publish) => void (publish = to), stop() {} }),
});
const fleet = new Fleet({
  clock: systemClock,
  random: Math.random,
  kernel: portableKernel,
  emit: () => {},
  limits: { maxConnectsPerSecond: 1, maxConnections: 0 },
  openFileLimit: null,
  readFile,
});
let applied = Promise.withResolvers<void>();
const pipeline = new PeerPipeline({
  clock: systemClock,
  random: Math.random,
  readFile,
  folders: {} as never,
  readTargetList: (() => {}) as never,
  version: '0',
  publish: (event) => event.type === 'targetsApplied' && applied.resolve(),
  holder: fleet,
});
const template = {
  ...DEFAULT_PEER_SETTINGS,
  group: 'g',
  targetLabels: [],
  heartbeat: null,
  protocol: null,
  tls: null,
};
const settings = { files: ['/a.json'], refreshIntervalMs: 300_000, lingerMs: 30_000 };
await pipeline.configure(
  [{ name: 'g', template, sources: [{ kind: 'file', settings }], relabelRules: RULES, targetLimit: 0 }],
  {},
);

const sliceOf = (slice: number, changed = -1, announced = '') => ({
  source: `endpointslice/ns/${slice}`,
  labels: { __meta_kubernetes_service_name: `s-${slice}` },
  targets: Array.from({ length: ENDPOINTS }, (_, i) => endpoint(slice, i, i === changed ? announced : '')),
});
// To make them is not what discovery costs, nor to move them to where old objects lie.
const arriving = Array.from({ length: SLICES }, (_, slice) => sliceOf(slice));
for (let i = 0; i < 2; i++) global.gc?.();
// The program reads the address that it listens on before anything arrives.
parseTarget('127.0.0.1:10346');
const blocks = watchLoop();
applied = Promise.withResolvers();
const began = performance.now();
for (const slice of arriving) {
  publish({ kind: 'groups', groups: [slice] });
  await new Promise((resolve) => setImmediate(resolve));
}
publish({ kind: 'synced' });
while (fleet.size < SLICES * ENDPOINTS) {
  await applied.promise;
  applied = Promise.withResolvers();
}
console.log(
  `${fleet.size} peers after ${(performance.now() - began).toFixed(0)} ms; blocks over 5 ms: ${blocks.over(5)}, over 15 ms: ${blocks.over(15)}, longest ${blocks.longest().toFixed(1)} ms`,
);

const times: number[] = [];
for (let i = 0; i < EVENTS; i++) {
  const update = { kind: 'groups', groups: [sliceOf(i % SLICES, i % ENDPOINTS, 'terminating')] } as const;
  applied = Promise.withResolvers();
  const from = performance.now();
  publish(update);
  await applied.promise;
  times.push(performance.now() - from);
}
times.sort((a, b) => a - b);
const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
console.log(`${EVENTS} events: median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(0.999)} ms each`);
process.exit(0);

function watchLoop() {
  const counts = { 5: 0, 15: 0 };
  let longest = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    const ms = now - last;
    last = now;
    if (ms > 5) counts[5]++;
    if (ms > 15) counts[15]++;
    longest = Math.max(longest, ms);
    setImmediate(look);
  };
  setImmediate(look);
  return { over: (ms: 5 | 15) => counts[ms], longest: () => longest };
}
