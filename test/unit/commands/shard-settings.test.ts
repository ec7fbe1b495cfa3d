import { expect, test } from 'vitest';
import { shardSettings } from '../../../src/commands/shard-settings.ts';

const NO_FLAGS = { 'shard.total': null, 'shard.ordinal': null, 'shard.statefulset': null };

test.each([
  { flags: {}, pod: undefined, settings: null },
  { flags: { 'shard.total': 3, 'shard.ordinal': 2 }, pod: 'x', settings: { kind: 'fixed', total: 3, ordinal: 2 } },
  {
    flags: { 'shard.statefulset': 'finrst' },
    pod: 'finrst-12',
    settings: { kind: 'statefulSet', name: 'finrst', podOrdinal: 12, server: { kind: 'inCluster' }, namespace: null },
  },
])('$flags in pod $pod', ({ flags, pod, settings }) => {
  expect(shardSettings({ ...NO_FLAGS, ...flags }, { POD_NAME: pod })).toEqual({ kind: 'resolved', settings });
});

test.each([
  { flags: { 'shard.total': 3 }, pod: undefined, message: '--shard.total needs --shard.ordinal beside it' },
  { flags: { 'shard.ordinal': 0 }, pod: undefined, message: '--shard.ordinal needs --shard.total beside it' },
  {
    flags: { 'shard.total': 3, 'shard.ordinal': 3 },
    pod: undefined,
    message: '--shard.ordinal is 3, expected 0 to 2, as there are 3 shards',
  },
  {
    flags: { 'shard.total': 1, 'shard.ordinal': 1 },
    pod: undefined,
    message: '--shard.ordinal is 1, expected 0, as there is 1 shard',
  },
  {
    flags: { 'shard.statefulset': 'finrst', 'shard.total': 3 },
    pod: 'finrst-0',
    message: '--shard.statefulset counts the shards by itself; leave --shard.total and --shard.ordinal out',
  },
  {
    flags: { 'shard.statefulset': 'Finrst' },
    pod: 'finrst-0',
    message: '--shard.statefulset is "Finrst", expected the name of a StatefulSet',
  },
  {
    flags: { 'shard.statefulset': 'finrst' },
    pod: undefined,
    message:
      "--shard.statefulset needs the name of the pod in the variable POD_NAME; set it by the downward API, to metadata.name of the pod's fields",
  },
  ...['other-0', 'finrst-', 'finrst-a', 'finrst-0-1'].map((pod) => ({
    flags: { 'shard.statefulset': 'finrst' },
    pod,
    message: `POD_NAME is "${pod}", expected a pod of the StatefulSet finrst, like finrst-0`,
  })),
])('$flags in pod $pod: $message', ({ flags, pod, message }) => {
  expect(shardSettings({ ...NO_FLAGS, ...flags }, { POD_NAME: pod })).toEqual({ kind: 'misused', message });
});
