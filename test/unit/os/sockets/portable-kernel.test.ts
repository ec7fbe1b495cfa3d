import { expect, test } from 'vitest';
import { portableKernel } from '../../../../src/os/sockets/portable-kernel.ts';

test('a kernel that cannot be asked sets nothing and knows nothing', () => {
  expect(portableKernel.evidence).toBe(false);
  expect(portableKernel.configure(1, { keepalive: null, userTimeoutMs: 0 })).toBe(false);
  expect(portableKernel.pendingError(1), 'unknown, which is not the same as none').toBe(undefined);
  expect(portableKernel.tcpInfo(1)).toBe(null);
  expect(portableKernel.outstandingBytes(1)).toBe(null);
});
