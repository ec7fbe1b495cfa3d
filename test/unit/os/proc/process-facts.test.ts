import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  executableOf,
  hasHostIds,
  podOf,
  processFacts,
  processOfThread,
} from '../../../../src/os/proc/process-facts.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { lostIn, nowIn } from '../../../../src/os/tracefs/trace-instance.ts';

test.each([
  ['/usr/bin/java\0-jar\0a.jar\0', 'main', 'java'],
  ['nginx: worker process\0', 'nginx', 'nginx: worker process'],
  ['', 'kworker/0:1', 'kworker/0:1'],
  [`${'x'.repeat(100)}\0`, 'x', 'x'.repeat(64)],
])('%j of %s is called %s', (cmdline, comm, name) => {
  expect(executableOf(cmdline, comm)).toBe(name);
});

test.each([
  ['0::/kubepods.slice/kubepods-pod1b4e28ba_2fa1_11d2_883f_0016d3cca427.slice/cri-containerd-ab.scope\n'],
  ['5:cpu:/kubepods/burstable/pod1b4e28ba-2fa1-11d2-883f-0016d3cca427/ab\n'],
])('the pod of %j', (cgroup) => {
  expect(podOf(cgroup)).toBe('1b4e28ba-2fa1-11d2-883f-0016d3cca427');
});

test('a process that is in no pod, or gone', () => {
  expect(podOf('0::/system.slice/ssh.service\n')).toBeNull();
  expect(processFacts('/proc', 2 ** 30)).toBeNull();
  expect(processOfThread('/proc', 2 ** 30)).toBeNull();
});

test.runIf(process.platform === 'linux')('a process by its thread', () => {
  expect(processOfThread('/proc', process.pid)).toMatchObject({ pid: process.pid, isFinrst: false });
});

test('what one processor lost, and its time', () => {
  const stats =
    'entries: 0\noverrun: 12\ncommit overrun: 1\nbytes: 0\noldest event ts:  8965.102747\nnow ts:  8965.345466\ndropped events: 3\nread events: 28\n';
  expect(lostIn(stats)).toBe(16);
  expect(nowIn(stats)).toBe(8_965_345_466_000);
});

test.each([
  ['pid:[4026531836]', true],
  ['pid:[4026532201]', false],
  [null, false],
])('process ids of the namespace %s are those of the trace: %s', (namespace, expected) => {
  const proc = temporaryFolder();
  mkdirSync(join(proc, 'self/ns'), { recursive: true });
  if (namespace !== null) symlinkSync(namespace, join(proc, 'self/ns/pid'));
  expect(hasHostIds(proc)).toBe(expected);
});
