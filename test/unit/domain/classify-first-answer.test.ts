import { describe, expect, test } from 'vitest';
import { classifyFirstAnswer, type FirstAnswerFault } from '../../../src/domain/classify-first-answer.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';

const sample = (state: TcpSample['state']): TcpSample => ({
  state,
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 0,
});

type Signal = (FirstAnswerFault & { kind: 'ended' })['signal'];

test.each<{ saw: string; signal: Signal; state?: TcpSample['state']; named: string }>([
  { saw: 'a FIN', signal: { kind: 'end', pendingError: null }, named: 'protocol/eof' },
  {
    saw: 'a FIN, where the kernel cannot be asked',
    signal: { kind: 'end', pendingError: undefined },
    named: 'protocol/eof',
  },
  { saw: 'a reset behind data', signal: { kind: 'end', pendingError: 'ECONNRESET' }, named: 'protocol/reset' },
  { saw: 'a FIN, then a reset', signal: { kind: 'end', pendingError: 'EPIPE' }, named: 'protocol/eof' },
  { saw: 'a reset', signal: { kind: 'errno', errno: 'ECONNRESET' }, state: 'close', named: 'protocol/reset' },
  {
    saw: 'a reset, where the kernel cannot be asked',
    signal: { kind: 'errno', errno: 'ECONNRESET' },
    named: 'protocol/reset',
  },
  { saw: 'CLOSE_WAIT', signal: { kind: 'errno', errno: 'ECONNRESET' }, state: 'close_wait', named: 'protocol/eof' },
  { saw: 'EPIPE of a write', signal: { kind: 'errno', errno: 'EPIPE' }, state: 'close', named: 'protocol/eof' },
  { saw: 'ETIMEDOUT', signal: { kind: 'errno', errno: 'ETIMEDOUT' }, named: 'protocol/timeout' },
  { saw: 'another errno', signal: { kind: 'errno', errno: 'EHOSTUNREACH' }, named: 'protocol/other' },
  { saw: 'close_notify', signal: { kind: 'closeNotify' }, named: 'protocol/eof' },
  {
    saw: 'a TLS alert',
    signal: { kind: 'tlsAlert', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
    named: 'tls/alert',
  },
  { saw: 'a broken record', signal: { kind: 'tlsBroken', code: 'ERR_SSL_BAD_RECORD_TYPE' }, named: 'tls/other' },
])('in place of the first answer $saw is $named', ({ signal, state, named }) => {
  const tcp = state === undefined ? null : sample(state);
  const { failure } = classifyFirstAnswer({ kind: 'ended', signal, tcp });
  expect(`${failure.phase}/${failure.reason}`).toBe(named);
});

test('the errno or code is kept for the log and the span', () => {
  const ended = (signal: Signal) => classifyFirstAnswer({ kind: 'ended', signal, tcp: null }).errno;
  expect(ended({ kind: 'errno', errno: 'EHOSTUNREACH' })).toBe('EHOSTUNREACH');
  expect(ended({ kind: 'end', pendingError: 'ECONNRESET' })).toBe('ECONNRESET');
  expect(ended({ kind: 'tlsBroken', code: 'ERR_SSL_BAD_RECORD_TYPE' })).toBe('ERR_SSL_BAD_RECORD_TYPE');
  expect(ended({ kind: 'end', pendingError: null })).toBeUndefined();
});

describe('once the deadline passed', () => {
  test.each([
    {
      receivedBytes: 0,
      outstandingBytes: 0,
      reason: 'timeout',
      detail: /acknowledged the heartbeat, and nothing came/,
    },
    { receivedBytes: 0, outstandingBytes: null, reason: 'timeout', detail: /^nothing came/ },
    { receivedBytes: 0, outstandingBytes: 6, reason: 'timeout', detail: /6 bytes of ours are outstanding/ },
    { receivedBytes: 9, outstandingBytes: 6, reason: 'timeout', detail: /not wholly acknowledged/ },
    { receivedBytes: 9, outstandingBytes: 0, reason: 'rejected', detail: /9 bytes came/ },
    { receivedBytes: 9, outstandingBytes: null, reason: 'rejected', detail: /9 bytes came/ },
  ])('and $receivedBytes bytes came, $outstandingBytes are outstanding: $reason', ({ reason, detail, ...seen }) => {
    const named = classifyFirstAnswer({ kind: 'deadline', ...seen });
    expect(named.failure).toEqual({ phase: 'protocol', reason });
    expect(named.detail).toMatch(detail);
  });
});
