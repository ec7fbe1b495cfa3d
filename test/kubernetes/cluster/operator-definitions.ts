import { join } from 'node:path';
import { type GoModule, goModuleFolder } from '../../support/go-module.ts';

const OPERATOR: GoModule = {
  path: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.93.0',
  hash: 'h1:AohlYJT+En8TmNpAcEUJ3GsaJTAqfEBwHmGTVpRm/Io=',
};

/** The files that define prometheus-operator's own kinds which the chart makes objects of, as the operator publishes them. */
export async function operatorDefinitions(): Promise<readonly string[]> {
  const folder = join(await goModuleFolder(OPERATOR), 'example/prometheus-operator-crd');
  return ['podmonitors', 'prometheusrules', 'servicemonitors'].map((kind) =>
    join(folder, `monitoring.coreos.com_${kind}.yaml`),
  );
}
