import { expect, test } from 'vitest';
import { fileDiscovery } from '../../../../src/discovery/file/file-discovery.ts';
import type { SourceUpdate, TargetGroup } from '../../../../src/discovery/peer-source.ts';
import type { FileContent } from '../../../../src/files/file-content.ts';
import type { Folders } from '../../../../src/files/folder-reader.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';
import { sourceContext } from '../../../support/source-context.ts';

const unreadable = (why: string) => ({ kind: 'unreadable', why }) as const;

/** Files that only the test changes; a value that is no text is why a file cannot be read. */
function startSource(files: Record<string, string | { readonly why: string }>, patterns = ['/sd/*.json']) {
  const clock = createFakeClock();
  const content = new Map(Object.entries(files));
  const folderFaults = new Map<string, string>();
  const reads: string[] = [];
  let version = 0;
  const versions = new Map<string, number>();
  const folders: Folders = {
    list: async (folder) => {
      const fault = folderFaults.get(folder);
      if (fault !== undefined) return unreadable(fault);
      const names = [...content.keys()].filter((path) => path.startsWith(`${folder}/`));
      return { kind: 'listed', names: names.map((path) => path.slice(folder.length + 1)).toReversed() };
    },
    status: async (path) => {
      const found = content.get(path);
      if (found === undefined) return unreadable('ENOENT');
      return typeof found === 'string'
        ? { kind: 'there', identity: String(versions.get(path)) }
        : unreadable(found.why);
    },
  };
  const readFile = async (path: string): Promise<FileContent> => {
    reads.push(path);
    const found = content.get(path);
    if (typeof found !== 'string') return unreadable(found?.why ?? 'ENOENT');
    return { kind: 'read', bytes: Buffer.from(found) };
  };
  const updates: SourceUpdate[] = [];
  const source = fileDiscovery.create(
    { files: patterns, refreshIntervalMs: 60_000, lingerMs: 0 },
    sourceContext({ clock, folders, readFile }),
  );
  source.start((update) => updates.push(update));
  /** Time passes, and what fell due is done. */
  const after = async (ms: number) => {
    clock.advance(ms);
    await looked();
  };
  const looked = async () => {
    for (let turn = 0; turn < 10; turn += 1) await settled();
  };
  return {
    clock,
    source,
    reads,
    folderFaults,
    looked,
    after,
    write(path: string, text: string | { readonly why: string }) {
      content.set(path, text);
      version += 1;
      versions.set(path, version);
    },
    /** Other content, and nothing of the file's status says so. */
    writeUnseen: (path: string, text: string) => void content.set(path, text),
    remove: (path: string) => void content.delete(path),
    /** What was published since the last question. */
    published: () => updates.splice(0),
  };
}

const list = (...targets: string[]) => JSON.stringify([{ targets, labels: { team: 'x' } }]);
const group = (path: string, ...targets: string[]): TargetGroup => ({
  source: `${path}:0`,
  targets: targets.map((address) => ({ __address__: address })),
  labels: { team: 'x', __meta_filepath: path },
});
const gone = (source: string): TargetGroup => ({ source, targets: [], labels: {} });
const kinds = (updates: readonly SourceUpdate[]) => updates.map(({ kind }) => kind);

test('files count once they were the same twice, half a second apart; then the source is in sync', async () => {
  const { looked, after, published } = startSource({ '/sd/b.json': list('b:1'), '/sd/a.json': list('a:1', 'a:2') });
  await looked();
  expect(published()).toEqual([]);
  await after(499);
  expect(published()).toEqual([]);
  await after(1);
  expect(published()).toEqual([
    { kind: 'groups', groups: [group('/sd/a.json', 'a:1', 'a:2'), group('/sd/b.json', 'b:1')] },
    { kind: 'refreshed', tookMs: 0 },
    { kind: 'synced' },
  ]);
});

/** A source whose one file `/sd/a.json` names `a:1`, in sync. */
async function synced(files: Record<string, string> = {}, patterns?: string[]) {
  const started = startSource({ '/sd/a.json': list('a:1'), ...files }, patterns);
  await started.looked();
  await started.after(500);
  started.published();
  return started;
}

test('a change is seen within 5 s and counts half a second later', async () => {
  const { write, after, published } = await synced();
  write('/sd/a.json', list('a:2'));
  await after(4999);
  expect(published()).toEqual([]);
  await after(1);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [group('/sd/a.json', 'a:2')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test('what is written in pieces counts when it holds still', async () => {
  const { write, after, published } = await synced();
  write('/sd/a.json', '[{"targets": ["a:');
  await after(5000);
  write('/sd/a.json', '[]');
  await after(500);
  write('/sd/a.json', list('a:1', 'a:2'));
  await after(500);
  expect(published()).toEqual([]);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [group('/sd/a.json', 'a:1', 'a:2')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test('what changes back before it counted is no change', async () => {
  const { write, after, published } = await synced();
  write('/sd/a.json', '');
  await after(5000);
  write('/sd/a.json', list('a:1'));
  await after(500);
  await after(500);
  expect(published()).toEqual([]);
});

test.each(['', '[', '{"targets": []}', '[{"target": ["a:2"]}]'])(
  'a file of %j keeps the targets of before, and says where it is wrong; mended, it counts again',
  async (wrong) => {
    const { write, after, published } = await synced({ '/sd/b.json': list('b:1') });
    write('/sd/a.json', wrong);
    write('/sd/b.json', list('b:2'));
    await after(5000);
    await after(500);
    const [groups, failed, ...more] = published();
    expect(groups).toEqual({ kind: 'groups', groups: [group('/sd/b.json', 'b:2')] });
    expect(failed).toMatchObject({ kind: 'failed', place: expect.stringMatching(/^\/sd\/a\.json:1:\d+$/), tookMs: 0 });
    expect(more).toEqual([]);
    await after(5000);
    expect(published()).toEqual([]);
    write('/sd/a.json', list('a:3'));
    await after(5000);
    await after(500);
    expect(kinds(published())).toEqual(['groups', 'refreshed']);
  },
);

test('a file that is wrong from the start: the others count, and the source is not in sync before it is mended', async () => {
  const { looked, after, published, write } = startSource({ '/sd/a.json': '[', '/sd/b.json': list('b:1') });
  await looked();
  await after(500);
  expect(kinds(published())).toEqual(['groups', 'failed']);
  write('/sd/a.json', '[]');
  await after(5000);
  await after(500);
  expect(kinds(published())).toEqual(['refreshed', 'synced']);
});

test('a file that is gone twice takes its targets along', async () => {
  const { remove, after, published } = await synced({ '/sd/b.json': list('b:1') });
  remove('/sd/a.json');
  await after(5000);
  expect(published()).toEqual([]);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [gone('/sd/a.json:0')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test('a file that is away for a moment, while an editor replaces it, takes nothing along', async () => {
  const { remove, write, after, published } = await synced();
  remove('/sd/a.json');
  await after(5000);
  write('/sd/a.json', list('a:1'));
  await after(500);
  await after(500);
  expect(published()).toEqual([]);
});

test('a file that comes back counts anew', async () => {
  const { remove, write, after, published } = await synced();
  remove('/sd/a.json');
  await after(5000);
  await after(500);
  published();
  write('/sd/a.json', list('a:1'));
  await after(5000);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [group('/sd/a.json', 'a:1')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test.each(['EACCES', 'EIO', 'ESTALE', 'NO_ANSWER', 'EISDIR', 'TOO_LARGE'])(
  'a file that cannot be read because of %s keeps its targets; readable again, all is well',
  async (why) => {
    const { write, after, published } = await synced();
    write('/sd/a.json', { why });
    await after(5000);
    await after(5000);
    expect(published()).toMatchObject([
      { kind: 'failed', place: '/sd/a.json', why: expect.stringMatching(/^cannot be read: ./) },
    ]);
    write('/sd/a.json', list('a:1'));
    await after(5000);
    await after(500);
    expect(kinds(published())).toEqual(['refreshed']);
  },
);

test('a folder that cannot be listed keeps all its targets; one that is not there has none', async () => {
  const { folderFaults, remove, after, published } = await synced();
  folderFaults.set('/sd', 'EACCES');
  await after(5000);
  expect(published()).toEqual([
    { kind: 'failed', why: 'cannot be listed: permission denied', place: '/sd', tookMs: 0 },
  ]);
  await after(5000);
  expect(published()).toEqual([]);
  folderFaults.set('/sd', 'ENOENT');
  remove('/sd/a.json');
  await after(5000);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [gone('/sd/a.json:0')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test('an entry that is no longer in the list is gone', async () => {
  const { write, after, published } = await synced();
  write('/sd/a.json', '[{"targets": ["a:1"]}, {"targets": ["a:2"]}, {"targets": ["a:3"]}]');
  await after(5000);
  await after(500);
  published();
  write('/sd/a.json', '[{"targets": ["a:9"]}]');
  await after(5000);
  await after(500);
  const [groups] = published();
  expect(groups).toEqual({
    kind: 'groups',
    groups: [
      { source: '/sd/a.json:0', targets: [{ __address__: 'a:9' }], labels: { __meta_filepath: '/sd/a.json' } },
      gone('/sd/a.json:1'),
      gone('/sd/a.json:2'),
    ],
  });
});

test('a file that two patterns match is read once; one that no pattern matches is not read', async () => {
  const { reads } = await synced({ '/sd/b.yml': '[]', '/sd/c.txt': 'x' }, ['/sd/*.json', '/sd/a.json', '/sd/a*.json']);
  expect(reads).toEqual(['/sd/a.json', '/sd/a.json']);
});

test('what has not changed is read again at each refresh interval only, and then all of it', async () => {
  const { reads, after, writeUnseen, published } = await synced();
  reads.length = 0;
  for (let seconds = 0; seconds < 55; seconds += 5) await after(5000);
  expect(reads).toEqual([]);
  writeUnseen('/sd/a.json', list('a:2'));
  await after(5000);
  await after(500);
  expect(published()).toEqual([
    { kind: 'groups', groups: [group('/sd/a.json', 'a:2')] },
    { kind: 'refreshed', tookMs: 0 },
  ]);
});

test('a refresh without news says that the source is well', async () => {
  const { after, published } = await synced();
  for (let seconds = 0; seconds <= 60; seconds += 5) await after(5000);
  expect(published()).toEqual([{ kind: 'refreshed', tookMs: 0 }]);
});

test('a file that never holds still is a failure after ten seconds', async () => {
  const { write, after, published } = await synced();
  await after(5000);
  for (let look = 0; look < 22; look += 1) {
    write('/sd/a.json', list(`a:${look + 10}`));
    await after(look === 0 ? 5000 : 500);
  }
  expect(published()).toEqual([
    { kind: 'failed', why: 'changes all the time; expected it to hold still', place: '/sd/a.json', tookMs: 0 },
  ]);
});

test('after stop nothing is published, and no timer is left', async () => {
  const { source, clock, write, after, looked, published } = await synced();
  write('/sd/a.json', list('a:2'));
  clock.advance(5000);
  source.stop();
  await looked();
  await after(60_000);
  expect(published()).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('no file at all is in sync, with no targets', async () => {
  const { looked, published } = startSource({}, ['/none/*.yml', '/none.json']);
  await looked();
  expect(published()).toEqual([{ kind: 'refreshed', tookMs: 0 }, { kind: 'synced' }]);
});
