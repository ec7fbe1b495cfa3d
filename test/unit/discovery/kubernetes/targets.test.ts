import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { podTargets } from '../../../../src/discovery/kubernetes/pod-targets.ts';
import {
  projectEndpointSlice,
  projectPod,
  projectService,
} from '../../../../src/discovery/kubernetes/project-object.ts';
import { serviceTargets } from '../../../../src/discovery/kubernetes/service-targets.ts';
import { type SliceContext, sliceTargets } from '../../../../src/discovery/kubernetes/slice-targets.ts';
import type { TargetGroup } from '../../../../src/discovery/peer-source.ts';
import { rawPod, rawService, rawSlice } from './objects.ts';

const WANTED = { lastApplied: false };
const pod = (more: Parameters<typeof rawPod>[0] = {}) => projectPod(rawPod(more), WANTED);
const service = (more: Parameters<typeof rawService>[0] = {}) => projectService(rawService(more), WANTED);
const slice = (more: Parameters<typeof rawSlice>[0] = {}) => projectEndpointSlice(rawSlice(more), WANTED);

/** The labels of each target over those of its set, as rules see them, without the beginning they share. */
function seen({ targets, labels }: TargetGroup): readonly Record<string, string>[] {
  return targets.map((target) =>
    Object.fromEntries(
      Object.entries({ ...labels, ...target }).map(([name, value]) => [name.replace('__meta_kubernetes_', ''), value]),
    ),
  );
}

const POD_LABELS = {
  pod_name: 'redis-0',
  pod_ip: '10.1.0.5',
  pod_ready: 'true',
  pod_phase: 'Running',
  pod_node_name: 'node-a',
  pod_host_ip: '192.168.0.1',
  pod_uid: 'u-1',
  pod_controller_kind: 'StatefulSet',
  pod_controller_name: 'redis',
  pod_label_app: 'redis',
  pod_labelpresent_app: 'true',
  pod_label_app_kubernetes_io_part_of: 'shop',
  pod_labelpresent_app_kubernetes_io_part_of: 'true',
  pod_annotation_finrst_hold: 'yes',
  pod_annotationpresent_finrst_hold: 'true',
};

describe('role pod', () => {
  test('each TCP port of a container is a target, and a container without ports one without a port', () => {
    expect(seen(podTargets('pod/payments/redis-0', pod()))).toEqual([
      {
        __address__: '10.1.0.5:6379',
        namespace: 'payments',
        ...POD_LABELS,
        pod_container_name: 'redis',
        pod_container_id: 'containerd://abc',
        pod_container_image: 'redis:8',
        pod_container_init: 'false',
        pod_container_port_name: 'redis',
        pod_container_port_number: '6379',
        pod_container_port_protocol: 'TCP',
      },
      {
        __address__: '10.1.0.5',
        namespace: 'payments',
        ...POD_LABELS,
        pod_container_name: 'sidecar',
        pod_container_id: '',
        pod_container_image: 'sidecar:1',
        pod_container_init: 'false',
      },
      {
        __address__: '10.1.0.5:1234',
        namespace: 'payments',
        ...POD_LABELS,
        pod_container_name: 'init',
        pod_container_id: '',
        pod_container_image: 'init:1',
        pod_container_init: 'true',
        pod_container_port_name: '',
        pod_container_port_number: '1234',
        pod_container_port_protocol: 'TCP',
      },
    ]);
  });

  test('a pod without an address gives no target', () => {
    expect(podTargets('s', pod({ status: { podIP: '' } })).targets).toEqual([]);
  });

  test('an IPv6 address is in brackets', () => {
    const [target] = podTargets('s', pod({ status: { podIP: 'fd00::5' } })).targets;
    expect(target?.['__address__']).toBe('[fd00::5]:6379');
  });

  test.each([
    ['a deletionTimestamp', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, 'terminating'],
    ['DisruptionTarget', { status: { conditions: [{ type: 'DisruptionTarget', status: 'True' }] } }, 'terminating'],
    [
      'DisruptionTarget that is False',
      { status: { conditions: [{ type: 'DisruptionTarget', status: 'False' }] } },
      undefined,
    ],
    ['the phase Failed', { status: { phase: 'Failed' } }, undefined],
    ['Ready that is False', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, undefined],
  ])('%s announces its end: %j', (_, more, announced) => {
    for (const labels of seen(podTargets('s', pod(more)))) expect(labels['__announced__']).toBe(announced);
  });

  test('Ready is unknown where no condition says it', () => {
    const [labels] = seen(podTargets('s', pod({ status: { conditions: [] } })));
    expect(labels?.['pod_ready']).toBe('unknown');
  });
});

describe('role service', () => {
  test('each TCP port is a target by the name of the Service', () => {
    const meta = {
      namespace: 'payments',
      service_name: 'redis',
      service_label_tier: 'back',
      service_labelpresent_tier: 'true',
      service_annotation_a: 'b',
      service_annotationpresent_a: 'true',
    };
    expect(seen(serviceTargets('svc/payments/redis', service()))).toEqual([
      {
        __address__: 'redis.payments.svc:6379',
        ...meta,
        service_port_name: 'redis',
        service_port_number: '6379',
        service_port_protocol: 'TCP',
        service_type: 'ClusterIP',
        service_cluster_ip: '10.96.0.7',
      },
    ]);
  });

  test('an ExternalName has no cluster IP, and a LoadBalancer says its address', () => {
    const [external] = seen(
      serviceTargets('s', service({ spec: { type: 'ExternalName', externalName: 'db.example' } })),
    );
    expect(external).toMatchObject({ service_external_name: 'db.example' });
    expect(external).not.toHaveProperty('service_cluster_ip');
    const [balanced] = seen(
      serviceTargets('s', service({ spec: { type: 'LoadBalancer', loadBalancerIP: '1.2.3.4' } })),
    );
    expect(balanced).toMatchObject({ service_loadbalancer_ip: '1.2.3.4', service_cluster_ip: '10.96.0.7' });
  });
});

describe('role endpointslice', () => {
  const context = (some: Partial<SliceContext> = {}): SliceContext => ({
    service: service(),
    pod: () => undefined,
    ipFamily: 'any',
    ...some,
  });
  const SLICE_LABELS = {
    __address__: '10.1.0.5:6379',
    namespace: 'payments',
    endpointslice_name: 'redis-abc',
    endpointslice_label_kubernetes_io_service_name: 'redis',
    endpointslice_labelpresent_kubernetes_io_service_name: 'true',
    endpointslice_address_type: 'IPv4',
    endpointslice_port: '6379',
    endpointslice_port_name: 'redis',
    endpointslice_port_protocol: 'TCP',
    endpointslice_port_app_protocol: 'redis',
    endpointslice_endpoint_conditions_ready: 'true',
    endpointslice_endpoint_conditions_serving: 'true',
    endpointslice_endpoint_conditions_terminating: 'false',
    endpointslice_endpoint_hostname: 'redis-0',
    endpointslice_endpoint_node_name: 'node-a',
    endpointslice_endpoint_zone: 'eu-1',
    endpointslice_endpoint_topology_topology_kubernetes_io_zone: 'eu-1',
    endpointslice_endpoint_topology_present_topology_kubernetes_io_zone: 'true',
    endpointslice_address_target_kind: 'Pod',
    endpointslice_address_target_name: 'redis-0',
    service_name: 'redis',
    service_label_tier: 'back',
    service_labelpresent_tier: 'true',
    service_annotation_a: 'b',
    service_annotationpresent_a: 'true',
  };

  test('an endpoint has the labels of its slice and its Service', () => {
    expect(seen(sliceTargets('endpointslice/payments/redis-abc', slice(), context()))).toEqual([SLICE_LABELS]);
  });

  test('where pods are watched it has those of its pod and of the container with its port', () => {
    expect(seen(sliceTargets('s', slice(), context({ pod: () => pod() })))).toEqual([
      {
        ...SLICE_LABELS,
        ...POD_LABELS,
        pod_container_name: 'redis',
        pod_container_image: 'redis:8',
        pod_container_init: 'false',
        pod_container_port_name: 'redis',
        pod_container_port_number: '6379',
        pod_container_port_protocol: 'TCP',
      },
    ]);
  });

  test('a Service that is not known gives no label', () => {
    const [labels] = seen(sliceTargets('s', slice(), context({ service: undefined })));
    expect(Object.keys(labels ?? {}).filter((name) => name.startsWith('service_'))).toEqual([]);
  });

  test('what the API server does not set gives no label', () => {
    const endpoints = [{ addresses: ['10.1.0.5'], conditions: {} }];
    const [labels] = seen(sliceTargets('s', slice({ endpoints, ports: [{}] }), context({ service: undefined })));
    expect(labels).toEqual({
      __address__: '10.1.0.5',
      namespace: 'payments',
      endpointslice_name: 'redis-abc',
      endpointslice_label_kubernetes_io_service_name: 'redis',
      endpointslice_labelpresent_kubernetes_io_service_name: 'true',
      endpointslice_address_type: 'IPv4',
    });
  });

  test('every address and TCP port is a target; other protocols and undeclared container ports are none', () => {
    const endpoints = [{ addresses: ['10.1.0.5', '10.1.0.6'], conditions: {} }];
    const ports = [
      { port: 1, protocol: 'TCP' },
      { port: 2, protocol: 'UDP' },
      { port: 3 },
      { port: 4, protocol: 'SCTP' },
    ];
    const { targets } = sliceTargets('s', slice({ endpoints, ports }), context({ pod: () => pod() }));
    expect(targets.map((target) => target['__address__'])).toEqual([
      '10.1.0.5:1',
      '10.1.0.6:1',
      '10.1.0.5:3',
      '10.1.0.6:3',
    ]);
  });

  test.each([
    [{ terminating: true }, 'terminating'],
    [{ terminating: true, ready: true }, 'terminating'],
    [{ terminating: false, ready: false, serving: false }, undefined],
    [{}, undefined],
    [{ terminating: null }, undefined],
  ])('conditions %j announce an end: %j', (conditions, announced) => {
    const endpoints = [{ addresses: ['10.1.0.5'], conditions }];
    const [labels] = seen(sliceTargets('s', slice({ endpoints }), context()));
    expect(labels?.['__announced__']).toBe(announced);
  });

  test('a pod that is being deleted announces the end of its endpoint, before the slice does', () => {
    const deleted = pod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const [labels] = seen(sliceTargets('s', slice(), context({ pod: () => deleted })));
    expect(labels?.['__announced__']).toBe('terminating');
  });

  test.each([
    ['IPv4', ['IPv4', 'IPv6'], 'any', 1],
    ['IPv6', ['IPv4', 'IPv6'], 'any', 0],
    ['IPv6', ['IPv6', 'IPv4'], 'any', 1],
    ['IPv6', ['IPv4', 'IPv6'], 'ipv6', 1],
    ['IPv4', ['IPv4', 'IPv6'], 'ipv6', 0],
    ['IPv6', [], 'any', 1],
    ['FQDN', ['IPv4'], 'ipv4', 1],
  ] as const)(
    'a slice of %s, of a Service of %j, in a group of ip_family %s: %i',
    (addressType, ipFamilies, ipFamily, count) => {
      const found = sliceTargets(
        's',
        slice({ addressType }),
        context({ ipFamily, service: service({ spec: { ipFamilies } }) }),
      );
      expect(found.targets.length).toBe(count);
      expect(found.source).toBe('s');
    },
  );
});

test('of two names that become the same label, the later by its bytes is taken', () => {
  const labels = { 'a-b': '1', 'a.b': '2', a_b: '3' };
  for (const names of [Object.keys(labels), Object.keys(labels).toReversed()]) {
    const shuffled = Object.fromEntries(names.map((name) => [name, labels[name as keyof typeof labels]]));
    const [found] = seen(podTargets('s', pod({ metadata: { labels: shuffled } })));
    expect(found?.['pod_label_a_b']).toBe('3');
  }
});

test('the manifest that kubectl applied is kept only where it is wanted', () => {
  const name = 'pod_annotation_kubectl_kubernetes_io_last_applied_configuration';
  const [with_] = seen(podTargets('s', projectPod(rawPod(), { lastApplied: true })));
  expect(with_?.[name]).toBe('{"long":1}');
  const [without] = seen(podTargets('s', pod()));
  expect(without).not.toHaveProperty(name);
});

test('names that mean something to the language are names', () => {
  const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  const [found] = seen(podTargets('s', pod({ metadata: { labels } })));
  expect(found).toMatchObject({ pod_label___proto__: 'x', pod_label_constructor: 'y' });
});

describe('whatever a server sends', () => {
  const NAMES = (
    'metadata spec status name namespace labels endpoints addresses conditions ports port containers ' +
    'containerPort targetRef kind ready ipFamilies type podIP __proto__'
  ).split(' ');
  const anything = fc.object({
    key: fc.constantFrom(...NAMES),
    maxDepth: 6,
  });

  test.each([
    [
      'slice',
      (raw: object) =>
        sliceTargets('s', projectEndpointSlice(raw as never, WANTED), {
          service: projectService(raw as never, WANTED),
          pod: () => projectPod(raw as never, WANTED),
          ipFamily: 'any',
        }),
    ],
    ['pod', (raw: object) => podTargets('s', projectPod(raw as never, WANTED))],
    ['service', (raw: object) => serviceTargets('s', projectService(raw as never, WANTED))],
  ])('a %s of it has labels of text, or none', (_, toTargets) => {
    fc.assert(
      fc.property(anything, (raw) => {
        for (const labels of seen(toTargets(raw)))
          for (const value of Object.values(labels)) expect(typeof value).toBe('string');
      }),
      { numRuns: 300 },
    );
  });

  test('a projection of a projection’s source that has more in it is the same: nothing else is looked at', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
        const extra = { ...more, metadata: undefined, spec: undefined, status: undefined };
        expect(projectPod({ ...extra, ...rawPod() }, WANTED)).toEqual(pod());
        expect(projectService({ ...extra, ...rawService() }, WANTED)).toEqual(service());
      }),
      { numRuns: 100 },
    );
  });
});
