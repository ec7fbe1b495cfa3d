import { expect, test } from 'vitest';
import { projectEndpointSlice } from '../../../../src/discovery/kubernetes/project-object.ts';
import { SliceReferences } from '../../../../src/discovery/kubernetes/slice-references.ts';
import { rawSlice } from './objects.ts';

const slice = (...pods: readonly string[]) =>
  projectEndpointSlice(
    rawSlice({ endpoints: pods.map((name) => ({ targetRef: { kind: 'Pod', namespace: 'payments', name } })) }),
    { lastApplied: false },
  );

test('a slice is found by its Service and its pods, as they are now', () => {
  const references = new SliceReferences();
  references.set('payments/one', slice('a', 'b'));
  references.set('payments/two', slice('b'));
  expect([...references.ofService('payments/redis')]).toEqual(['payments/one', 'payments/two']);
  expect([...references.ofPod('payments/b')]).toEqual(['payments/one', 'payments/two']);
  references.set('payments/one', slice('c'));
  expect([...references.ofPod('payments/a')]).toEqual([]);
  expect([...references.ofPod('payments/b')]).toEqual(['payments/two']);
  expect([...references.ofPod('payments/c')]).toEqual(['payments/one']);
  references.set('payments/one', undefined);
  expect([...references.ofPod('payments/c')]).toEqual([]);
  expect([...references.ofService('payments/redis')]).toEqual(['payments/two']);
});
