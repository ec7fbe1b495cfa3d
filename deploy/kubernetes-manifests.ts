import { type RenderOptions, renderText } from '../test/deploy/rendered-chart.ts';

/** The committed manifests: folder below deploy/kubernetes and the chart's values that make it. */
export const MANIFESTS = ['plain', 'prometheus-operator', 'observer'] as const;
export type Manifests = (typeof MANIFESTS)[number];

const VALUES: Record<Manifests, string> = { plain: 'plain', 'prometheus-operator': 'operator', observer: 'observer' };
/** Labels that would claim that Helm keeps these objects. */
const HELM_LABELS = /^ *(helm\.sh\/chart: .*|app\.kubernetes\.io\/managed-by: Helm)\n/gm;

/** The text of `finrst.yaml` for that folder. Helm's test pod and Helm's own labels are left out. */
export function manifestsOf(name: Manifests, options: RenderOptions = {}): string {
  const rendered = renderText({ ...options, values: [VALUES[name]], namespace: 'finrst', more: ['--skip-tests'] });
  return `# Made from deploy/chart by \`node deploy/generate.ts\`, do not edit.\n${rendered.replaceAll(HELM_LABELS, '')}`;
}
