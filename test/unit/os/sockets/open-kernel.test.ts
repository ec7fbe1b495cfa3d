import { expect, test } from 'vitest';
import { openKernel } from '../../../../src/os/sockets/open-kernel.ts';
import { portableKernel } from '../../../../src/os/sockets/portable-kernel.ts';

test('where there is no Linux the portable kernel is taken, and the log can say why', async () => {
  expect(await openKernel('darwin')).toEqual({
    kernel: portableKernel,
    problem: 'the kernel is asked for evidence on Linux only; this is darwin, untested',
  });
});

test.skipIf(process.platform !== 'linux')('Linux can be asked (needs Linux)', async () => {
  const { kernel, problem } = await openKernel('linux');
  expect(problem).toBe(undefined);
  expect(kernel.evidence).toBe(true);
});
