import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PodNames } from '../../../../src/os/proc/pod-names.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const WEB = '0b6f1d4e-5b4c-4f0e-9d3a-0123456789ab';
const STATIC = '0123456789abcdef0123456789abcdef';

function setUp() {
  const clock = createFakeClock();
  const folder = temporaryFolder();
  const names = new PodNames({ folders: ['/nonexistent/pods', folder], now: () => clock.monotonic() });
  return {
    clock,
    names,
    add: (name: string) => mkdirSync(join(folder, name)),
    remove: (name: string) => rmdirSync(join(folder, name)),
  };
}

test('a pod is called by namespace and name, one of a file on the node, too', () => {
  const { names, add } = setUp();
  add(`shop_web-7d9f_${WEB}`);
  add(`kube-system_etcd-node.example_${STATIC}`);
  expect(names.of(WEB)).toBe('shop/web-7d9f');
  expect(names.of(STATIC)).toBe('kube-system/etcd-node.example');
});

test('one that is unknown is its uid, and is looked for again a second later', () => {
  const { clock, names, add, remove } = setUp();
  expect(names.of(WEB)).toBe(WEB);
  add(`shop_web_${WEB}`);
  clock.advance(999);
  expect(names.of(WEB)).toBe(WEB);
  clock.advance(1);
  expect(names.of(WEB)).toBe('shop/web');
  remove(`shop_web_${WEB}`);
  clock.advance(5000);
  expect(names.of(WEB)).toBe('shop/web');
});

test('other folders have no name to give', () => {
  const { names, add } = setUp();
  for (const other of [`_web_${WEB}`, `shop_we b_${WEB}`, `shop_web_${WEB}_x`, `a_b_c_${WEB}`]) add(other);
  expect(names.of(WEB)).toBe(WEB);
});
