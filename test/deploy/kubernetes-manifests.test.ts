import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MANIFESTS, manifestsOf } from '../../deploy/kubernetes-manifests.ts';
import { danglingReferences } from './dangling-references.ts';
import { HELM_VERSIONS, kubectl } from './kubernetes-tools.ts';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { schemaProblems, unknownFields } from './object-schemas.ts';
import { policyViolations, violationsOfObservers } from './pod-policy.ts';
import { type KubernetesObject, ROOT, objectsIn, the } from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);
const FOLDER = join(ROOT, 'deploy/kubernetes');

describe.skipIf(lack.skip)(`deploy/kubernetes${lack.note}`, () => {
  describe.each(MANIFESTS)('%s', (name) => {
    test('is what the chart renders today', () => {
      const committed = readFileSync(join(FOLDER, name, 'finrst.yaml'), 'utf8');
      for (const helm of HELM_VERSIONS)
        expect(committed, 'run `node deploy/generate.ts`').toBe(manifestsOf(name, { helm }));
    });

    test('is built by kustomize into sound objects', async () => {
      const objects = kustomize(join(FOLDER, name));
      expect(objects.map(({ kind }) => kind)).toContain('Namespace');
      expect(schemaProblems(objects)).toEqual([]);
      expect(await unknownFields(objects)).toEqual([]);
      expect(policyViolations(objects).toSorted()).toEqual(violationsOfObservers(objects));
      expect(danglingReferences(objects)).toEqual([]);
      for (const { kind, metadata } of objects)
        expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : 'finrst');
    });

    test('does not claim to be kept by Helm', () => {
      expect(readFileSync(join(FOLDER, name, 'finrst.yaml'), 'utf8')).not.toMatch(/helm\.sh|: Helm/);
    });
  });

  test('the overlay of docs/kubernetes.md brings an image and a configuration, without a suffix that would restart the pod', () => {
    const objects = overlaid((text) => text);
    expect(the('ConfigMap', objects)).toMatchObject({
      metadata: { name: 'finrst' },
      data: { 'finrst.yml': 'groups: [{ name: mine }]\n' },
    });
    expect(the('StatefulSet', objects)['spec'].template.spec.containers[0].image).toBe(
      'registry.example.org/finrst:0.1.0',
    );
    expect(danglingReferences(objects)).toEqual([]);
  });

  test('and works in another namespace, where only the one on top is changed', () => {
    const objects = overlaid((text) => text.replace(/^namespace: finrst$/m, 'namespace: elsewhere'));
    expect(the('ConfigMap', objects)['data']).toEqual({ 'finrst.yml': 'groups: [{ name: mine }]\n' });
    expect(the('Namespace', objects).metadata.name).toBe('elsewhere');
    for (const { kind, metadata } of objects)
      expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : 'elsewhere');
    expect(() => overlaid((text) => text.replaceAll('namespace: finrst', 'namespace: elsewhere'))).toThrow(
      'does not exist',
    );
  });
});

function kustomize(folder: string): readonly KubernetesObject[] {
  return objectsIn(execFileSync(kubectl(), ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' }));
}

/** What the overlay of docs/kubernetes.md makes, once changed like this. */
function overlaid(change: (text: string) => string): readonly KubernetesObject[] {
  const page = readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8');
  const [, overlay = ''] = /```yaml\n# kustomization\.yaml\n(.*?)```/s.exec(page) ?? [];
  // Beside the bases: kustomize reaches them by relative paths only.
  const folder = mkdtempSync(join(ROOT, '.cache/overlay-'));
  try {
    writeFileSync(join(folder, 'finrst.yml'), 'groups: [{ name: mine }]\n');
    writeFileSync(join(folder, 'kustomization.yaml'), change(overlay));
    return kustomize(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
