import type { Kernel } from './kernel.ts';

/** A system that cannot be asked: every answer is "unknown", and the verdicts say less. */
export const portableKernel: Kernel = {
  evidence: false,
  configure: () => false,
  pendingError: () => undefined,
  tcpInfo: () => null,
  outstandingBytes: () => null,
};
