/** Objects with everything that labels of targets are made from, as JSON that `kubectl apply` takes. */
export function labelledObjects(namespace: string): string {
  const labels = { app: 'labelled', 'example.com/team-name': 'ops', empty: '' };
  const annotations = { 'example.com/note': 'Zeichen: \u00fc, "quoted"\nand a second line', 'same-name': '1' };
  const image = { image: 'localhost/peer:1', imagePullPolicy: 'Never' };
  const ports = [
    { name: 'peer', containerPort: 7000 },
    { name: 'named-by-no-one', containerPort: 8080 },
    { name: 'datagrams', containerPort: 7001, protocol: 'UDP' },
  ];
  const pod = {
    metadata: { labels, annotations },
    spec: {
      terminationGracePeriodSeconds: 1,
      initContainers: [{ name: 'first', ...image, args: ['-h'] }],
      containers: [{ name: 'peer', ...image, ports, readinessProbe: { tcpSocket: { port: 7000 }, periodSeconds: 1 } }],
    },
  };
  const deployment = { replicas: 2, selector: { matchLabels: { app: 'labelled' } }, template: pod };
  const servicePorts = [
    { name: 'peer', port: 70, targetPort: 'peer', appProtocol: 'example.com/lines' },
    { name: 'same', port: 71, targetPort: 7000 },
    { name: 'datagrams', port: 7001, protocol: 'UDP' },
  ];
  const items = [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'labelled', namespace }, spec: deployment },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'labelled', namespace, labels, annotations },
      spec: { selector: { app: 'labelled' }, ports: servicePorts },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'elsewhere', namespace },
      spec: { type: 'ExternalName', externalName: 'elsewhere.example', ports: [{ port: 443 }] },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
