import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock/system-clock.ts';
import { discover } from '../../../src/commands/discover.ts';
import { type Discovered, discoverTargets } from '../../../src/daemon/discover-targets.ts';
import { hostPeers } from '../../../src/domain/observed/host-peers.ts';
import { settled } from '../../support/fake-clock.ts';
import { createFakeRuntime, type FakeRuntime } from '../../support/fake-runtime.ts';
import { readFileNow } from '../../support/read-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What these targets give, relabelled: no source has to be waited for. */
const configOf = (targets: readonly unknown[]) => `
groups:
  - name: g
    static_configs: ${JSON.stringify(targets)}
    relabel_configs:
      - {source_labels: [role], regex: replica, action: drop}
      - {source_labels: [pod], target_label: peer}
  - name: h
    static_configs: [{targets: ['a:1']}]
`;
const CONFIG = configOf([
  { targets: ['a:1'], labels: { pod: 'redis-0', team: 'x' } },
  { targets: ['b:1', 'no-port'] },
  { targets: ['c:1'], labels: { role: 'replica' } },
]);

const OUTSIDE = {
  random: () => 0.5,
  readFile: async (path: string) => readFileNow(path),
  build: { version: '0', revision: '', nodeVersion: '' },
  env: {},
};

/** Runs the command with the real discovery, or with what it found given. */
async function run(
  values: { group?: string; json?: boolean; for?: number } = {},
  { config = CONFIG, list = '[]', found = null as Discovered | null } = {},
) {
  const folder = temporaryFolder();
  const file = join(folder, 'finrst.yml');
  writeFileSync(file, config);
  writeFileSync(join(folder, 'a.json'), list);
  const runtime: FakeRuntime = {
    ...createFakeRuntime(),
    discoverTargets: async (options) => found ?? discoverTargets({ ...options, ...OUTSIDE, clock: systemClock }),
  };
  const exit = await discover.run(runtime, { group: null, for: 10_000, json: false, ...values }, [file]);
  return { exit, file, printed: runtime.printed.join('\n'), errors: runtime.printedErrors.join('\n') };
}

const NOTHING: Discovered = {
  targets: [],
  dropped: {},
  failures: [],
  unanswered: [],
  overLimit: [],
  isCut: false,
};

test('each target is a line with its peer and labels, or why it is no peer; then what each address gets', async () => {
  const { exit, printed, errors } = await run();
  expect(printed).toContain('group g: 2 active, 1 dropped, 1 invalid\n');
  expect(printed).toContain('  a:1  active  peer "redis-0"  pod="redis-0"  team="x"');
  expect(printed).toContain('  b:1  active\n');
  expect(printed).toContain('  no-port  invalid: has no port; set one with a relabel rule on __address__');
  expect(printed).toContain(
    '  c:1  dropped by relabel_configs[0] (drop, regex "replica"): role is "replica", which matches',
  );
  // Of both groups.
  expect(printed).toMatch(/^a:1 +2 +2 +4$/m);
  expect(printed).toMatch(/^b:1 +1 +1 +2$/m);
  expect({ exit, errors }).toEqual({ exit: 0, errors: '' });
});

test('one group alone, as JSON on one line', async () => {
  const { exit, printed } = await run({ group: 'g', json: true });
  expect(printed.split('\n')).toHaveLength(1);
  expect(JSON.parse(printed)).toMatchObject({
    targets: [
      { group: 'g', peer: 'redis-0', address: 'a:1', state: 'active', labels: { team: 'x' } },
      { peer: 'b:1' },
      { state: 'invalid' },
      { state: 'dropped', rule: 0 },
    ],
    dropped: { g: 1 },
  });
  expect(exit).toBe(0);
});

const FILES = 'groups: [{name: g, file_sd_configs: [{files: [a.json]}]}]';

test('a group whose source has nothing has no targets', async () => {
  const { exit, printed } = await run({ group: 'g' }, { config: FILES });
  expect({ exit, printed }).toEqual({ exit: 0, printed: 'group g: no targets\n' });
});

test('all targets that rules dropped are listed, not the first thousand', async () => {
  const dropped = Array.from({ length: 1200 }, (_, index) => `x${index}:1`);
  const config = configOf([{ targets: dropped, labels: { role: 'replica' } }]);
  const { printed } = await run({ group: 'g' }, { config });
  expect(printed).toContain('group g: 1200 dropped');
  expect(printed.match(/dropped by/g)).toHaveLength(1200);
});

test('what a source names cannot move the cursor of a terminal', async () => {
  const { printed } = await run({}, { config: configOf([{ targets: ['a:1'], labels: { team: '\u001b[2J\u202e' } }]) });
  expect(printed).toContain('team="');
  // oxlint-disable-next-line no-control-regex -- that is the question
  expect(printed).not.toMatch(/[\u001b\u202e]/);
});

test('a source that fails is named with its key and the place of the mistake, and the exit code is 1', async () => {
  const { exit, errors } = await run({}, { config: FILES, list: '[{"target": []}]' });
  expect(errors).toMatch(/^group "g": file_sd_configs\[0\] failed: .*a\.json:1:3: .*did you mean targets\?/);
  expect(exit).toBe(1);
});

test('a source that does not answer in time is named, and --for', async () => {
  const unanswered = [{ group: 'g', entry: 'http_sd_configs[1]' }];
  const { exit, errors } = await run({ for: 1500 }, { found: { ...NOTHING, unanswered } });
  expect(errors).toBe('group "g": http_sd_configs[1] did not answer within 1s500ms; give it longer with --for');
  expect(exit).toBe(1);
});

test('what was not looked at in time is a failure', async () => {
  const { exit, errors } = await run({}, { found: { ...NOTHING, isCut: true } });
  expect(errors).toBe('what was found could not be looked at within 10s; give it longer with --for');
  expect(exit).toBe(1);
});

test('a group over its target_limit holds none of them: each says so, no address gets a connection, and the exit code is 1', async () => {
  const config = CONFIG.replace('relabel_configs', 'target_limit: 1\n    relabel_configs');
  const { exit, errors, printed } = await run({ group: 'g' }, { config });
  expect(errors).toContain('group "g": 2 targets are left after the rules, and target_limit is 1: ');
  expect(printed).toContain('  b:1  active: is not held: the group has more targets than its target_limit');
  expect(printed).not.toContain('connections');
  expect(exit).toBe(1);
});

test('a group that is not there is misuse, and the nearest name is given', async () => {
  const config = 'groups: [{name: redis, static_configs: [{targets: [a:1]}]}]';
  const { exit, errors, file } = await run({ group: 'rediss' }, { config });
  expect(errors).toBe(`finrst discover: ${file} has no group "rediss"; did you mean "redis"?`);
  expect(exit).toBe(2);
  const { errors: others } = await run({ group: 'x' }, { config });
  expect(others).toContain('has no group "x"; there are "redis"');
});

test('a bad configuration is misuse with the place of each problem; warnings of a good one are printed', async () => {
  const bad = await run({}, { config: 'groups: [{name: g, statics: []}]' });
  expect(bad.errors).toContain(`${bad.file}:1:`);
  expect({ exit: bad.exit, printed: bad.printed }).toEqual({ exit: 2, printed: '' });
  const warned = await run(
    {},
    { config: CONFIG.replace('target_label: peer', 'target_label: peer, replacement: $1x') },
  );
  expect(warned.errors).toContain('$1x');
});

test('the command ends when its answer is written whole', async () => {
  const written = Promise.withResolvers<void>();
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'finrst.yml'), CONFIG);
  const runtime: FakeRuntime = {
    ...createFakeRuntime(),
    discoverTargets: async () => ({ ...NOTHING, isCut: true }),
    printWhole: () => written.promise,
  };
  let hasEnded = false;
  const ended = discover.run(runtime, { group: null, for: 1, json: true }, [join(folder, 'finrst.yml')]);
  void ended.then(() => (hasEnded = true));
  await new Promise((resolve) => setImmediate(resolve));
  await settled();
  expect(hasEnded).toBe(false);
  written.resolve();
  expect(await ended).toBe(1);
});

test('--host prints what was proposed, and says what was not seen', async () => {
  const peers = hostPeers([{ address: '192.0.2.7', port: 80, isCloseWait: false, owner: null }], new Map());
  const found = { kind: 'found', peers, namespaces: 1, missing: ['some\nthing'] } as const;
  const runtime: FakeRuntime = { ...createFakeRuntime(), discoverHost: async () => found };
  const values = { group: null, host: true, for: 1000, json: false };
  expect(await discover.run(runtime, values, [])).toBe(0);
  expect(runtime.printed.join('\n')).toContain('- "192.0.2.7:80" #');
  expect(runtime.printedErrors).toEqual(['not seen: some\\u000athing']);
  expect(await discover.run(runtime, { ...values, json: true }, [])).toBe(0);
  expect(JSON.parse(runtime.printed.at(-1) ?? '')).toMatchObject({ peers: [{ target: '192.0.2.7:80' }] });
});

test('--host that cannot look around is exit 1', async () => {
  const runtime = createFakeRuntime();
  expect(await discover.run(runtime, { group: null, host: true, for: 1000, json: false }, [])).toBe(1);
  expect(runtime.printedErrors).toEqual(['finrst discover: nobody looks around here']);
});

test.each([
  { values: { host: true }, operands: ['finrst.yml'], said: '--host looks at this host and reads no file' },
  { values: { host: true, group: 'g' }, operands: [], said: '--group is of a file, and --host reads none' },
  { values: { host: false }, operands: [], said: 'name a file, or --host' },
])('$said', async ({ values, operands, said }) => {
  const runtime = createFakeRuntime();
  expect(await discover.run(runtime, { group: null, for: 1000, json: false, ...values }, operands)).toBe(2);
  expect(runtime.printedErrors).toEqual([`finrst discover: ${said} (see finrst discover --help)`]);
});
