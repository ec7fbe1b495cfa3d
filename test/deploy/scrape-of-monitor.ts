import { type KubernetesObject, type Loose, the } from './rendered-chart.ts';

/**
 * The scrape job that prometheus-operator makes of a chart's ServiceMonitor, for its one target at `address`.
 *
 * Discovery is left out: its meta labels are written down as Kubernetes would give them, and go through the monitor's own
 * relabelings. The order is the operator's: its target labels, then jobLabel, then the monitor's relabelings.
 */
export function scrapeOfServiceMonitor(
  objects: readonly KubernetesObject[],
  address: string,
): Readonly<Record<string, unknown>> {
  const monitor = the('ServiceMonitor', objects);
  const [endpoint] = monitor['spec'].endpoints as [Loose];
  const service = the('Service', objects);
  const port = service['spec'].ports.find(({ name }: Loose) => name === endpoint.port);
  if (port === undefined) throw new Error(`the Service has no port ${endpoint.port}`);
  const set = the('StatefulSet', objects);
  const pod = `${set.metadata.name}-0`;
  const job = service.metadata.labels?.[monitor['spec'].jobLabel] ?? service.metadata.name;
  return {
    job_name: `serviceMonitor/${monitor.metadata.namespace}/${monitor.metadata.name}/0`,
    metrics_path: endpoint.path,
    scheme: endpoint.scheme,
    honor_labels: endpoint.honorLabels,
    static_configs: [
      {
        targets: [address],
        labels: {
          __meta_kubernetes_pod_name: pod,
          namespace: service.metadata.namespace,
          service: service.metadata.name,
          pod,
          container: set['spec'].template.spec.containers[0].name,
          endpoint: endpoint.port,
          job,
        },
      },
    ],
    relabel_configs: (endpoint.relabelings ?? []).map(({ sourceLabels, targetLabel, ...rest }: Loose) => ({
      source_labels: sourceLabels,
      target_label: targetLabel,
      ...rest,
    })),
  };
}
