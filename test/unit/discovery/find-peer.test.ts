import { expect, test } from 'vitest';
import { PeerPipeline } from '../../../src/discovery/peer-pipeline.ts';
import type { GroupSettings, PeerGroup } from '../../../src/settings/peer-group.ts';
import { DEFAULT_PEER_SETTINGS } from '../../../src/settings/peer-settings.ts';
import { DEFAULT_RELABEL_RULE } from '../../../src/settings/relabel-rule.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

type Options = {
  readonly relabelRules?: GroupSettings['relabelRules'];
  readonly targetLimit?: number;
  readonly owns?: (group: string, peer: string) => boolean;
};

/** The pipeline of one group with these targets. */
async function pipelineOf(targets: readonly string[], { relabelRules = [], targetLimit = 0, owns }: Options = {}) {
  const held: PeerGroup[] = [];
  const pipeline = new PeerPipeline<null, null>({
    clock: createFakeClock(),
    random: () => 0.5,
    readFile: async () => ({ kind: 'unreadable', why: 'ENOENT' }) as never,
    folders: {} as never,
    readTargetList: undefined as never,
    version: '0',
    publish: () => {},
    ...(owns !== undefined && { owns }),
    holder: { apply: async (groups) => (held.push(...groups), null), update: async () => {} },
  });
  const template = {
    ...DEFAULT_PEER_SETTINGS,
    group: 'g',
    targetLabels: [],
    heartbeat: null,
    protocol: null,
    tls: null,
  };
  const sources: GroupSettings['sources'] = [{ kind: 'static', settings: [{ targets, labels: { team: 'a' } }] }];
  await pipeline.configure([{ name: 'g', template, sources, relabelRules, targetLimit }], null);
  return pipeline;
}

test('a peer is found by its name, with what its group makes of it and where it comes from', async () => {
  const pipeline = await pipelineOf(['redis-0:6379', 'REDIS-0:6379', 'redis-1:6379']);
  expect(pipeline.targetOf({ group: 'g', peer: 'redis-0:6379' })).toMatchObject({
    settings: { peer: 'redis-0:6379', labels: { team: 'a' }, connectTimeoutMs: 5000 },
    source: 'static_configs[0]',
    place: { entry: 1, of: 3 },
    ruleEffects: [],
    state: 'active',
    announced: null,
    duplicates: 1,
  });
  expect(pipeline.targetOf({ group: 'g', peer: 'redis-1:6379' })).toMatchObject({
    duplicates: 0,
    place: { entry: 3, of: 3 },
  });
});

test('a peer has what each rule made of its labels', async () => {
  const relabelRules = [
    { ...DEFAULT_RELABEL_RULE, sourceLabels: ['team'], targetLabel: 'tier' },
    { ...DEFAULT_RELABEL_RULE, sourceLabels: ['team'], regex: 'other', targetLabel: 'rack' },
    { ...DEFAULT_RELABEL_RULE, action: 'labeldrop' as const, regex: 'team' },
  ];
  const pipeline = await pipelineOf(['redis-0:6379'], { relabelRules });
  expect(pipeline.targetOf({ group: 'g', peer: 'redis-0:6379' })?.ruleEffects).toEqual([
    { rule: 0, sources: ['team'], set: ['tier'], removed: [] },
    { rule: 2, sources: [], set: [], removed: ['team'] },
  ]);
});

test.each([
  { group: 'g', peer: 'redis-2:6379' },
  { group: 'other', peer: 'redis-0:6379' },
  { group: 'g', peer: '__proto__' },
  { group: '__proto__', peer: 'redis-0:6379' },
])('no target makes $peer of $group', async (name) => {
  expect((await pipelineOf(['redis-0:6379'])).targetOf(name)).toBeNull();
});

test('a peer of another shard says so', async () => {
  const pipeline = await pipelineOf(['a:1', 'b:1'], { owns: (_group, peer) => peer === 'a:1' });
  expect(pipeline.targetOf({ group: 'g', peer: 'a:1' })?.state).toBe('active');
  expect(pipeline.targetOf({ group: 'g', peer: 'b:1' })?.state).toBe('other_shard');
});

test('a peer over the limit of its group says so', async () => {
  const pipeline = await pipelineOf(['a:1', 'b:1'], { targetLimit: 1 });
  expect(pipeline.targetOf({ group: 'g', peer: 'a:1' })?.state).toBe('over_limit');
});
