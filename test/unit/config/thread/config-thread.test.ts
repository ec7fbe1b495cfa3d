import { afterEach, expect, test } from 'vitest';
import { staticTargetsOf } from '../../../../src/settings/source-settings.ts';
import { loadSnapshot } from '../../../../src/config/load-config.ts';
import type { ConfigSnapshot } from '../../../../src/config/snapshot/config-snapshot.ts';
import { ConfigThread } from '../../../../src/config/thread/config-thread.ts';
import { systemClock } from '../../../../src/clock/system-clock.ts';

let turns = 0;
const open: ConfigThread[] = [];
/** Counts the turns of the event loop that pieces were asked for in. */
function openThread(): ConfigThread {
  turns = 0;
  const thread = new ConfigThread({
    afterPoll(callback) {
      turns++;
      return systemClock.afterPoll(callback);
    },
  });
  open.push(thread);
  return thread;
}
afterEach(() => Promise.all(open.splice(0).map((thread) => thread.stop())));

function snapshotOf(text: string, more: Partial<ConfigSnapshot> = {}): ConfigSnapshot {
  const content = { kind: 'read', bytes: Buffer.from(text) } as const;
  const names = { names: [], named: new Map() };
  return { file: 'f.yml', folder: '.', content, text: { kind: 'text', text }, ...names, ...more };
}
const configOf = (count: number) =>
  JSON.stringify({
    groups: [{ name: 'a', static_configs: [{ targets: Array.from({ length: count }, (_, i) => `h${i}:22`) }] }],
  });

test('a thread says what this one would: settings, warnings with places, masked text and digest', async () => {
  const text =
    'groups:\n  - name: a\n    heartbeat: {send: PASSWORD, interval: 9s}\n    static_configs: [{targets: ["h:22"]}]\n  - name: b\n    relabel_configs: [{action: hashmod, target_label: a, modulus: 5}]\n';
  const snapshot = snapshotOf(text);
  const result = await openThread().load(snapshot, { openFileLimit: 64 });
  expect(result).toEqual(loadSnapshot(snapshot, { openFileLimit: 64 }));
  expect(result.kind === 'loaded' && result.config.warnings).not.toEqual([]);
  expect(result.kind === 'loaded' && result.config.maskedText).not.toContain('PASSWORD');
});

test('every problem comes with its place', async () => {
  const snapshot = snapshotOf(`groups:\n${'  - nam: g\n'.repeat(400)}`);
  const result = await openThread().load(snapshot, {});
  expect(result).toEqual(loadSnapshot(snapshot));
  expect(result.kind === 'invalid' && result.problems.length).toBeGreaterThanOrEqual(400);
});

test('15,000 targets come in pieces, each asked for in a turn of the event loop of its own', async () => {
  const snapshot = snapshotOf(configOf(15_000));
  const result = await openThread().load(snapshot, {});
  expect(result).toEqual(loadSnapshot(snapshot));
  expect(turns).toBe(61);
});

test('one load after the other is answered, each with its own result', async () => {
  const thread = openThread();
  const results = await Promise.all([1, 600, 2].map((count) => thread.load(snapshotOf(configOf(count)), {})));
  const counts = results.map((result) =>
    result.kind === 'invalid' ? null : staticTargetsOf(result.config.groups[0]?.sources ?? [])[0]?.targets.length,
  );
  expect(counts).toEqual([1, 600, 2]);
});

test('names of files are found there, too', async () => {
  const text = 'groups: [{name: a, tls: {ca_file: ca.pem, cert_file: c.pem, key_file: c.key}}]';
  const names = await openThread().findNames(text, 'f.yml');
  expect(names).toContainEqual(['ca_file', ['ca.pem']]);
});

test('a check that breaks is the one problem, and the next load is answered', async () => {
  const thread = openThread();
  // A bug of ours: the file that is named was not read.
  const broken = await thread.load(snapshotOf('groups: [{name: a, tls: {ca_file: ca.pem}}]'), {});
  expect(broken).toEqual({
    kind: 'invalid',
    problems: [
      {
        file: 'f.yml',
        message:
          'was not checked: the thread that does it failed: ca.pem is named by the configuration and was not read',
      },
    ],
  });
  expect((await thread.load(snapshotOf(configOf(1)), {})).kind).toBe('loaded');
});

test('a stop in between wins: what runs and what comes later has one problem', async () => {
  const thread = openThread();
  const running = thread.load(snapshotOf(configOf(15_000)), {});
  const waiting = thread.load(snapshotOf(configOf(1)), {});
  const names = thread.findNames('a_file: b', 'f.yml');
  await new Promise<void>((resolve) => systemClock.afterPoll(resolve)); // the first has begun
  await thread.stop();
  const stopped = { kind: 'invalid', problems: [{ file: 'f.yml', message: 'was not checked: Finrst stops' }] };
  expect(await running).toEqual(stopped);
  expect(await waiting).toEqual(stopped);
  expect(await names).toBe(null);
});
