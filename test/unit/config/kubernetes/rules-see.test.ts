import { expect, test } from 'vitest';
import { rulesNameLastApplied, rulesSeePods } from '../../../../src/config/kubernetes/rules-see.ts';
import { DEFAULT_RELABEL_RULE, type RelabelRule } from '../../../../src/settings/relabel-rule.ts';

const rule = (some: Partial<RelabelRule>): RelabelRule => ({ ...DEFAULT_RELABEL_RULE, ...some });

test.each([
  [{ sourceLabels: ['__meta_kubernetes_pod_name'] }],
  [{ sourceLabels: ['a', '__meta_kubernetes_pod_label_app'] }],
  [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: '__meta_kubernetes_pod_name' }],
  [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: '__meta_kubernetes_pod_ip' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_pod_label_(.+)' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_pod_label_(app|team)' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_(.+)' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_(pod|service)_label_(app)' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_service_name|__meta_kubernetes_pod_name' }],
  [{ action: 'labelmap', regex: '(?i)__META_KUBERNETES_POD_NAME' }],
  [{ action: 'labelmap', regex: '(.*)' }],
  [{ action: 'labelmap', regex: '' + String.raw`\w+` }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_ps?od_name' }],
] as const)('%j may see a label of a pod', (some) => {
  expect(rulesSeePods([rule({}), rule(some)])).toBe(true);
});

test.each([
  [{ sourceLabels: ['__meta_kubernetes_service_name', '__address__'] }],
  [{ action: 'replace', targetLabel: '__meta_kubernetes_pod_name', sourceLabels: ['a'] }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_service_label_(.+)' }],
  [{ action: 'labelmap', regex: '__meta_kubernetes_endpointslice_label_(a|b)' }],
  [{ action: 'labeldrop', regex: '__meta_kubernetes_pod_(.+)' }],
] as const)('%j sees none', (some) => {
  expect(rulesSeePods([rule({}), rule(some)])).toBe(false);
});

test('the manifest that kubectl applied is wanted only where a rule names it', () => {
  const annotation = '__meta_kubernetes_service_annotation_kubectl_kubernetes_io_last_applied_configuration';
  expect(rulesNameLastApplied([rule({ sourceLabels: [annotation] })])).toBe(true);
  expect(rulesNameLastApplied([rule({ action: 'labelmap', regex: '.*_last_applied_(.*)' })])).toBe(true);
  expect(rulesNameLastApplied([rule({ action: 'labelmap', regex: '__meta_kubernetes_pod_annotation_(.+)' })])).toBe(
    false,
  );
});
