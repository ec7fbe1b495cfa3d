import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { namesIn } from '../../../../src/config/snapshot/names-in.ts';
import { SnapshotReader } from '../../../../src/config/snapshot/snapshot-reader.ts';
import { ConfigWatcher } from '../../../../src/config/watch/config-watcher.ts';
import { readFileNow } from '../../../support/read-file.ts';
import { createFakeClock, settled } from '../../../support/fake-clock.ts';

const INTERVAL_MS = 15_000;
/** Longer than the watcher waits to see whether a change holds still. */
const SETTLED_MS = 1000;
const STEP_MS = 250;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'finrst-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A watcher of a file that was just loaded. Its reads are done at once: `pass` lets time go by and each look end. */
async function watching(file: string, intervalMs = INTERVAL_MS) {
  const clock = createFakeClock();
  const saw: string[] = [];
  const reader = new SnapshotReader({ file, readFile: async (path) => readFileNow(path) }, async (text) =>
    namesIn(text, file),
  );
  const watcher = new ConfigWatcher(await reader.read(), {
    read: () => reader.read(),
    intervalMs,
    clock,
    onChange: () => saw.push('changed'),
    onUnreadable: (why) => saw.push(`unreadable ${why}`),
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      clock.advance(STEP_MS);
      await settled();
    }
  };
  return { clock, saw, watcher, pass, load: async () => watcher.markLoaded(await reader.read()) };
}

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test('a changed file is reported once, after it held still', async () => {
  write('f.yml', 'groups: []');
  const { saw, pass } = await watching(join(folder, 'f.yml'));
  await pass(INTERVAL_MS);
  write('f.yml', 'groups: [] # changed');
  await pass(INTERVAL_MS);
  expect(saw).toEqual([]);
  await pass(SETTLED_MS);
  expect(saw).toEqual(['changed']);
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual(['changed']);
});

test('a file that is written with the same content has not changed', async () => {
  write('f.yml', 'groups: []');
  const { saw, pass } = await watching(join(folder, 'f.yml'));
  write('f.yml', 'groups: []');
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual([]);
});

test('a file caught half written is not reported before it is whole', async () => {
  write('f.yml', 'groups: [a, b]');
  const { saw, pass } = await watching(join(folder, 'f.yml'));
  write('f.yml', '');
  await pass(INTERVAL_MS);
  write('f.yml', 'groups: [a, b, c]');
  await pass(500);
  expect(saw).toEqual([]);
  await pass(SETTLED_MS);
  expect(saw).toEqual(['changed']);
});

test('a change that is taken back before it settled was none', async () => {
  write('f.yml', 'groups: []');
  const { saw, pass } = await watching(join(folder, 'f.yml'));
  write('f.yml', 'groups: [a]');
  await pass(INTERVAL_MS);
  write('f.yml', 'groups: []');
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual([]);
});

test('the swap of ..data, by which the kubelet changes a mounted ConfigMap, is a change', async () => {
  // What the kubelet makes (AtomicWriter): finrst.yml -> ..data/finrst.yml, ..data -> a folder with a time in its name.
  const version = (name: string, text: string): void => {
    mkdirSync(join(folder, name));
    write(`${name}/finrst.yml`, text);
  };
  version('..2026_11_22_10_00_00.1', 'groups: []');
  symlinkSync('..2026_11_22_10_00_00.1', join(folder, '..data'));
  symlinkSync('..data/finrst.yml', join(folder, 'finrst.yml'));
  const { saw, pass } = await watching(join(folder, 'finrst.yml'));
  await pass(INTERVAL_MS);
  version('..2026_11_22_10_05_00.2', 'groups: [] # second');
  symlinkSync('..2026_11_22_10_05_00.2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, '..2026_11_22_10_00_00.1'), { recursive: true });
  await pass(INTERVAL_MS + SETTLED_MS);
  expect(saw).toEqual(['changed']);
});

test('a file that is gone is reported once, and its return with the same content is no change', async () => {
  write('f.yml', 'groups: []');
  const { saw, pass } = await watching(join(folder, 'f.yml'));
  rmSync(join(folder, 'f.yml'));
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual(['unreadable ENOENT']);
  write('f.yml', 'groups: []');
  await pass(10 * INTERVAL_MS);
  rmSync(join(folder, 'f.yml'));
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual(['unreadable ENOENT', 'unreadable ENOENT']);
});

describe('the files that a configuration names', () => {
  const text =
    'groups: [{name: a, heartbeat: {send_file: ping.bin}, tls: {ca_file: ca.pem, cert_file: c.pem, key_file: k.pem}}]\n' +
    'tracing: {endpoint: "http://otel:4318", headers_file: headers.txt}\n';

  test.each(['ping.bin', 'headers.txt'])('count by content where they are read at load: %s', async (name) => {
    write('f.yml', text);
    write(name, 'authorization=one');
    const { saw, pass } = await watching(join(folder, 'f.yml'));
    write(name, 'authorization=two');
    await pass(INTERVAL_MS + SETTLED_MS);
    expect(saw).toEqual(['changed']);
  });

  test.each(['ca.pem', 'c.pem', 'k.pem'])(
    'count by whether they are there where each connect reads them: %s',
    async (name) => {
      write('f.yml', text);
      const { saw, pass } = await watching(join(folder, 'f.yml'));
      write(name, 'one');
      await pass(INTERVAL_MS + SETTLED_MS);
      expect(saw).toEqual(['changed']);
      write(name, 'rotated');
      await pass(10 * INTERVAL_MS);
      expect(saw).toEqual(['changed']);
    },
  );

  test('an empty name is no file', async () => {
    write('f.yml', 'groups: []\ntracing: {headers_file: ""}');
    const { saw, pass } = await watching(join(folder, 'f.yml'));
    write('other.txt', 'in the same folder');
    await pass(10 * INTERVAL_MS);
    expect(saw).toEqual([]);
  });

  test('a name that is new in the file counts from then on', async () => {
    write('f.yml', 'groups: []');
    write('headers.txt', 'authorization=one');
    const { saw, pass } = await watching(join(folder, 'f.yml'));
    write('f.yml', text);
    await pass(INTERVAL_MS + SETTLED_MS);
    write('headers.txt', 'authorization=two');
    await pass(INTERVAL_MS + SETTLED_MS);
    expect(saw).toEqual(['changed', 'changed']);
  });
});

test('what was loaded for another reason is not reported again', async () => {
  write('f.yml', 'groups: []');
  const { saw, pass, load } = await watching(join(folder, 'f.yml'));
  write('f.yml', 'groups: [] # changed');
  await load();
  await pass(10 * INTERVAL_MS);
  expect(saw).toEqual([]);
});

test('a stopped watcher has no timer left, and one with interval 0 never had one', async () => {
  write('f.yml', 'groups: []');
  const { clock, watcher, pass } = await watching(join(folder, 'f.yml'));
  await pass(INTERVAL_MS);
  expect(clock.pending).toBe(1);
  watcher.stop();
  expect(clock.pending).toBe(0);
  expect((await watching(join(folder, 'f.yml'), 0)).clock.pending).toBe(0);
});
