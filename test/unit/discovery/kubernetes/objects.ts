/** Objects as the API server sends them, with what it always sets. */

export const rawPod = (
  more: { readonly metadata?: object; readonly spec?: object; readonly status?: object } = {},
) => ({
  metadata: {
    namespace: 'payments',
    name: 'redis-0',
    uid: 'u-1',
    labels: { app: 'redis', 'app.kubernetes.io/part-of': 'shop' },
    annotations: { 'finrst/hold': 'yes', 'kubectl.kubernetes.io/last-applied-configuration': '{"long":1}' },
    ownerReferences: [
      { kind: 'Other', name: 'x' },
      { kind: 'StatefulSet', name: 'redis', controller: true },
    ],
    managedFields: [{ manager: 'kubelet' }],
    ...more.metadata,
  },
  spec: {
    nodeName: 'node-a',
    containers: [
      {
        name: 'redis',
        image: 'redis:8',
        ports: [
          { name: 'redis', containerPort: 6379, protocol: 'TCP' },
          { name: 'gossip', containerPort: 7946, protocol: 'UDP' },
        ],
      },
      { name: 'sidecar', image: 'sidecar:1' },
    ],
    initContainers: [{ name: 'init', image: 'init:1', ports: [{ containerPort: 1234 }] }],
    ...more.spec,
  },
  status: {
    phase: 'Running',
    podIP: '10.1.0.5',
    hostIP: '192.168.0.1',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'redis', containerID: 'containerd://abc' }],
    ...more.status,
  },
});

export const rawService = (more: { readonly metadata?: object; readonly spec?: object } = {}) => ({
  metadata: {
    namespace: 'payments',
    name: 'redis',
    labels: { tier: 'back' },
    annotations: { a: 'b' },
    ...more.metadata,
  },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.7',
    ipFamilies: ['IPv4'],
    ports: [
      { name: 'redis', port: 6379, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
    ...more.spec,
  },
});

export const rawSlice = (more: Readonly<Record<string, unknown>> = {}) => ({
  metadata: {
    namespace: 'payments',
    name: 'redis-abc',
    labels: { 'kubernetes.io/service-name': 'redis' },
    annotations: {},
  },
  addressType: 'IPv4',
  endpoints: [
    {
      addresses: ['10.1.0.5'],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: 'redis-0',
      nodeName: 'node-a',
      zone: 'eu-1',
      deprecatedTopology: { 'topology.kubernetes.io/zone': 'eu-1' },
      targetRef: { kind: 'Pod', namespace: 'payments', name: 'redis-0' },
    },
  ],
  ports: [{ name: 'redis', port: 6379, protocol: 'TCP', appProtocol: 'redis' }],
  ...more,
});
