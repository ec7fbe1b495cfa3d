import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostsFile } from '../../../../src/connections/dial/hosts-file.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

test('a name is there for the families it has an address of, whatever its case; comments and other lines are none', async () => {
  const path = join(temporaryFolder(), 'hosts');
  writeFileSync(path, '127.0.0.1 localhost\n::1\tlocalhost Six # 10.0.0.1 comment\n#10.0.0.2 off\nno-address name\n\n');
  let changes = 0;
  const hosts = new HostsFile(createFakeClock(), () => changes++, path);
  expect(hosts.has('localhost', 'any'), 'not read yet').toBe(false);
  hosts.refresh();
  await expect.poll(() => changes).toBe(1);
  expect((['any', 'ipv4', 'ipv6'] as const).map((family) => hosts.has('LOCALHOST', family))).toEqual([
    true,
    true,
    true,
  ]);
  expect((['any', 'ipv4', 'ipv6'] as const).map((family) => hosts.has('six', family))).toEqual([true, false, true]);
  expect(['comment', 'off', 'name', '#'].filter((name) => hosts.has(name, 'any'))).toEqual([]);
});

test('it is read anew when it is another file than before, and looked at once a second at most', async () => {
  const path = join(temporaryFolder(), 'hosts');
  writeFileSync(path, '10.0.0.1 one\n');
  const clock = createFakeClock();
  let changes = 0;
  const hosts = new HostsFile(clock, () => changes++, path);
  hosts.refresh();
  await expect.poll(() => hosts.has('one', 'any')).toBe(true);
  writeFileSync(path, '10.0.0.1 another\n');
  hosts.refresh(); // too soon
  clock.advance(1000);
  hosts.refresh();
  await expect.poll(() => hosts.has('another', 'any')).toBe(true);
  expect([hosts.has('one', 'any'), changes]).toEqual([false, 2]);
});

test('a file that goes away, or is no file, has no names', async () => {
  const path = join(temporaryFolder(), 'hosts');
  writeFileSync(path, '10.0.0.1 one\n');
  const clock = createFakeClock();
  const hosts = new HostsFile(clock, () => {}, path);
  hosts.refresh();
  await expect.poll(() => hosts.has('one', 'any')).toBe(true);
  rmSync(path);
  mkdirSync(path);
  clock.advance(1000);
  hosts.refresh();
  await expect.poll(() => hosts.has('one', 'any')).toBe(false);
});
