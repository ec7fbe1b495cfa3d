import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileDiscovery } from '../../src/discovery/file/file-discovery.ts';
import type { SourceUpdate } from '../../src/discovery/peer-source.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { sourceContext } from '../support/source-context.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const list = (...targets: string[]) => JSON.stringify([{ targets }]);

/** A source of real files, in a folder of the test; its clock moves by hand. */
function startSource(patternsIn: (folder: string) => readonly string[], folder = temporaryFolder()) {
  const clock = createFakeClock();
  const sets = new Map<string, readonly string[]>();
  let failure: Extract<SourceUpdate, { kind: 'failed' }> | null = null;
  let syncs = 0;
  const source = fileDiscovery.create(
    { files: patternsIn(folder), refreshIntervalMs: 300_000, lingerMs: 0 },
    sourceContext({ clock }),
  );
  source.start((update) => {
    if (update.kind === 'groups')
      for (const { source: name, targets } of update.groups) {
        if (targets.length === 0) sets.delete(name);
        else
          sets.set(
            name,
            targets.map((target) => target['__address__'] ?? ''),
          );
      }
    if (update.kind === 'failed') failure = update;
    if (update.kind === 'refreshed') failure = null;
    if (update.kind === 'synced') syncs += 1;
  });
  onTestFinished(() => source.stop());
  /** A look is over when its last timer, that of the next look, is all that waits. */
  const looked = async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (clock.pending !== 1);
  };
  return {
    folder,
    /** Two looks, and what they gave: all targets. */
    async look() {
      await looked();
      clock.advance(5000);
      await looked();
      clock.advance(500);
      await looked();
      return [...sets.values()].flat();
    },
    failure: () => failure,
    syncs: () => syncs,
  };
}

test('a file that is renamed over another is seen, and one that is written in place', async () => {
  const { folder, look } = startSource((f) => [join(f, '*.json')]);
  writeFileSync(join(folder, 'a.json'), list('a:1'));
  expect(await look()).toEqual(['a:1']);
  writeFileSync(join(folder, 'a.tmp'), list('a:2'));
  renameSync(join(folder, 'a.tmp'), join(folder, 'a.json'));
  expect(await look()).toEqual(['a:2']);
  writeFileSync(join(folder, 'a.json'), list('a:3'));
  expect(await look()).toEqual(['a:3']);
});

test.each(['', '[{"targets": ["a:'])('a writer that stops in the middle, at %j, takes no target away', async (half) => {
  const { folder, look, failure } = startSource((f) => [join(f, 'a.json')]);
  writeFileSync(join(folder, 'a.json'), list('a:1'));
  await look();
  writeFileSync(join(folder, 'a.json'), half);
  expect(await look()).toEqual(['a:1']);
  expect(failure()?.place).toMatch(/a\.json:1:\d+$/);
  writeFileSync(join(folder, 'a.json'), list('a:2'));
  expect(await look()).toEqual(['a:2']);
  expect(failure()).toBeNull();
});

test('an empty YAML file takes no target away', async () => {
  const { folder, look, failure } = startSource((f) => [join(f, 'a.yml')]);
  writeFileSync(join(folder, 'a.yml'), '- targets: [a:1]\n');
  await look();
  writeFileSync(join(folder, 'a.yml'), '');
  expect(await look()).toEqual(['a:1']);
  expect(failure()?.why).toBe('is empty; write [] for no targets');
});

test('a ConfigMap: the folder behind a link is swapped as the kubelet does', async () => {
  const { folder, look } = startSource((f) => [join(f, '*.json')]);
  const version = (name: string, target: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'a.json'), list(target));
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  version('..one', 'a:1');
  symlinkSync(join('..data', 'a.json'), join(folder, 'a.json'));
  expect(await look()).toEqual(['a:1']);
  version('..two', 'a:2');
  rmSync(join(folder, '..one'), { recursive: true });
  expect(await look()).toEqual(['a:2']);
});

test('a file behind a link that is written in place is seen; a link to nowhere has no targets', async () => {
  const { folder, look } = startSource((f) => [join(f, '*.json')]);
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'x'), list('a:1'));
  symlinkSync(join('real', 'x'), join(folder, 'a.json'));
  symlinkSync('nowhere', join(folder, 'b.json'));
  expect(await look()).toEqual(['a:1']);
  writeFileSync(join(folder, 'real', 'x'), list('a:2'));
  expect(await look()).toEqual(['a:2']);
});

test('a folder that is deleted and made anew, and one that comes later', async () => {
  const folder = temporaryFolder();
  const inner = join(folder, 'sd');
  const { look, syncs } = startSource(() => [join(inner, '*.json')], folder);
  expect(await look()).toEqual([]);
  expect(syncs()).toBe(1);
  mkdirSync(inner);
  writeFileSync(join(inner, 'a.json'), list('a:1'));
  expect(await look()).toEqual(['a:1']);
  rmSync(inner, { recursive: true });
  expect(await look()).toEqual([]);
  mkdirSync(inner);
  writeFileSync(join(inner, 'a.json'), list('a:1'));
  expect(await look()).toEqual(['a:1']);
});

test('what is written with the same size and the same time is seen at the next refresh', async () => {
  const { folder, look } = startSource((f) => [join(f, 'a.json')]);
  const file = join(folder, 'a.json');
  writeFileSync(file, list('a:1'));
  utimesSync(file, 1, 1);
  expect(await look()).toEqual(['a:1']);
  writeFileSync(file, list('a:2'));
  utimesSync(file, 1, 1);
  expect(await look()).toEqual(['a:1']);
  for (let looks = 0; looks < 60; looks += 1) await look();
  expect(await look()).toEqual(['a:2']);
});

test('a folder in the place of a file keeps the targets', async () => {
  const { folder, look, failure } = startSource((f) => [join(f, '*.json')]);
  writeFileSync(join(folder, 'a.json'), list('a:1'));
  await look();
  unlinkSync(join(folder, 'a.json'));
  mkdirSync(join(folder, 'a.json'));
  expect(await look()).toEqual(['a:1']);
  expect(failure()?.why).toBe('cannot be read: it is a folder');
});

/** Root may read everything, so it becomes nobody for as long as the source looks. */
test.runIf(process.getuid?.() === 0)('a file and a folder that may not be read keep their targets', async () => {
  const { folder, look, failure } = startSource((f) => [join(f, '*.json')]);
  const file = join(folder, 'a.json');
  chmodSync(folder, 0o755);
  writeFileSync(file, list('a:1'));
  await look();
  const asNobody = async () => {
    process.seteuid?.(65_534);
    try {
      return await look();
    } finally {
      process.seteuid?.(0);
    }
  };
  writeFileSync(file, list('a:2'));
  chmodSync(file, 0);
  expect(await asNobody()).toEqual(['a:1']);
  expect(failure()).toMatchObject({ why: 'cannot be read: permission denied', place: file });
  chmodSync(file, 0o644);
  chmodSync(folder, 0o311);
  expect(await asNobody()).toEqual(['a:2']);
  expect(failure()).toMatchObject({ why: 'cannot be listed: permission denied', place: folder });
  chmodSync(folder, 0);
  expect(await asNobody()).toEqual(['a:2']);
  chmodSync(folder, 0o755);
  expect(await look()).toEqual(['a:2']);
  expect(failure()).toBeNull();
});

test('1,000 files', async () => {
  const { folder, look } = startSource((f) => [join(f, '*.json'), join(f, '1*.json')]);
  for (let index = 0; index < 1000; index += 1) writeFileSync(join(folder, `${index}.json`), list(`h${index}:1`));
  expect((await look()).length).toBe(1000);
  writeFileSync(join(folder, '500.json'), list('changed:1'));
  expect(await look()).toContain('changed:1');
});
