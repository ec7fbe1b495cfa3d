import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kubernetesRights, rbacRules } from '../../src/config/kubernetes/kubernetes-rbac.ts';
import type { KubernetesRole } from '../../src/settings/kubernetes-settings.ts';
import { kubernetesEntry } from '../support/kubernetes-entry.ts';

const text = readFileSync(new URL('../../docs/kubernetes.md', import.meta.url), 'utf8');

/** The first block of YAML behind these words. */
function blockBehind(words: string): unknown {
  const [, block = ''] = /```yaml\n([^]*?)```/.exec(text.slice(text.indexOf(words))) ?? [];
  return parse(block);
}

type Entry = { readonly role: KubernetesRole; readonly namespaces: { readonly names: readonly string[] } };

test('the Role in docs/kubernetes.md is what `finrst check --rbac` prints for the recipe there', () => {
  const recipe = blockBehind('**Every pod of a Service**') as {
    readonly groups: readonly { readonly kubernetes_sd_configs: readonly Entry[] }[];
  };
  const entries = recipe.groups.flatMap((group) => group.kubernetes_sd_configs);
  const rights = kubernetesRights(
    entries.map(({ role, namespaces }) => kubernetesEntry({ role, namespaces: namespaces.names })),
  );
  const values = blockBehind('**Rights.**') as {
    readonly extraManifests: readonly {
      readonly kind: string;
      readonly metadata: { readonly namespace: string };
      readonly rules?: unknown;
    }[];
  };
  const roles = values.extraManifests.filter(({ kind }) => kind === 'Role');
  expect(roles.map(({ metadata, rules }) => ({ namespace: metadata.namespace, rules }))).toEqual(
    rights.map((each) => ({ namespace: 'payments', rules: rbacRules(each) })),
  );
});
