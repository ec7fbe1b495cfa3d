import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import type { ConfigResult } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { HELM_VERSIONS } from './kubernetes-tools.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import {
  CHART,
  type KubernetesObject,
  type Loose,
  ROOT,
  type RenderOptions,
  renderObjects,
  the,
} from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);

describe.skipIf(lack.skip)(`the configuration on its way through Helm${lack.note}`, () => {
  test.each(HELM_VERSIONS)('means the same after %s: no key, no number, no backslash changes', (helm) => {
    const { config } = parse(readFileSync(join(CHART, 'ci/operator-values.yaml'), 'utf8')) as {
      readonly config: unknown;
    };
    expect(parse(configText({ helm, values: ['operator'] }))).toEqual(config);
  });

  test.each(HELM_VERSIONS)('`keepalive: false` arrives as false, and the daemon reads it as off (%s)', (helm) => {
    const text = configText({ helm, values: ['operator'] });
    expect(text).toContain('keepalive: false');
    const group = groupOf(text, 'broker');
    expect(group.template.keepalive).toBeNull();
    expect(groupOf(text, 'payments-redis').template.keepalive).not.toBeNull();
  });

  test('`keepalive: off` in a map means the same', () => {
    const set = {
      config: parse('groups: [{name: g, keepalive: off, static_configs: [{targets: ["a:1"]}]}]', {
        version: '1.1',
      }) as unknown,
    };
    expect(groupOf(configText({ set }), 'g').template.keepalive).toBeNull();
  });

  test('a string is taken to the letter, comments included', () => {
    const text = configText({ values: ['text'] });
    expect(text).toContain('# This comment survives');
    expect(groupOf(text, 'broker').template.keepalive).toBeNull();
  });

  test.each(['operator', 'plain', 'text', 'default', 'sharded', 'observer'])(
    'the daemon takes what ci/%s-values.yaml renders',
    (values) => {
      expect(loaded(configText({ values: [values] })).kind).toBe('loaded');
    },
  );
});

describe.skipIf(lack.skip)(`a change of the configuration${lack.note}`, () => {
  const podOf = (set: Readonly<Record<string, unknown>>): unknown =>
    the('StatefulSet', renderObjects({ set }))['spec'].template;
  const one = { config: { groups: [{ name: 'one' }] } };
  const two = { config: { groups: [{ name: 'two' }] } };

  test('leaves the pod alone: Finrst sees the new file itself', () => {
    expect(podOf(two)).toEqual(podOf(one));
    expect(argsOf({ set: one })).toContain('--config.auto-reload-interval=15s');
  });

  test('replaces the pod where that was asked for, and then Finrst does not look as well', () => {
    const restart = { configReload: { mode: 'restart' } };
    expect(podOf({ ...two, ...restart })).not.toEqual(podOf({ ...one, ...restart }));
    expect(podOf({ ...one, ...restart, prometheusRule: { enabled: true } })).toEqual(podOf({ ...one, ...restart }));
    expect(argsOf({ set: restart })).toContain('--config.auto-reload-interval=0s');
  });

  test('a new version of the chart alone leaves the pod alone', () => {
    const { labels } = the('StatefulSet', renderObjects())['spec'].template.metadata;
    expect(Object.keys(labels as object).toSorted()).toEqual(['app.kubernetes.io/instance', 'app.kubernetes.io/name']);
  });

  test('the whole directory is mounted, so that the kubelet can swap it', () => {
    for (const values of ['operator', 'text', 'everything']) {
      const { volumeMounts } = containerOf(renderObjects({ values: [values] }));
      expect(volumeMounts[0]).toEqual({ name: 'config', mountPath: '/etc/finrst', readOnly: true });
    }
  });
});

describe.skipIf(lack.skip)(`the pod${lack.note}`, () => {
  test('is given longer to end than Finrst takes', () => {
    for (const values of ['default', 'everything']) {
      const objects = renderObjects({ values: [values] });
      const flag = containerOf(objects).args.find((each: string) => each.startsWith('--shutdown.timeout='));
      const seconds = Number(/=(\d+)s$/.exec(flag)?.[1]);
      expect(the('StatefulSet', objects)['spec'].template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
    }
  });

  test('asks probes under the route prefix, whatever the external URL says', () => {
    const set = { web: { externalUrl: 'https://example.org/somewhere/' } };
    expect(argsOf({ set })).toContain('--web.route-prefix=/');
    expect(containerOf(renderObjects({ set })).livenessProbe.httpGet.path).toBe('/-/healthy');
    expect(containerOf(renderObjects({ values: ['everything'] })).readinessProbe.httpGet.path).toBe('/finrst/-/ready');
  });

  test.each([
    [{ image: { tag: 'v9' } }, 'finrst:v9'],
    [{ image: { registry: 'r.example.org', tag: 'v9' } }, 'r.example.org/finrst:v9'],
    [
      { image: { registry: 'r.example.org' }, global: { imageRegistry: 'g.example.org' } },
      'g.example.org/finrst:0.1.0',
    ],
    [{ image: { tag: 'v9', digest: `sha256:${'1'.repeat(64)}` } }, `finrst@sha256:${'1'.repeat(64)}`],
  ])('has the image that %o names', (set, image) => {
    expect(containerOf(renderObjects({ set })).image).toBe(image);
  });

  test('gets a token only where that is asked for', () => {
    const objects = renderObjects({ set: { serviceAccount: { automountToken: true } } });
    expect(the('ServiceAccount', objects)['automountServiceAccountToken']).toBe(true);
    expect(the('StatefulSet', objects)['spec'].template.spec.automountServiceAccountToken).toBe(true);
  });
});

describe.skipIf(lack.skip)(`shards${lack.note}`, () => {
  const sharding = { sharding: { enabled: true } };
  const setOf = (set: Readonly<Record<string, unknown>>): Loose => the('StatefulSet', renderObjects({ set }))['spec'];

  test('know their StatefulSet and their own name, and may read that one alone', () => {
    const objects = renderObjects({ release: 'r', set: { ...sharding, extraEnv: [{ name: 'A', value: 'b' }] } });
    const { name } = the('StatefulSet', objects).metadata;
    const { args, env } = containerOf(objects);
    expect(args).toContain(`--shard.statefulset=${name}`);
    expect(env).toEqual([
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'A', value: 'b' },
    ]);
    expect(the('Role', objects)['rules']).toEqual([
      { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: [name], verbs: ['list', 'watch'] },
    ]);
    const account = the('StatefulSet', objects)['spec'].template.spec.serviceAccountName;
    expect(the('RoleBinding', objects)['subjects']).toMatchObject([{ kind: 'ServiceAccount', name: account }]);
    expect(the('StatefulSet', objects)['spec'].template.spec.automountServiceAccountToken).toBe(true);
  });

  test('of another number are the same pods', () => {
    expect(setOf({ ...sharding, replicaCount: 5 }).template).toEqual(setOf(sharding).template);
  });

  test('have time to hand over, and are neither drained together nor put on one node', () => {
    const objects = renderObjects({ values: ['sharded'] });
    const { template, minReadySeconds, replicas } = the('StatefulSet', objects)['spec'];
    expect([template.spec.terminationGracePeriodSeconds, minReadySeconds, replicas]).toEqual([90, 5, 3]);
    expect(setOf({ ...sharding, terminationGracePeriodSeconds: 120 }).template.spec.terminationGracePeriodSeconds).toBe(
      120,
    );
    expect(the('PodDisruptionBudget', objects)['spec'].maxUnavailable).toBe(1);
    const [spread] = template.spec.topologySpreadConstraints;
    expect(spread).toMatchObject({ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' });
    expect(spread.labelSelector.matchLabels).toEqual(the('StatefulSet', objects)['spec'].selector.matchLabels);
    const own = [{ maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }];
    const { topologySpreadConstraints } = setOf({ ...sharding, topologySpreadConstraints: own }).template.spec;
    expect(topologySpreadConstraints).toMatchObject(own);
    expect(topologySpreadConstraints).toHaveLength(1);
  });

  test('write a journal each, on a claim of their own', () => {
    const objects = renderObjects({ values: ['sharded'] });
    const { volumeClaimTemplates, template } = the('StatefulSet', objects)['spec'];
    expect(volumeClaimTemplates).toMatchObject([
      {
        metadata: { name: 'journal' },
        spec: { storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } },
      },
    ]);
    expect(template.spec.volumes.map(({ name }: Loose) => name)).not.toContain('journal');
    expect(objects.map(({ kind }) => kind)).not.toContain('PersistentVolumeClaim');
  });

  test('reach the API server through a network policy', () => {
    const { egress } = the('NetworkPolicy', renderObjects({ values: ['sharded'] }))['spec'];
    expect(egress.at(-1)).toEqual({
      ports: [443, 6443].map((port) => ({ port, protocol: 'TCP' })),
      to: [{ ipBlock: { cidr: '192.0.2.0/24' } }],
    });
  });

  test('are nothing that one pod has', () => {
    const kinds = renderObjects({ values: ['default'] }).map(({ kind }) => kind);
    for (const kind of ['Role', 'RoleBinding', 'PodDisruptionBudget']) expect(kinds).not.toContain(kind);
    expect(setOf({})).not.toHaveProperty('minReadySeconds');
  });
});

describe.skipIf(lack.skip)(`network policy${lack.note}`, () => {
  const egressOf = (options: RenderOptions): Loose => the('NetworkPolicy', renderObjects(options))['spec'].egress;

  test('opens the ports that the configuration names, and DNS, and nothing else', () => {
    const ports = (egressOf({ values: ['operator'] }) as Loose[])
      .flatMap((rule) => rule.ports)
      .map(({ port }: Loose) => port);
    expect(ports).toEqual([53, 53, 4318, 5672, 6379]);
  });

  test.each([
    ['http://collector', 80],
    ['https://collector', 443],
    ['https://collector.example.org:8443/base', 8443],
    ['http://[2001:db8::1]:4318', 4318],
  ])('knows the port of %s', (endpoint, port) => {
    const set = { networkPolicy: { enabled: true }, config: { groups: [], tracing: { endpoint } } };
    expect(egressOf({ set })[1].ports).toEqual([{ port, protocol: 'TCP' }]);
  });

  test('with no peers permits DNS alone', () => {
    expect(egressOf({ set: { networkPolicy: { enabled: true } } })).toHaveLength(1);
  });
});

describe.skipIf(lack.skip)(`monitors, rules and dashboards${lack.note}`, () => {
  test('every label that a relabelling drops or keeps is one of a metric', () => {
    const regex = the('PodMonitor', renderObjects({ values: ['everything'] }))['spec'].podMetricsEndpoints[0]
      .metricRelabelings[0].regex;
    expect(METRIC_CATALOGUE.flatMap(({ labels }) => labels)).toContain(regex);
  });

  test('leave out the alerts named in `disabled`, and move the runbooks', () => {
    const { groups } = the('PrometheusRule', renderObjects({ values: ['everything'] }))['spec'];
    const rules = (groups as Loose[]).flatMap((group) => group.rules as Loose[]);
    const alerts = rules.filter((rule) => rule.alert !== undefined);
    expect(alerts.map((rule) => rule.alert)).not.toContain('FinrstRecurringAge');
    expect(alerts.map((rule) => rule.alert)).toContain('FinrstPeerDown');
    for (const { labels, annotations } of alerts) {
      expect(labels.team).toBe('platform');
      expect(annotations.runbook_url).toMatch(
        /^https:\/\/runbooks\.example\.org\/finrst\/docs\/alerts\.md#finrst[a-z]+$/,
      );
    }
    expect(groups.at(-1).name).toBe('own');
  });

  test('without any change are the rules of deploy/rules', () => {
    const source = parse(readFileSync(join(ROOT, 'deploy/rules/finrst.rules.yaml'), 'utf8')) as unknown;
    const set = { web: { externalUrl: 'https://finrst-page.example/' } };
    expect(the('PrometheusRule', renderObjects({ values: ['operator'], set }))['spec']).toEqual(source);
  });

  test('link to the pages where they have an address for people, and nowhere else', () => {
    const linking = (externalUrl: string) => {
      const objects = renderObjects({
        values: ['operator'],
        set: { web: { externalUrl }, dashboards: { enabled: true } },
      });
      const alerts = (the('PrometheusRule', objects)['spec'].groups as Loose[]).flatMap(
        ({ rules }) => rules as Loose[],
      );
      const maps = objects.filter(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('-dashboard-'),
      );
      const marks = maps.flatMap(({ data }) =>
        Object.values(data as Record<string, string>).flatMap(
          (text) => /what its peers share is on [^"]*/.exec(text) ?? [],
        ),
      );
      return { pages: alerts.flatMap(({ annotations }) => annotations?.page_url ?? []), marks: [...new Set(marks)] };
    };
    expect(linking('https://ops.example.org/finrst/')).toEqual({
      pages: ['https://ops.example.org/finrst/incidents'],
      marks: ['what its peers share is on <a href=https://ops.example.org/finrst/incidents>/incidents</a>'],
    });
    expect(linking('')).toEqual({ pages: [], marks: ['what its peers share is on /incidents'] });
  });

  test('ship every dashboard, to the letter but for the address of the runbooks, and small enough', () => {
    const maps = renderObjects({ values: ['everything'] }).filter(({ metadata }) =>
      metadata.name.includes('-dashboard-'),
    );
    const files = readdirSync(join(ROOT, 'grafana/dashboards')).filter((file) => file.endsWith('.json'));
    const shipped = maps
      .filter(({ kind }) => kind === 'ConfigMap')
      .flatMap(({ data }) => Object.entries(data as Record<string, string>));
    expect(shipped.map(([key]) => key).toSorted()).toEqual(files.map((file) => `finrst-${file}`).toSorted());
    for (const [key, text] of shipped) {
      const source = readFileSync(join(ROOT, 'grafana/dashboards', key.replace('finrst-', '')), 'utf8');
      const moved = source.replaceAll('https://finrst.example', 'https://runbooks.example.org/finrst');
      expect(moved === source).toBe(!key.includes('overview'));
      const linked = moved.replaceAll('https://finrst-page.example', 'https://example.org/finrst');
      expect(JSON.parse(text)).toEqual(JSON.parse(linked));
      // kubectl apply keeps the whole object in an annotation, and those end at 256 KiB.
      expect(text.length).toBeLessThan(250_000);
    }
  });

  test('the sidecar label is the text "1", as the sidecar wants', () => {
    const map = renderObjects({ values: ['everything'] }).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('-dashboard-'),
    );
    expect(map?.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
  });

  test('more manifests come as maps or as text, with templates expanded', () => {
    const names = renderObjects({ values: ['everything'], release: 'r' }).map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(['r-map', 'r-text']));
  });

  test('the links to rules and dashboards are there', () => {
    expect(existsSync(join(CHART, 'rules/finrst.rules.yaml'))).toBe(true);
    expect(existsSync(join(CHART, 'dashboards'))).toBe(true);
  });
});

function configText(options: RenderOptions): string {
  const objects = renderObjects(options).filter(({ metadata }) => metadata.name === 'finrst');
  const config = objects.find(({ kind }) => kind === 'ConfigMap' || kind === 'Secret');
  if (config === undefined) throw new Error('no configuration was rendered');
  return (config['data'] ?? config['stringData'])['finrst.yml'];
}

/** What the daemon's own loader makes of this text, which names no files. */
function loaded(text: string): ConfigResult {
  return parseConfig(text, 'finrst.yml', () => ({ kind: 'unreadable', why: 'ENOENT' }));
}

function groupOf(text: string, name: string) {
  const result = loaded(text);
  const group = result.kind === 'loaded' ? result.config.groups.find((each) => each.name === name) : undefined;
  if (group === undefined) throw new Error(`no group ${name}: ${JSON.stringify(result)}`);
  return group;
}

function containerOf(objects: readonly KubernetesObject[]): Loose {
  return the('StatefulSet', objects)['spec'].template.spec.containers[0];
}

function argsOf(options: RenderOptions): readonly string[] {
  return containerOf(renderObjects(options)).args;
}
