import { expect, test } from 'vitest';
import { classifyDisconnect } from '../../../src/domain/classify-disconnect.ts';
import { stalledBy } from '../../../src/domain/stalled-by.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';

const tcp: TcpSample = {
  state: 'established',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 9,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 216_000,
  silenceMs: 100,
};

test.each([
  { when: 'each probe of the closed window was answered', saw: {}, by: 'peer' },
  { when: 'a probe is under way', saw: { pendingProbes: 1 }, by: 'peer' },
  { when: 'two probes are unanswered', saw: { pendingProbes: 2 }, by: 'path' },
  { when: 'what we sent is being sent again', saw: { pendingRetransmits: 1 }, by: 'path' },
] as const)('a write that does not drain when $when: $by', ({ saw, by }) => {
  expect(stalledBy({ ...tcp, ...saw })).toBe(by);
});

test.each([
  { reason: 'write_stalled', kernel: tcp, by: 'peer' },
  { reason: 'write_stalled', kernel: null, by: undefined },
  { reason: 'no_reply', kernel: tcp, by: undefined },
] as const)('$reason has it where the kernel knows: $by', ({ reason, kernel, by }) => {
  const signal: Evidence['signal'] = { kind: 'decided', decision: { kind: 'gaveUp', reason } };
  const verdict = classifyDisconnect({ signal, kernel, keepalive: true, expectCloseNotify: false });
  expect(verdict.kind === 'disconnect' && verdict.stalledBy).toBe(by);
});
