import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ROOT } from '../deploy/rendered-chart.ts';
import { NODE } from './cluster/addresses.ts';
import { type Cluster, clusterOn } from './cluster/cluster.ts';
import { lackOfCluster } from './cluster/needs.ts';
import { runInside } from './cluster/machine.ts';
import { operatorDefinitions } from './cluster/operator-definitions.ts';
import { waitUntil } from './cluster/wait-until.ts';
import { replacedAndLasting } from './held-peers.ts';
import { InstalledFinrst, type SeenEvent, endsIn } from './installed-finrst.ts';

const lack = lackOfCluster();
const NAMESPACE = 'chart';
const PEERS = 'chart-peers';
const LASTING = `lasting.${PEERS}:7000`;
const REPLACED = `replaced.${PEERS}:7000`;

const configOf = (...targets: readonly string[]): object => ({
  global: { reconnect: { initial: '500ms', max: '2s' } },
  groups: [{ name: 'peers', static_configs: [{ targets }] }],
});

describe.skipIf(lack.skip)(`a release of the chart${lack.note}`, () => {
  let cluster: Cluster;
  let finrst: InstalledFinrst;

  beforeAll(async () => {
    const machine = inject('machine');
    if (machine === null) throw new Error('the project has no cluster');
    cluster = clusterOn(machine);
    for (const name of [NAMESPACE, PEERS]) await cluster.kubectl('create', 'namespace', name);
    await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
    await cluster.apply(replacedAndLasting(PEERS, 1));
    await cluster.kubectl(
      `--namespace=${PEERS}`,
      'wait',
      '--for=condition=Available',
      'deployment',
      '--all',
      '--timeout=240s',
    );
    finrst = new InstalledFinrst(cluster, NAMESPACE);
    await finrst.apply(configOf(LASTING));
    await finrst.untilUp(LASTING);
  });
  afterAll(async () => {
    await cluster.kubectl('delete', 'namespace', NAMESPACE, PEERS, '--wait=false');
    await cluster.kubectl('delete', 'persistentvolume', 'journal', '--ignore-not-found', '--wait=false');
  });

  const untilPeersAre = (...peers: readonly string[]): Promise<void> =>
    waitUntil(`the peers to be ${peers.join()}`, async () => {
      const held = (await finrst.peers()).filter(({ up }) => up).map(({ peer }) => peer);
      expect(held.toSorted()).toEqual(peers);
    });

  test('answers to the commands of the image', async () => {
    const inPod = (...command: readonly string[]): Promise<string> =>
      finrst.kubectl('exec', 'finrst-0', '--', 'finrst', ...command);
    await inPod('healthcheck');
    expect(await inPod('check', '/etc/finrst/finrst.yml')).toContain('/etc/finrst/finrst.yml');
  });

  test('lets itself be looked at by a container that is added to its pod', async () => {
    const added = ['--profile=restricted', '--target=finrst', '--image=localhost/peer:1', '--image-pull-policy=Never'];
    await finrst.kubectl('debug', 'finrst-0', ...added, '--container=debugger', '--quiet');
    const state = '--output=jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}';
    await waitUntil('the added container', async () => {
      expect(await finrst.kubectl('get', 'pod', 'finrst-0', state)).not.toBe('');
    });
    await finrst.untilUp(LASTING);
  });

  test('keeps events in a journal on a volume, which the next pod goes on with and a rollback leaves', async () => {
    const path = join(cluster.machine.folder, 'journal');
    mkdirSync(path, { mode: 0o777 });
    await cluster.apply(JSON.stringify(localVolume('journal', path)));
    await finrst.apply(configOf(REPLACED), { journal: { enabled: true, storageClassName: 'local' } });
    await untilPeersAre(REPLACED);
    await cluster.kubectl(`--namespace=${PEERS}`, 'rollout', 'restart', 'deployment/replaced');
    const events = await finrst.untilBack(REPLACED, -1);
    expect(endsIn(events)).toEqual(['error/reset']);
    await finrst.kubectl('delete', 'pod', 'finrst-0');
    await finrst.kubectl('rollout', 'status', 'statefulset/finrst', '--timeout=240s');
    await untilPeersAre(REPLACED);
    // Written by the first pod and by the second, which has opened the file for more.
    await waitUntil('the journal', async () => {
      const lines = readFileSync(join(path, 'events.jsonl'), 'utf8').trim().split('\n');
      const written = lines.map((line) => JSON.parse(line) as SeenEvent);
      expect(endsIn(written)).toEqual(['error/reset']);
      expect(written.filter(({ type }) => type === 'connected')).toHaveLength(3);
    });
    await finrst.helm('rollback', 'finrst', '1', '--wait');
    await untilPeersAre(LASTING);
    const claim = '--output=jsonpath={.status.phase}';
    expect(await finrst.kubectl('get', 'persistentvolumeclaim', 'finrst-journal', claim)).toBe('Bound');
  });

  test('is refused before anything is replaced, where the configuration is checked first', async () => {
    await finrst.apply(configOf(LASTING));
    const wrong = 'groups: [{name: peers, static_configs: [{targets: [no-port]}]}]';
    await expect(finrst.apply(wrong, { configCheck: { enabled: true } })).rejects.toThrow(/no port/);
    await untilPeersAre(LASTING);
    expect(await finrst.helm('test', 'finrst')).toMatch(/Phase:\s+Succeeded/);
  });

  test('takes a changed Secret without a restart', async () => {
    const secret = (targets: readonly string[]): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'own', namespace: NAMESPACE },
        stringData: { 'finrst.yml': JSON.stringify(configOf(...targets)) },
      });
    await cluster.apply(secret([LASTING]));
    await finrst.apply({}, { existingSecret: { name: 'own' } });
    await untilPeersAre(LASTING);
    const [held] = await finrst.peers();
    await cluster.apply(secret([LASTING, REPLACED]));
    await untilPeersAre(LASTING, REPLACED);
    const peers = await finrst.peers();
    expect(peers.find(({ peer }) => peer === LASTING)?.connection_id).toBe(held?.connection_id);
  });

  test('serves over TLS to those who have the password, is ready all the same, and passes its own test', async () => {
    await finrst.kubectl('create', 'secret', 'generic', 'web', ...webFiles(cluster.machine.folder));
    const web = { existingConfigSecret: 'web', scheme: 'https', clientCertificates: false };
    await finrst.apply(configOf(LASTING), { web });
    expect(await finrst.helm('test', 'finrst')).toMatch(/Phase:\s+Succeeded/);
    const host = await finrst.kubectl('get', 'pod', 'finrst-0', '--output=jsonpath={.status.podIP}');
    const statusOf = (auth: string): Promise<string> => {
      const options = JSON.stringify({ host, port: 10346, path: '/metrics', auth, rejectUnauthorized: false });
      const ask = `require('node:https').get(${options}, (answer) => { console.log(answer.statusCode); answer.destroy(); })`;
      return runInside(cluster.machine, [process.execPath, '--eval', ask]);
    };
    expect(await statusOf('sre:guessed')).toBe('401\n');
    expect(await statusOf('sre:secret')).toBe('200\n');
    await finrst.apply(configOf(LASTING));
  });

  test("prometheus-operator's kinds: the API server takes what the chart makes of them, and all else that it can make", async () => {
    const definitions = (await operatorDefinitions()).map((file) => `--filename=${file}`);
    await cluster.kubectl('apply', '--server-side', ...definitions);
    try {
      await cluster.kubectl('wait', '--for=condition=Established', '--timeout=60s', ...definitions);
      const monitored = { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } };
      await finrst.apply(configOf(LASTING), monitored);
      const made = await finrst.kubectl('get', 'servicemonitors,prometheusrules', '--output=name');
      expect(made).toMatch(/^servicemonitor.*\/finrst\nprometheusrule.*\/finrst$/m);
      const values = `--values=${join(ROOT, 'deploy/chart/ci/everything-values.yaml')}`;
      const objects = await finrst.helm('template', 'all', join(ROOT, 'deploy/chart'), values);
      // No schema of Grafana's operator is published where it can be had.
      const known = objects.split(/^---$/m).filter((text) => !text.includes('kind: GrafanaDashboard'));
      const dryRun = ['apply', '--server-side', '--dry-run=server', `--namespace=${NAMESPACE}`, '--filename=-'];
      expect(await cluster.kubectlReading(known.join('---'), ...dryRun)).toMatch(/podmonitor\S+ serverside-applied/);
    } finally {
      await finrst.apply(configOf(LASTING));
      await cluster.kubectl('delete', ...definitions);
    }
  });

  test('without Helm: the manifests are taken by the API server as they are', async () => {
    const manifests = await cluster.kubectl('kustomize', join(ROOT, 'deploy/kubernetes/plain'));
    await cluster.kubectl('create', 'namespace', 'finrst');
    const answer = await cluster.kubectlReading(manifests, 'apply', '--server-side', '--dry-run=server', '-f', '-');
    expect(answer).toMatch(/statefulset.apps\/finrst serverside-applied/);
    await cluster.kubectl('delete', 'namespace', 'finrst', '--wait=false');
  });
});

/** Files of a web configuration with a certificate and the password "secret" of "sre", as arguments of `kubectl create secret`. */
function webFiles(folder: string): readonly string[] {
  const path = (name: string): string => join(folder, `web-${name}`);
  const names = { key: path('tls.key'), cert: path('tls.crt'), config: path('web.yml') };
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '7'];
  execFileSync('openssl', [...request, '-subj', '/CN=finrst', '-keyout', names.key, '-out', names.cert], {
    stdio: 'pipe',
  });
  const config = {
    tls_server_config: { cert_file: 'tls.crt', key_file: 'tls.key' },
    basic_auth_users: { sre: hashSync('secret', 4) },
  };
  writeFileSync(names.config, JSON.stringify(config));
  return [
    `--from-file=web.yml=${names.config}`,
    `--from-file=tls.crt=${names.cert}`,
    `--from-file=tls.key=${names.key}`,
  ];
}

/** A volume in a folder of the node, which any claim of the class "local" may take. */
function localVolume(name: string, path: string): object {
  const onNode = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: onNode } },
    },
  };
}
