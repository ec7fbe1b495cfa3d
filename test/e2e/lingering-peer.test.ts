import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TargetStatus } from '../../src/domain/target-state.ts';
import { startDaemon } from './finrst-process.ts';
import { listener, scratchFolder } from './scratch.ts';

const entry = { files: ['targets.json'], refresh_interval: '1s', linger: '1h' };
const configOf = (...groups: readonly unknown[]): string =>
  JSON.stringify({ global: { reconnect: { initial: '20ms', max: '50ms' } }, groups });

test('a reload leaves the connection of a peer that vanished alone: its end is announced and nobody tries it again, and a target that comes back goes on with its own', async () => {
  const accepted: Record<'leaves' | 'returns', Socket[]> = { leaves: [], returns: [] };
  const leaves = `127.0.0.1:${await listener((socket) => accepted.leaves.push(socket))}`;
  const returns = `127.0.0.1:${await listener((socket) => accepted.returns.push(socket))}`;
  const stays = `127.0.0.1:${await listener(() => {})}`;
  const folder = scratchFolder();
  const [file, list] = [join(folder, 'finrst.yml'), join(folder, 'targets.json')];
  const group = { name: 'g', file_sd_configs: [entry] };
  writeFileSync(file, configOf(group));
  writeFileSync(list, JSON.stringify([{ targets: [leaves, returns] }]));
  const daemon = await startDaemon(file, ['--config.auto-reload-interval=0s', '--log.level=debug']);
  const states = async () => {
    const answer = await fetch(`${daemon.url}/api/v1/targets?group=g`);
    const { targets } = (await answer.json()) as { readonly targets: readonly TargetStatus[] };
    return Object.fromEntries(targets.map(({ peer = '', state }) => [peer, state]));
  };
  await daemon.logs(new RegExp(`msg="connection established" peer=${leaves} `));
  await daemon.logs(new RegExp(`msg="connection established" peer=${returns} `));

  writeFileSync(list, '[]');
  await daemon.logs(/msg="targets applied" group=g .*lingering=2/);
  // Another group comes, and settings and rules of this one change.
  const rules = [{ target_label: 'team', replacement: 'x' }];
  const changed = { ...group, idle_timeout: '1h', relabel_configs: rules };
  writeFileSync(file, configOf(changed, { name: 'h', static_configs: [{ targets: [stays] }] }));
  daemon.child.kill('SIGHUP');
  await daemon.logs(/msg="configuration reloaded"/);
  expect(await states()).toEqual({ [leaves]: 'lingering', [returns]: 'lingering' });

  accepted.leaves[0]?.end();
  const [ended = ''] = await daemon.logs(new RegExp(`^.*msg=disconnected peer=${leaves} .*$`, 'm'));
  expect(ended).toContain(' announced=removed');

  writeFileSync(list, JSON.stringify([{ targets: [returns] }]));
  await daemon.logs(/msg="targets applied" group=g .*active=1 lingering=1/);
  expect((await states())[returns]).toBe('active');
  // Twice the longest wait before an attempt has passed since the end: a file counts after half a second.
  expect(accepted.leaves).toHaveLength(1);
  expect(accepted.returns).toHaveLength(1);
  expect(daemon.stderr()).not.toContain('closed by us');
});
