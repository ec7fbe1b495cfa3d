import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { type KubernetesObject, type Loose, ROOT, type RenderOptions, renderObjects, the } from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);
/** Passes the schema of the values, and Finrst refuses it. */
const TWICE = { config: { groups: [{ name: 'g', static_configs: [{ targets: ['a.b:1', 'a.b:1'] }] }] } };
const GOOD = { config: { groups: [{ name: 'g', static_configs: [{ targets: ['a.b:1'] }] }] } };
const CLIENT_CERTIFICATES = { web: { scheme: 'https', existingConfigSecret: 'web', clientCertificates: true } };

describe.skipIf(lack.skip)(`helm test${lack.note}`, () => {
  test('asks the Service whether Finrst is ready, and checks what is installed', () => {
    expect(testPod({}).containers.map(({ name }: Loose) => name)).toEqual(['check', 'healthcheck']);
  });

  test.each(['operator', 'text', 'everything'])('sees with %s all files that the daemon sees', (values) => {
    const objects = renderObjects({ values: [values] });
    const daemon = the('StatefulSet', objects)['spec'].template.spec;
    const pod = hooked('test', objects)[0]?.['spec'];
    const mine = (list: Loose[]): Loose[] => list.filter(({ name }) => name !== 'journal');
    expect(pod.containers[0].volumeMounts).toEqual(mine(daemon.containers[0].volumeMounts));
    expect(pod.volumes).toEqual(mine(daemon.volumes));
    const web = daemon.containers[0].args.filter((each: string) => each.startsWith('--web.config.file='));
    expect(pod.containers[0].args).toEqual(['check', ...web, '/etc/finrst/finrst.yml']);
  });

  test('fails of a configuration that Finrst refuses although Helm takes it', () => {
    expect(checkOf({ set: TWICE })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/finrst\.yml:\d+:\d+: /),
    });
    expect(checkOf({ set: GOOD })).toMatchObject({ status: 0 });
  });
});

describe.skipIf(lack.skip)(`the check before an upgrade${lack.note}`, () => {
  test('is there only where it was asked for', () => {
    expect(hooked('pre-upgrade', renderObjects({ set: GOOD }))).toEqual([]);
  });

  test.each([
    ['ConfigMap', 'data', {}],
    ['Secret', 'stringData', { configInSecret: true }],
  ])('reads the new text from a %s of its own, made before', (kind, field, more) => {
    const set = { ...GOOD, ...more, configCheck: { enabled: true } };
    const objects = renderObjects({ set });
    const [source, job, ...others] = hooked('pre-install,pre-upgrade', objects);
    expect(others).toEqual([]);
    expect([source?.kind, job?.kind]).toEqual([kind, 'Job']);
    const own = objects.find((each) => each.kind === kind && each.metadata.name === 'finrst');
    expect(source?.[field]).toEqual(own?.[field]);
    expect(Number(source?.metadata.annotations?.['helm.sh/hook-weight'])).toBeLessThan(0);
    const config = job?.['spec'].template.spec.volumes[0];
    expect(config.configMap?.name ?? config.secret?.secretName).toBe(source?.metadata.name);
    expect(job?.['spec'].template.spec.containers[0].args).toEqual(['check', '/etc/finrst/finrst.yml']);
  });

  test('reads a Secret that exists, and copies nothing', () => {
    const jobs = hooked('pre-install,pre-upgrade', renderObjects({ values: ['everything'] }));
    expect(jobs.map(({ kind }) => kind)).toEqual(['Job']);
    expect(jobs[0]?.['spec'].template.spec.volumes[0].secret.secretName).toBe('finrst-config');
  });

  test('runs once, and the pod is the same with and without it', () => {
    const objects = renderObjects({ set: { ...GOOD, configCheck: { enabled: true } } });
    const [, job] = hooked('pre-install,pre-upgrade', objects);
    expect(job?.['spec']).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } });
    expect(the('StatefulSet', objects)).toEqual(the('StatefulSet', renderObjects({ set: GOOD })));
  });

  test('no selector of the release takes the pods of hooks for the daemon', () => {
    const objects = renderObjects({
      set: { ...GOOD, configCheck: { enabled: true }, networkPolicy: { enabled: true } },
    });
    const selected = the('Service', objects)['spec'].selector['app.kubernetes.io/name'];
    const [, job] = hooked('pre-install,pre-upgrade', objects);
    const labels = [job?.['spec'].template.metadata.labels, hooked('test', objects)[0]?.metadata.labels];
    for (const each of labels) expect(each['app.kubernetes.io/name']).not.toBe(selected);
  });
});

describe.skipIf(lack.skip)(`the quick start${lack.note}`, () => {
  test.each(['README.md', 'deploy/chart/README.md', 'docs/kubernetes.md'])(
    'of %s is taken by Helm and by Finrst',
    (page) => {
      const [, values = ''] =
        /```yaml\n# my-values\.yaml\n(.*?)```/s.exec(readFileSync(join(ROOT, page), 'utf8')) ?? [];
      const set = parse(values) as Record<string, unknown>;
      const [group] = (set['config'] as Loose).groups;
      // A pod of a StatefulSet is POD.SERVICE.NAMESPACE; POD.NAMESPACE is a Service of that name.
      for (const { targets } of group.static_configs)
        for (const target of targets) expect(target).toMatch(/^[a-z]+-\d+\.[a-z]+\.[a-z]+:\d+$/);
      const checked = checkOf({ set });
      expect(checked.status, checked.stderr).toBe(0);
    },
  );
});

describe.skipIf(lack.skip)(`probes${lack.note}`, () => {
  test('the first one asks what liveness asks, and gives a slow node a minute', () => {
    const { startupProbe, livenessProbe } = daemonOf({});
    expect(startupProbe.httpGet).toEqual(livenessProbe.httpGet);
    expect(startupProbe.initialDelaySeconds).toBeGreaterThanOrEqual(2);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(60);
  });

  test('only open a connection where the web port requires client certificates, which the kubelet has not', () => {
    const { startupProbe, livenessProbe, readinessProbe } = daemonOf({ set: CLIENT_CERTIFICATES });
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      expect(probe.tcpSocket).toEqual({ port: 'metrics' });
      expect(probe).not.toHaveProperty('httpGet');
    }
    expect(testPod({ set: CLIENT_CERTIFICATES }).containers.map(({ name }: Loose) => name)).toEqual(['check']);
  });
});

function daemonOf(options: RenderOptions): Loose {
  return the('StatefulSet', renderObjects(options))['spec'].template.spec.containers[0];
}

function testPod(options: RenderOptions): Loose {
  return hooked('test', renderObjects(options))[0]?.['spec'];
}

/** The objects of that hook, in the order in which Helm makes them. */
function hooked(hook: string, objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const weight = ({ metadata }: KubernetesObject): number => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0);
  return objects
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === hook)
    .toSorted((one, other) => weight(one) - weight(other));
}

/** Runs what the test pod runs, on what it mounts. */
function checkOf(options: RenderOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'finrst-checked-'));
  try {
    const objects = renderObjects(options);
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'finrst');
    writeFileSync(join(folder, 'finrst.yml'), map?.['data']['finrst.yml'] as string);
    const args = hooked('test', objects)[0]?.['spec'].containers[0].args as string[];
    const here = args.map((each) => each.replace('/etc/finrst', folder));
    return spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), ...here], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
