import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildPrometheus3 } from '../deploy/prometheus-3.ts';
import { ROOT } from '../deploy/rendered-chart.ts';
import type { TargetLabels } from '../../src/discovery/peer-source.ts';
import { NODE_IP } from './cluster/addresses.ts';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { type Machine, runInside } from './cluster/machine.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { createServiceAccount, writeToken } from './cluster/service-account.ts';
import { labelledObjects } from './labelled-objects.ts';

const lack = lackOfCluster();
const NAMESPACE = 'labelled';
const READS = [
  { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

describe.skipIf(lack.skip)(`labels of targets of a real API server${lack.note}`, () => {
  let cluster: Cluster;
  let token: string;

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    await createServiceAccount(cluster, { namespace: NAMESPACE, name: 'reader', rules: READS });
    token = await writeToken(cluster, { namespace: NAMESPACE, name: 'reader', seconds: 3600 });
    await cluster.apply(labelledObjects(NAMESPACE));
    await cluster.kubectl(`--namespace=${NAMESPACE}`, 'rollout', 'status', 'deployment/labelled', '--timeout=240s');
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  });

  test.each([
    ['endpointslice', 4],
    ['pod', 6],
    ['service', 3],
  ])("of role %s, as `finrst discover` prints them, are those of Prometheus' own code", async (role, count) => {
    const { machine } = cluster;
    const source = {
      role,
      api_server: `https://${NODE_IP}:6443`,
      tls_config: { ca_file: join(machine.folder, 'keys/ca.crt') },
      authorization: { credentials_file: token },
      namespaces: { names: [NAMESPACE] },
    };
    const theirs = (await discoveredByPrometheus(machine, source)).filter(isTakenByFinrst);
    expect(theirs).toHaveLength(count);
    expect(byAddress(await discoveredByFinrst(machine, source))).toEqual(byAddress(theirs.map(withoutManifest)));
  });
});

type Source = { readonly role: string };

/** What `promtool check service-discovery` finds, without what it says of scraping. */
async function discoveredByPrometheus(machine: Machine, source: Source): Promise<readonly TargetLabels[]> {
  const file = join(machine.folder, `prometheus-${source.role}.json`);
  writeFileSync(file, JSON.stringify({ scrape_configs: [{ job_name: 'all', kubernetes_sd_configs: [source] }] }));
  const { promtool } = await buildPrometheus3();
  // It uses up the time it is given.
  const command = [promtool, 'check', 'service-discovery', '--timeout=10s', file, 'all'];
  const found = JSON.parse(await runInside(machine, command)) as readonly { readonly discoveredLabels: TargetLabels }[];
  return found.map(({ discoveredLabels }) =>
    Object.fromEntries(
      Object.entries(discoveredLabels).filter(([name]) => name === '__address__' || name.startsWith('__meta_')),
    ),
  );
}

/** What `finrst discover` finds with the same entry. A rule names a label of pods, without which slices are enough. */
async function discoveredByFinrst(machine: Machine, source: Source): Promise<readonly TargetLabels[]> {
  const file = join(machine.folder, `finrst-${source.role}.yml`);
  const rule = { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' };
  const group = { name: 'all', kubernetes_sd_configs: [source], relabel_configs: [rule] };
  writeFileSync(file, JSON.stringify({ groups: [group] }));
  const command = [process.execPath, join(ROOT, 'src/main.ts'), 'discover', file, '--json', '--for=120s'];
  const { targets } = JSON.parse(await runInside(machine, command)) as {
    readonly targets: readonly { readonly discovered: TargetLabels }[];
  };
  // An empty label is none, in Prometheus as in rules and peers of Finrst.
  return targets.map(({ discovered }) =>
    Object.fromEntries(Object.entries(discovered).filter(([, value]) => value !== '')),
  );
}

/** docs/discovery.md: no target of ports that are not TCP, nor of container ports that the Service does not name. */
function isTakenByFinrst(labels: TargetLabels): boolean {
  const protocols = ['endpointslice_port', 'service_port', 'pod_container_port'].map(
    (name) => labels[`__meta_kubernetes_${name}_protocol`] ?? 'TCP',
  );
  const isOfSlice = '__meta_kubernetes_endpointslice_name' in labels;
  return protocols.every((each) => each === 'TCP') && (!isOfSlice || '__meta_kubernetes_endpointslice_port' in labels);
}

/** docs/discovery.md: kubectl's own annotation is left out unless a rule names it. */
function withoutManifest(labels: TargetLabels): TargetLabels {
  const kept = Object.entries(labels).filter(
    ([name]) => !name.endsWith('_kubectl_kubernetes_io_last_applied_configuration'),
  );
  return Object.fromEntries(kept);
}

function byAddress(targets: readonly TargetLabels[]): readonly string[] {
  return targets.map((labels) => JSON.stringify(labels, Object.keys(labels).toSorted(), 1)).toSorted();
}
