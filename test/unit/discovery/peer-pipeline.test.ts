import { RE2JS } from 're2js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DiscoveryEvent } from '../../../src/domain/events/discovery-events.ts';
import { DISCOVERY_KINDS } from '../../../src/discovery/discovery-kinds.ts';
import { PeerPipeline } from '../../../src/discovery/peer-pipeline.ts';
import type { PeerSource, SourceUpdate, TargetGroup, TargetLabels } from '../../../src/discovery/peer-source.ts';
import type { GroupSettings, PeerGroup, PeersChange, PlannedPeer } from '../../../src/settings/peer-group.ts';
import { DEFAULT_PEER_SETTINGS } from '../../../src/settings/peer-settings.ts';
import { DEFAULT_RELABEL_RULE, type RelabelRule } from '../../../src/settings/relabel-rule.ts';
import type { SourceSettings } from '../../../src/settings/source-settings.ts';
import { createFakeClock, settled } from '../../support/fake-clock.ts';

/** A source that publishes what the test says; sources of kind `file` are such ones here. */
class ToldSource implements PeerSource {
  publish: (update: SourceUpdate) => void = () => {};
  isStopped = false;

  start(publish: (update: SourceUpdate) => void): void {
    this.publish = publish;
  }

  stop(): void {
    this.isStopped = true;
  }

  sets(sets: Readonly<Record<string, readonly (string | TargetLabels)[]>>): void {
    const groups = Object.entries(sets).map(([source, targets]): TargetGroup => ({
      source,
      targets: targets.map((target) => (typeof target === 'string' ? { __address__: target } : target)),
      labels: {},
    }));
    this.publish({ kind: 'groups', groups });
  }

  synced(): void {
    this.publish({ kind: 'synced' });
  }
}

afterEach(() => vi.restoreAllMocks());

const file = (name: string, lingerMs = 0): SourceSettings => ({
  kind: 'file',
  settings: { files: [`/${name}.json`], refreshIntervalMs: 300_000, lingerMs },
});
const fixed = (...targets: string[]): SourceSettings => ({ kind: 'static', settings: [{ targets, labels: {} }] });

function groupOf(sources: readonly SourceSettings[], overrides: Partial<GroupSettings> = {}): GroupSettings {
  const { name = 'g' } = overrides;
  const template = {
    ...DEFAULT_PEER_SETTINGS,
    group: name,
    targetLabels: [],
    heartbeat: null,
    protocol: null,
    tls: null,
  };
  return { name, template, sources, relabelRules: [], targetLimit: 0, ...overrides };
}

/** A pipeline whose holder keeps what it is given, as a fleet does. */
function startPipeline() {
  const clock = createFakeClock();
  const sources: ToldSource[] = [];
  vi.spyOn(DISCOVERY_KINDS.file, 'create').mockImplementation(() => {
    const source = new ToldSource();
    sources.push(source);
    return source;
  });
  const events: DiscoveryEvent[] = [];
  const held = new Map<string, PlannedPeer>();
  const applied: PeerGroup[] = [];
  const causes: string[] = [];
  const updates: (readonly PeersChange[])[] = [];
  const pipeline = new PeerPipeline({
    clock,
    random: () => 0.5,
    readFile: async () => ({ kind: 'unreadable', why: 'ENOENT' }) as never,
    folders: {} as never,
    readTargetList: undefined as never,
    version: '0',
    publish: (event) => events.push(event),
    holder: {
      async apply(groups: readonly PeerGroup[], _options: null) {
        held.clear();
        applied.splice(0, applied.length, ...groups);
        for (const { name, peers } of groups) for (const peer of peers) held.set(`${name} ${peer.settings.peer}`, peer);
      },
      async update(changes: readonly PeersChange[]) {
        updates.push(changes);
        for (const { group, peers, gone } of changes) {
          for (const { peer, cause } of gone) {
            held.delete(`${group} ${peer}`);
            causes.push(`${peer} ${cause}`);
          }
          for (const peer of peers) held.set(`${group} ${peer.settings.peer}`, peer);
        }
      },
    },
  });
  const configure = async (...groups: GroupSettings[]) => {
    await pipeline.configure(groups, null);
  };
  /** Lets what was published be taken and applied. */
  const later = async (ms = 1100) => {
    await settled();
    clock.advance(ms);
    await settled();
  };
  const names = () => [...held.keys()].toSorted();
  const of = <T extends DiscoveryEvent['type']>(type: T) =>
    events.filter((event): event is Extract<DiscoveryEvent, { type: T }> => event.type === type);
  return { applied, pipeline, clock, sources, events, held, names, causes, updates, configure, later, of };
}

const source = (sources: readonly ToldSource[], index: number): ToldSource => {
  const found = sources[index];
  if (found === undefined) throw new Error(`no source ${index}`);
  return found;
};

test('rules are compiled when they are configured, not when the first target comes', async () => {
  const compile = vi.spyOn(RE2JS, 'compile');
  // Others are the engine's example, once in a process.
  const ofRules = (): readonly unknown[] => compile.mock.calls.filter(([text]) => /[xy]\.\+/.test(text));
  const { configure, sources, later, names } = startPipeline();
  const rule = { ...DEFAULT_RELABEL_RULE, sourceLabels: ['__address__'], regex: 'x.+', targetLabel: 'x' };
  await configure(groupOf([file('a')], { relabelRules: [rule] }));
  expect(ofRules()).toHaveLength(1);
  source(sources, 0).sets({ s: ['x:1'] });
  await later();
  expect(names()).toEqual(['g x:1']);
  // New rules in a group that is there.
  await configure(groupOf([file('a')], { relabelRules: [{ ...rule, regex: 'y.+' }] }));
  expect(ofRules()).toHaveLength(2);
});

test('of a target that is megabytes long the log gets its beginning', async () => {
  const { configure, sources, later, of } = startPipeline();
  await configure(groupOf([file('a')]));
  source(sources, 0).sets({ s: ['x'.repeat(1_000_000)] });
  await later();
  expect(of('targetRefused')).toMatchObject([
    { target: `${'x'.repeat(300)}...`, why: expect.stringContaining('1000000') },
  ]);
});

test('a target with more labels than rules can look at in one piece is refused before they do, and no other is', async () => {
  const { configure, sources, later, names, of } = startPipeline();
  const rule = { ...DEFAULT_RELABEL_RULE, action: 'labelmap' as const, regex: 'x(.+)' };
  await configure(groupOf([file('a')], { relabelRules: [rule] }));
  const labelled = (address: string, count: number): TargetLabels => ({
    __address__: address,
    ...Object.fromEntries(Array.from({ length: count - 1 }, (_, index) => [`l${index}`, 'v'])),
  });
  source(sources, 0).sets({ s: [labelled('x:1', 4000), labelled('y:1', 4001)] });
  await later();
  expect(names()).toEqual(['g x:1']);
  expect(of('targetRefused')).toMatchObject([{ target: 'y:1', why: 'has 4001 labels; expected at most 4000' }]);
});

test('a stop in the middle of a reload leaves what is held: peers that were not planned yet are not gone', async () => {
  const { pipeline, configure, names } = startPipeline();
  await configure(groupOf([fixed('a:1')]));
  const reload = pipeline.configure([groupOf([fixed('a:1')]), groupOf([fixed('b:1')], { name: 'h' })], null);
  pipeline.stop();
  expect(await reload).toBeNull();
  expect(names()).toEqual(['g a:1']);
});

describe('sources', () => {
  test('with equal settings are one, over groups, and live on over reloads', async () => {
    const { configure, sources, later, names } = startPipeline();
    await configure(groupOf([file('a')]), groupOf([file('a')], { name: 'h' }));
    expect(sources).toHaveLength(1);
    source(sources, 0).sets({ s: ['x:1'] });
    await later();
    expect(names()).toEqual(['g x:1', 'h x:1']);
    await configure(groupOf([file('a')]), groupOf([file('a')], { name: 'h' }));
    expect(sources).toHaveLength(1);
    expect(names()).toEqual(['g x:1', 'h x:1']);
    await configure(groupOf([file('a')]));
    expect(source(sources, 0).isStopped).toBe(false);
    await configure();
    expect(source(sources, 0).isStopped).toBe(true);
  });

  test('a group that comes later has what its source published before', async () => {
    const { configure, sources, later, names } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: ['x:1'] });
    source(sources, 0).synced();
    await later();
    await configure(groupOf([file('a')]), groupOf([file('a')], { name: 'h' }));
    expect(names()).toEqual(['g x:1', 'h x:1']);
  });

  test("a changed entry keeps its predecessor's targets until it was read", async () => {
    const { configure, sources, later, names, causes } = startPipeline();
    await configure(groupOf([file('a', 1000)]));
    source(sources, 0).sets({ kept: ['x:1', 'y:1'], lost: ['z:1'] });
    source(sources, 0).synced();
    await later();
    await configure(groupOf([file('b', 1000)]));
    expect(source(sources, 0).isStopped).toBe(true);
    expect(names()).toEqual(['g x:1', 'g y:1', 'g z:1']);
    source(sources, 1).sets({ kept: ['x:1'], new: ['n:1'] });
    await later();
    expect(names()).toEqual(['g x:1', 'g y:1', 'g z:1']);
    source(sources, 1).synced();
    await later();
    expect(names()).toEqual(['g n:1', 'g x:1']);
    // What the new settings do not name goes at once; what is missing from a set that they name lingers.
    expect(causes.toSorted()).toEqual(['y:1 vanished', 'z:1 removed']);
  });

  test('a changed entry that is changed again still has the targets of the first', async () => {
    const { configure, sources, later, names } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: ['x:1'] });
    source(sources, 0).synced();
    await later();
    await configure(groupOf([file('b')]));
    await configure(groupOf([file('c')]));
    expect(names()).toEqual(['g x:1']);
  });

  test('a deleted entry takes its targets at once', async () => {
    const { configure, sources, later, names } = startPipeline();
    await configure(groupOf([file('a', 60_000), file('b')]));
    source(sources, 0).sets({ s: ['x:1'] });
    source(sources, 1).sets({ s: ['y:1'] });
    await later();
    await configure(groupOf([file('b')]));
    expect(names()).toEqual(['g y:1']);
    expect(source(sources, 1).isStopped).toBe(false);
  });

  test('a source that fails keeps its targets, and says how many', async () => {
    const { configure, sources, later, names, of } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: ['x:1', 'y:1'] });
    source(sources, 0).synced();
    for (let i = 0; i < 2; i++) {
      source(sources, 0).publish({ kind: 'failed', why: 'EACCES', place: null, tookMs: 3 });
    }
    source(sources, 0).publish({ kind: 'refreshed', tookMs: 2 });
    await later();
    expect(names()).toEqual(['g x:1', 'g y:1']);
    expect(of('sourceFailed')).toMatchObject([
      { failuresInARow: 1, targets: 2, why: 'EACCES', groups: [{ group: 'g', entry: 'file_sd_configs[0]' }] },
      { failuresInARow: 2 },
    ]);
    expect(of('sourceRefreshed').at(-1)).toMatchObject({ failuresBefore: 2, tookMs: 2 });
  });
});

describe('duplicates', () => {
  test('static targets come before files; the next takes over in place, with the same objects', async () => {
    const { configure, sources, later, names, held, pipeline, updates } = startPipeline();
    await configure(groupOf([file('a'), fixed('x:1')]));
    source(sources, 0).sets({ b: ['X.:1', 'y:1'], a: [{ __address__: 'z:1', peer: 'y:1' }] });
    await later();
    expect(names()).toEqual(['g x:1', 'g y:1']);
    expect(held.get('g y:1')?.settings).toMatchObject({ host: 'z', peer: 'y:1' });
    const states = Array.from(pipeline.targets(), ({ state, source: set }) => `${set} ${state}`);
    expect(states.toSorted()).toEqual(['a active', 'b duplicate', 'b duplicate', 'static_configs[0] active']);
    const before = updates.length;
    source(sources, 0).sets({ a: [] });
    await later();
    expect(held.get('g y:1')?.settings).toMatchObject({ host: 'y', peer: 'y:1' });
    expect(updates.slice(before).flat()).toMatchObject([{ gone: [] }]);
  });

  test('a peer that is the same after all is not given to the holder again', async () => {
    const { configure, sources, later, updates } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: [{ __address__: 'x:1', __meta_a: '1' }] });
    await later();
    source(sources, 0).sets({ s: [{ __address__: 'x:1', __meta_a: '2' }] });
    await later();
    expect(updates).toHaveLength(1);
  });
});

describe('updates', () => {
  test('the first is applied after 100 ms, the next after a second', async () => {
    const { configure, sources, later, names, clock } = startPipeline();
    await configure(groupOf([file('a')]));
    clock.advance(5000);
    source(sources, 0).sets({ s: ['x:1'] });
    await later(99);
    expect(names()).toEqual([]);
    await later(1);
    expect(names()).toEqual(['g x:1']);
    source(sources, 0).sets({ s: ['x:1', 'y:1'] });
    await later(999);
    expect(names()).toEqual(['g x:1']);
    await later(1);
    expect(names()).toEqual(['g x:1', 'g y:1']);
  });

  test('an announcement is applied at once, and so is its end and a peer that begins to linger', async () => {
    const { configure, sources, later, held, names } = startPipeline();
    await configure(groupOf([file('a', 1000)]));
    source(sources, 0).sets({ s: ['x:1'] });
    await later();
    source(sources, 0).sets({ s: [{ __address__: 'x:1', __announced__: 'terminating' }] });
    await later(0);
    expect(held.get('g x:1')).toMatchObject({ announced: 'terminating', lingerMs: 1000 });
    source(sources, 0).sets({ s: ['x:1'] });
    await later(0);
    expect(held.get('g x:1')?.announced).toBe(null);
    source(sources, 0).sets({ s: [] });
    await later(0);
    expect(names()).toEqual([]);
  });

  test('a target that vanished lingers, until it is back or its time is over', async () => {
    const { configure, sources, later, of, pipeline, clock } = startPipeline();
    await configure(groupOf([file('a', 5000)]));
    const lingering = () => of('targetsApplied').at(-1)?.counts.lingering;
    source(sources, 0).sets({ s: ['x:1'] });
    await later();
    source(sources, 0).sets({ s: [] });
    await later(0);
    expect(lingering()).toBe(1);
    const left = pipeline.targetOf({ group: 'g', peer: 'x:1' });
    expect(left).toMatchObject({ state: 'lingering', source: 's', lingerUntil: clock.now() + 5000 });
    source(sources, 0).sets({ s: ['x:1'] });
    await later();
    expect(lingering()).toBe(0);
    source(sources, 0).sets({ s: [] });
    await later(0);
    await later(4999);
    expect(lingering()).toBe(1);
    await later(1);
    expect(lingering()).toBe(0);
  });
});

describe('rules and limits', () => {
  const keepX: RelabelRule = {
    ...DEFAULT_RELABEL_RULE,
    action: 'keep',
    sourceLabels: ['__address__'],
    regex: 'x:.*',
  };

  test('changed rules apply to the targets that are there; no source is asked', async () => {
    const { configure, sources, later, names, pipeline } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: ['x:1', 'y:1'] });
    await later();
    await configure(groupOf([file('a')], { relabelRules: [keepX] }));
    expect(names()).toEqual(['g x:1']);
    expect([...pipeline.targets({ state: 'dropped' })]).toMatchObject([
      { rule: 0, discovered: { __address__: 'y:1' } },
    ]);
    expect([...pipeline.targets({ state: 'dropped' })][0]?.why).toContain('"y:1"');
    expect(sources).toHaveLength(1);
  });

  test('more targets than the limit: those of before stay, and it is reported once', async () => {
    const { configure, sources, later, names, of } = startPipeline();
    await configure(groupOf([file('a')], { targetLimit: 2 }));
    source(sources, 0).sets({ s: ['x:1', 'y:1'] });
    await later();
    source(sources, 0).sets({ s: ['x:1', 'z:1', 'w:1'] });
    await later();
    expect(names()).toEqual(['g x:1', 'g y:1']);
    expect(of('limitExceeded')).toMatchObject([{ targets: 3, limit: 2 }]);
    expect(of('targetsApplied').at(-1)).toMatchObject({ isLimitExceeded: true, counts: { active: 2 } });
    source(sources, 0).sets({ s: ['x:1', 'z:1'] });
    await later();
    expect(names()).toEqual(['g x:1', 'g z:1']);
    expect(of('targetsApplied').at(-1)).toMatchObject({ isLimitExceeded: false });
  });

  test('a target that is refused is reported once, however often its other labels change', async () => {
    const { configure, sources, later, of } = startPipeline();
    await configure(groupOf([file('a')]));
    for (const at of ['1', '2']) {
      source(sources, 0).sets({ s: [{ __address__: 'no-port', __meta_at: at }] });
      await later();
    }
    expect(of('targetRefused')).toMatchObject([
      { target: 'no-port', source: 's', why: 'has no port; set one with a relabel rule on __address__' },
    ]);
    expect(of('targetsApplied').at(-1)?.counts.invalid).toBe(1);
  });

  test('at most 20 refusals are reported at a time; the rest is counted', async () => {
    const { configure, sources, later, of, clock } = startPipeline();
    await configure(groupOf([file('a')]));
    source(sources, 0).sets({ s: Array.from({ length: 50 }, (_, i) => `host-${i}`) });
    await later(0);
    expect(of('targetRefused')).toHaveLength(20);
    clock.advance(60_000);
    source(sources, 0).sets({ t: ['another'] });
    await later(0);
    expect(of('targetRefused').at(-1)).toMatchObject({ target: 'another', unreported: 30 });
  });
});

test('a peer of another shard is not held, and one that is lost to it goes as resharded', async () => {
  const { configure, sources, later, names, pipeline, causes, of } = startPipeline();
  await configure(groupOf([file('a'), fixed('z:1')]));
  source(sources, 0).sets({ s: ['x:1', 'y:1'] });
  await later();
  await pipeline.reshard((_group, peer) => peer === 'y:1');
  expect(names()).toEqual(['g y:1']);
  expect(causes.toSorted()).toEqual(['x:1 resharded', 'z:1 resharded']);
  expect(of('targetsApplied').at(-1)?.counts).toMatchObject({ active: 1, other_shard: 2 });
  expect(Array.from(pipeline.targets({ state: 'other_shard' }), ({ peer }) => peer)).toEqual(['z:1', 'x:1']);
  await pipeline.reshard(() => true);
  expect(names()).toEqual(['g x:1', 'g y:1', 'g z:1']);
});

test('in an observed group every shard knows all peers, and holds its own', async () => {
  const { configure, sources, later, names, pipeline, causes, of, held } = startPipeline();
  await configure(groupOf([file('a', 10_000), fixed('z:1')], { isObserved: true }));
  source(sources, 0).sets({ s: ['x:1', 'y:1'] });
  await later();
  const elsewhere = () => Array.from(held.values(), ({ isHeldElsewhere = false }) => isHeldElsewhere);
  await pipeline.reshard((_group, peer) => peer === 'y:1');
  expect(names()).toEqual(['g x:1', 'g y:1', 'g z:1']);
  expect(new Map(Array.from(held.values(), (peer) => [peer.settings.peer, peer.isHeldElsewhere]))).toEqual(
    new Map([
      ['y:1', undefined],
      ['z:1', true],
      ['x:1', true],
    ]),
  );
  expect(causes.toSorted()).toEqual(['x:1 resharded', 'z:1 resharded']);
  const counts = () => of('targetsApplied').at(-1)?.counts;
  expect(counts()).toMatchObject({ active: 1, other_shard: 2 });
  expect(Array.from(pipeline.targets({ state: 'other_shard' }), ({ peer }) => peer)).toEqual(['z:1', 'x:1']);
  // Nothing lingers that is not held.
  source(sources, 0).sets({ s: ['y:1'] });
  await later();
  expect(names()).toEqual(['g y:1', 'g z:1']);
  expect(causes.at(-1)).toBe('x:1 vanished');
  expect(counts()).toMatchObject({ active: 1, other_shard: 1, lingering: 0 });
  await pipeline.reshard(() => true);
  expect(elsewhere()).toEqual([false, false]);
  expect(causes).toHaveLength(3);
  expect(counts()).toMatchObject({ active: 2, other_shard: 0 });
});

test('a peer of another shard that is observed keeps its object while its settings say the same', async () => {
  const { configure, pipeline, held, updates } = startPipeline();
  const group = groupOf([fixed('x:1', 'y:1')], { isObserved: true });
  await pipeline.reshard((_group, peer) => peer === 'y:1');
  await configure(group);
  const before = [...held.values()];
  expect(before.map(({ isHeldElsewhere }) => isHeldElsewhere)).toEqual([true, undefined]);
  await configure(group);
  expect([...held.values()].every((peer, index) => peer === before[index])).toBe(true);
  await pipeline.reshard((_group, peer) => peer === 'y:1');
  expect(updates).toEqual([]);
  await configure(groupOf([fixed('x:1', 'y:1')]));
  expect([...held.keys()]).toEqual(['g y:1']);
});

test.each([undefined, true] as const)(
  'what is announced of a peer of another shard is passed on, once (observed: %s)',
  async (isObserved) => {
    const { configure, sources, later, pipeline, updates } = startPipeline();
    const rule: RelabelRule = { ...DEFAULT_RELABEL_RULE, sourceLabels: ['going'], targetLabel: '__announced__' };
    await configure(groupOf([file('a')], { relabelRules: [rule], ...(isObserved && { isObserved }) }));
    const target = (going: string) => ({ s: [{ __address__: 'x:1', going }, 'y:1'] });
    source(sources, 0).sets(target(''));
    await later();
    await pipeline.reshard(() => false);
    const passedOn = () => updates.flat().flatMap(({ announcedElsewhere = [] }) => announcedElsewhere);
    expect(passedOn()).toEqual([]);
    source(sources, 0).sets(target('yes'));
    // It is not urgent: nothing of it is held here.
    await later(0);
    expect(passedOn()).toEqual([]);
    await later();
    expect(passedOn()).toEqual([{ peer: 'x:1', announced: 'requested' }]);
    source(sources, 0).sets(target('yes'));
    await later();
    expect(passedOn()).toHaveLength(1);
  },
);

test('a reload that runs meanwhile goes by the shares of before, so that what is lost goes as resharded', async () => {
  const { configure, pipeline, names, causes } = startPipeline();
  const group = groupOf([fixed('x:1', 'y:1')]);
  await configure(group);
  const reloads = [configure(group), pipeline.reshard((_group, peer) => peer === 'y:1'), configure(group)];
  await Promise.all(reloads);
  expect(causes).toEqual(['x:1 resharded']);
  expect(names()).toEqual(['g y:1']);
});

describe('readiness', () => {
  test('waits until each source has answered or failed, and what it answered is applied', async () => {
    const { configure, sources, later, pipeline } = startPipeline();
    await configure(groupOf([file('a'), file('b')]));
    expect(pipeline.notReady()).toContain('2 of its sources');
    source(sources, 0).publish({ kind: 'failed', why: 'EACCES', place: null, tookMs: 1 });
    source(sources, 1).sets({ s: ['x:1'] });
    source(sources, 1).synced();
    expect(pipeline.notReady()).not.toBe(null);
    await later();
    expect(pipeline.notReady()).toBe(null);
    await configure(groupOf([file('c')]));
    expect(pipeline.notReady()).toBe(null);
  });

  test('waits 30 seconds at most', async () => {
    const { configure, pipeline, clock } = startPipeline();
    await configure(groupOf([file('a')]));
    clock.advance(29_999);
    expect(pipeline.notReady()).not.toBe(null);
    clock.advance(1);
    expect(pipeline.notReady()).toBe(null);
  });
});

test('after a stop nothing is published and no timer is left', async () => {
  const { configure, sources, later, pipeline, clock, events } = startPipeline();
  await configure(groupOf([file('a', 1000)]));
  source(sources, 0).sets({ s: ['x:1'] });
  await later();
  source(sources, 0).sets({ s: [] });
  await later(0);
  source(sources, 0).sets({ s: ['y:1'] });
  await settled();
  pipeline.stop();
  const before = events.length;
  expect(clock.pending).toBe(0);
  await later(5000);
  expect(events).toHaveLength(before);
});

test('a group that is not held is known whole to each shard, and nobody announces its ends', async () => {
  const { pipeline, held, applied } = startPipeline();
  await pipeline.reshard(() => false);
  const sources = [fixed('a:1'), file('x', 10_000)];
  await pipeline.configure([groupOf(sources), groupOf(sources, { name: 'u', isHeld: false, isObserved: true })], null);
  expect([...held.keys()]).toEqual(['u a:1']);
  expect(applied.map(({ name, canAnnounce, isHeld }) => [name, canAnnounce, isHeld])).toEqual([
    ['g', true, undefined],
    ['u', false, false],
  ]);
});
