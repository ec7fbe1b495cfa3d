import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../../src/config/load-config.ts';
import { PeerPipeline } from '../../../src/discovery/peer-pipeline.ts';
import type { Folders } from '../../../src/files/folder-reader.ts';
import type { PlannedPeer } from '../../../src/settings/peer-group.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { readFileNow } from '../../support/read-file.ts';
import { sourceContext } from '../../support/source-context.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** The configuration of the recipe, in docs/discovery.md. */
const CONFIG = `
groups:
  - name: redis
    file_sd_configs:
      - files: [maintenance.yml]
      - files: [peers.yml]
`;

const FOLDERS: Folders = {
  list: async () => ({ kind: 'unreadable', why: 'ENOENT' }),
  status: async (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined
      ? { kind: 'unreadable', why: 'ENOENT' }
      : { kind: 'there', identity: `${found.ino} ${found.mtimeMs}` };
  },
};

test('the recipe: a peer that stands in the file for maintenance is announced, on the same settings, until it is taken out', async () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('peers.yml', '- targets: [redis-0:6379, redis-1:6379]\n  labels: {team: payments}\n');
  const config = parseConfig(CONFIG, join(folder, 'finrst.yml'), readFileNow);
  if (config.kind === 'invalid') throw new Error('the recipe is refused');
  const clock = createFakeClock();
  const held = new Map<string, PlannedPeer>();
  const gone: string[] = [];
  const pipeline = new PeerPipeline({
    // Answered at once, so that turns of the event loop are all that a look takes.
    ...sourceContext({ clock, folders: FOLDERS, readFile: async (path) => readFileNow(path) }),
    publish: () => {},
    holder: {
      apply: async () => undefined,
      update: async (changes) => {
        for (const { peers, gone: lost } of changes) {
          for (const peer of peers) held.set(peer.settings.peer, peer);
          gone.push(...lost.map(({ peer }) => peer));
        }
      },
    },
  });
  onTestFinished(() => pipeline.stop());
  const announced = async () => {
    for (let look = 0; look < 20; look += 1) {
      clock.advance(500);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return Object.fromEntries([...held].map(([peer, { announced: by }]) => [peer, by]));
  };
  await pipeline.configure(config.config.groups, undefined);
  expect(await announced()).toEqual({ 'redis-0:6379': null, 'redis-1:6379': null });
  const before = held.get('redis-0:6379')?.settings;

  write('maintenance.yml', '- targets: [redis-0:6379]\n  labels: {__announced__: maintenance, team: payments}\n');
  expect(await announced()).toEqual({ 'redis-0:6379': 'requested', 'redis-1:6379': null });
  expect(held.get('redis-0:6379')?.settings).toEqual(before);

  rmSync(join(folder, 'maintenance.yml'));
  expect(await announced()).toEqual({ 'redis-0:6379': null, 'redis-1:6379': null });
  expect(gone).toEqual([]);
});
