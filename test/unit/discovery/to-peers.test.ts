import { describe, expect, test } from 'vitest';
import type { TargetGroup } from '../../../src/discovery/peer-source.ts';
import { type ResolvedPeers, toPeers } from '../../../src/discovery/to-peers.ts';
import type { PeerTemplate } from '../../../src/settings/peer-group.ts';
import { DEFAULT_PEER_SETTINGS, type PeerSettings } from '../../../src/settings/peer-settings.ts';

const template: PeerTemplate = {
  ...DEFAULT_PEER_SETTINGS,
  group: 'test',
  targetLabels: [],
  heartbeat: null,
  tls: null,
};

type SetOf = Partial<TargetGroup> & { readonly addresses?: readonly string[] };

const setOf = ({ addresses = [], ...set }: SetOf): TargetGroup => ({
  source: 'a list',
  targets: addresses.map((address) => ({ __address__: address })),
  labels: {},
  ...set,
});

function resolve(
  sets: readonly TargetGroup[],
  { before = null, of = template }: { before?: ResolvedPeers | null; of?: PeerTemplate } = {},
): ResolvedPeers {
  const steps = toPeers(of, sets, before);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const settingsOf = ({ peers }: ResolvedPeers): PeerSettings[] => Array.from(peers.values(), ({ settings }) => settings);

test('a target becomes a peer with the settings of its group, named as it is written', () => {
  const [peer] = settingsOf(resolve([setOf({ addresses: ['[::1]:6379'] })]));
  expect(peer).toEqual({ ...template, peer: '[::1]:6379', host: '::1', port: 6379, labels: {} });
});

test("a target's labels win over those of its set, and labels that begin with __ are not exported", () => {
  const targets = [{ __address__: 'a:1', team: 'own', __meta_x: 'y' }, { __address__: 'b:1' }];
  const peers = settingsOf(resolve([setOf({ targets, labels: { team: 'shared', tier: '1', __meta_z: 'z' } })]));
  expect(peers.map(({ labels }) => labels)).toEqual([
    { team: 'own', tier: '1' },
    { team: 'shared', tier: '1' },
  ]);
});

test('a label `peer` names the peer, so that one address can be several peers', () => {
  const targets = [1, 2].map((n) => ({ __address__: 'a:1', peer: `redis-${n}` }));
  expect(settingsOf(resolve([setOf({ targets })]))).toMatchObject([
    { peer: 'redis-1', host: 'a', port: 1, labels: {} },
    { peer: 'redis-2', host: 'a', port: 1, labels: {} },
  ]);
});

describe('a target that becomes no peer is refused with the reason', () => {
  test.each([
    {
      when: 'it is no HOST:PORT',
      sets: [setOf({ addresses: ['a'] })],
      target: 'a',
      why: 'has no port; a port is required, like redis-0:6379',
    },
    { when: 'it has no address', sets: [setOf({ targets: [{}] })], target: '', why: 'is empty; expected HOST:PORT' },
    {
      when: 'its address came before',
      sets: [setOf({ addresses: ['a:1', 'A.:1'] })],
      target: 'A.:1',
      why: 'is the same as "a:1", which comes before it',
    },
    {
      when: 'its address came before, in another set',
      sets: [setOf({ addresses: ['a:1'] }), setOf({ source: 'a list', addresses: ['a:1'] })],
      target: 'a:1',
      why: 'is the same as "a:1", which comes before it',
    },
    {
      when: 'its name came before',
      sets: [setOf({ targets: ['a:1', 'b:1'].map((address) => ({ __address__: address, peer: 'redis-0' })) })],
      target: 'b:1',
      why: 'is the same as "a:1", which comes before it',
    },
  ])('when $when', ({ sets, target, why }) => {
    expect(resolve(sets).refused).toEqual([{ group: 'test', source: 'a list', target, why }]);
  });
});

describe('resolved again, a peer keeps its settings object', () => {
  const before = resolve([setOf({ addresses: ['a:1', 'b:1'], labels: { team: 'x' } })]);

  test('when nothing changed, whatever objects the configuration is made of', () => {
    const again = resolve([setOf({ addresses: ['b:1', 'a:1'], labels: { team: 'x' } })], { before });
    expect(settingsOf(again)[1]).toBe(settingsOf(before)[0]);
    expect(settingsOf(again)[0]).toBe(settingsOf(before)[1]);
  });

  test.each([
    { when: 'its labels changed', set: { labels: { team: 'y' } }, of: template },
    { when: 'the group changed', set: { labels: { team: 'x' } }, of: { ...template, idleTimeoutMs: 1 } },
  ])('but not when $when', ({ set, of }) => {
    const again = resolve([setOf({ addresses: ['a:1'], ...set })], { before, of });
    expect(settingsOf(again)[0]).toEqual({ ...of, peer: 'a:1', host: 'a', port: 1, labels: set.labels });
  });

  test('and not when its name now means another address', () => {
    const named = (address: string): TargetGroup => setOf({ targets: [{ __address__: address, peer: 'redis-0' }] });
    const again = resolve([named('b:2')], { before: resolve([named('a:1')]) });
    expect(settingsOf(again)).toMatchObject([{ peer: 'redis-0', host: 'b', port: 2 }]);
  });
});
