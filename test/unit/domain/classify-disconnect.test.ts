import { describe, expect, test } from 'vitest';
import { classifyDisconnect } from '../../../src/domain/classify-disconnect.ts';
import { DISCONNECT_REASONS, initiatorOf, isAbnormal, LOCAL_CLOSE_REASONS } from '../../../src/domain/disconnect.ts';
import type { Evidence, Signal } from '../../../src/domain/evidence.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';

const quiet: Evidence = { signals: [], kernel: null, expectCloseNotify: false };
const idle: TcpSample = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 3,
  unackedBytes: 0,
};
const fin: Signal = { kind: 'end', pendingError: null };
const end = (pendingError: string | null | undefined): Signal => ({ kind: 'end', pendingError });
const errno = (name: string, via: 'read' | 'write' | 'connect' = 'read'): Signal => ({
  kind: 'errno',
  errno: name,
  via,
});
const gaveUp = (reason: 'no_data' | 'no_reply' | 'write_stalled' | 'protocol'): Signal => ({
  kind: 'decided',
  decision: { kind: 'gaveUp', reason },
});

type Case = {
  readonly when: string;
  readonly saw: Partial<Evidence> & { readonly signals: readonly Signal[] };
  readonly verdict: string;
};

const cases: Case[] = [
  { when: 'the peer sends FIN', saw: { signals: [fin] }, verdict: 'eof/fin' },
  { when: 'the stream ends and nobody can be asked', saw: { signals: [end(undefined)] }, verdict: 'eof/fin' },
  { when: 'the peer sends FIN, then resets', saw: { signals: [fin, errno('ECONNRESET')] }, verdict: 'eof/fin' },
  { when: 'FIN and RST had both arrived when the end was seen', saw: { signals: [end('EPIPE')] }, verdict: 'eof/fin' },
  {
    when: 'a write fails with EPIPE: a FIN came first',
    saw: { signals: [errno('EPIPE', 'write')] },
    verdict: 'eof/fin',
  },
  { when: 'FIN and RST outran the connect event', saw: { signals: [errno('EPIPE', 'connect')] }, verdict: 'eof/fin' },
  { when: 'a reset stands behind data', saw: { signals: [end('ECONNRESET')] }, verdict: 'error/reset' },
  { when: 'a read meets a reset', saw: { signals: [errno('ECONNRESET')] }, verdict: 'error/reset' },
  { when: 'a write meets a reset', saw: { signals: [errno('ECONNRESET', 'write')] }, verdict: 'error/reset' },
  {
    when: 'a reset outran the connect event',
    saw: { signals: [errno('ECONNRESET', 'connect')] },
    verdict: 'error/reset',
  },
  { when: 'close_notify comes', saw: { signals: [{ kind: 'closeNotify' }] }, verdict: 'eof/close_notify' },
  {
    when: 'close_notify comes, then a reset',
    saw: { signals: [{ kind: 'closeNotify' }, errno('ECONNRESET')] },
    verdict: 'eof/close_notify',
  },
  {
    when: 'FIN without close_notify, where one is expected',
    saw: { signals: [fin], expectCloseNotify: true },
    verdict: 'error/tls_truncated',
  },
  {
    when: 'EPIPE where close_notify is expected',
    saw: { signals: [errno('EPIPE', 'write')], expectCloseNotify: true },
    verdict: 'error/tls_truncated',
  },
  {
    when: 'a reset where close_notify is expected',
    saw: { signals: [errno('ECONNRESET')], expectCloseNotify: true },
    verdict: 'error/reset',
  },
  {
    when: 'a fatal alert, then FIN',
    saw: { signals: [{ kind: 'tlsAlert', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, fin] },
    verdict: 'error/tls_alert',
  },
  {
    when: 'a record does not decrypt',
    saw: { signals: [{ kind: 'tlsBroken', code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }] },
    verdict: 'error/tls_error',
  },
  {
    when: 'probes stay unanswered',
    saw: { signals: [errno('ETIMEDOUT')], kernel: idle },
    verdict: 'error/keepalive_timeout',
  },
  {
    when: 'a byte of ours was never acknowledged',
    saw: { signals: [errno('ETIMEDOUT')], kernel: { ...idle, unackedBytes: 1 } },
    verdict: 'error/retransmit_timeout',
  },
  {
    when: 'a retransmit was pending',
    saw: { signals: [errno('ETIMEDOUT')], kernel: { ...idle, pendingRetransmits: 5 } },
    verdict: 'error/retransmit_timeout',
  },
  {
    when: 'earlier retransmits had been acknowledged',
    saw: { signals: [errno('ETIMEDOUT')], kernel: { ...idle, totalRetransmits: 7 } },
    verdict: 'error/keepalive_timeout',
  },
  { when: 'ETIMEDOUT and nobody can be asked', saw: { signals: [errno('ETIMEDOUT')] }, verdict: 'error/timeout' },
  ...(
    [
      ['EHOSTUNREACH', 'host_unreachable'],
      ['EHOSTDOWN', 'host_unreachable'],
      ['ENETUNREACH', 'network_unreachable'],
      ['ENETDOWN', 'network_unreachable'],
      ['ENONET', 'network_unreachable'],
      ['ECONNREFUSED', 'port_unreachable'],
      ['EACCES', 'prohibited'],
      ['EPERM', 'prohibited'],
      ['ENOPROTOOPT', 'prohibited'],
      ['EPROTO', 'prohibited'],
      ['ECONNABORTED', 'aborted'],
      ['ENOBUFS', 'local_resource'],
      ['ENOMEM', 'local_resource'],
      ['EXYZZY', 'other'],
      ['constructor', 'other'],
    ] as const
  ).map(([name, reason]) => ({
    when: `a read fails with ${name}`,
    saw: { signals: [errno(name)] },
    verdict: `error/${reason}`,
  })),
  {
    when: 'nothing came for idle_timeout',
    saw: { signals: [gaveUp('no_data'), fin] },
    verdict: 'idle_timeout/no_data',
  },
  {
    when: 'a heartbeat got no answer',
    saw: { signals: [gaveUp('no_reply'), errno('ECONNRESET')] },
    verdict: 'idle_timeout/no_reply',
  },
  {
    when: 'our bytes did not drain',
    saw: { signals: [gaveUp('write_stalled')] },
    verdict: 'idle_timeout/write_stalled',
  },
  { when: 'a heartbeat got a wrong answer', saw: { signals: [gaveUp('protocol')] }, verdict: 'error/protocol' },
];

test.each(cases)('when $when: $verdict', ({ saw, verdict }) => {
  const named = classifyDisconnect({ ...quiet, ...saw });
  expect(named.kind === 'disconnect' && `${named.disconnect.class}/${named.disconnect.reason}`).toBe(verdict);
});

test('every reason of the contract is reached by some case', () => {
  const reached = new Set(cases.map(({ verdict }) => verdict));
  const all = Object.entries(DISCONNECT_REASONS).flatMap(([name, reasons]) =>
    reasons.map((reason) => `${name}/${reason}`),
  );
  expect(all.filter((each) => !reached.has(each))).toEqual([]);
});

test.each(LOCAL_CLOSE_REASONS)('our own %s is a local close, whatever the kernel says afterwards', (reason) => {
  const decided: Signal = { kind: 'decided', decision: { kind: 'localClose', reason } };
  expect(classifyDisconnect({ ...quiet, signals: [decided, errno('ECONNRESET')] })).toEqual({
    kind: 'localClose',
    reason,
  });
});

test('the errno is told beside the reason, never as the reason', () => {
  expect(classifyDisconnect({ ...quiet, signals: [errno('EXYZZY')] })).toEqual({
    kind: 'disconnect',
    disconnect: { class: 'error', reason: 'other' },
    errno: 'EXYZZY',
  });
});

test('no signal is a bug, not a verdict', () => {
  expect(() => classifyDisconnect(quiet)).toThrow(RangeError);
});

describe('who began it', () => {
  test.each([
    ['fin', 'remote'],
    ['keepalive_timeout', 'network'],
    ['aborted', 'local_host'],
    ['no_data', 'self'],
    ['other', undefined],
  ] as const)('%s: %s', (reason, initiator) => {
    expect(initiatorOf(reason)).toBe(initiator);
  });

  test('only a clean end is not abnormal', () => {
    expect(['eof', 'error', 'idle_timeout'].map((each) => isAbnormal(each as 'eof'))).toEqual([false, true, true]);
  });
});
