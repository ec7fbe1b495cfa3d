import { describe, expect, test } from 'vitest';
import { classifyDisconnect, type Verdict } from '../../../src/domain/classify-disconnect.ts';
import {
  DISCONNECT_CLASSES,
  DISCONNECT_REASONS,
  type DisconnectReason,
  type Initiator,
  initiatorOf,
  isAbnormal,
  LOCAL_CLOSE_REASONS,
} from '../../../src/domain/disconnect.ts';
import type { Evidence, Signal } from '../../../src/domain/evidence.ts';
import type { TcpSample } from '../../../src/domain/tcp-sample.ts';

const quiet: Omit<Evidence, 'signal'> = { kernel: null, keepalive: true, expectCloseNotify: false };
const idle: TcpSample = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 3,
  outstandingBytes: 0,
  silenceMs: 0,
};
const end = (pendingError: string | null | undefined): Signal => ({ kind: 'end', pendingError });
const errno = (name: string): Signal => ({ kind: 'errno', errno: name });
const gaveUp = (reason: 'no_data' | 'no_reply' | 'write_stalled' | 'protocol'): Signal => ({
  kind: 'decided',
  decision: { kind: 'gaveUp', reason },
});

/** `class/reason`, and the errno behind a blank where the verdict has one. */
type Expected = string;

const cases: readonly { when: string; signal: Signal; saw?: Partial<Evidence>; verdict: Expected }[] = [
  { when: 'the peer sends FIN', signal: end(null), verdict: 'eof/fin' },
  { when: 'the stream ends and the kernel cannot be asked', signal: end(undefined), verdict: 'eof/fin' },
  { when: 'FIN and RST had both arrived when the end was seen', signal: end('EPIPE'), verdict: 'eof/fin EPIPE' },
  { when: 'a write fails with EPIPE: a FIN came first', signal: errno('EPIPE'), verdict: 'eof/fin EPIPE' },
  { when: 'a reset stands behind data', signal: end('ECONNRESET'), verdict: 'error/reset ECONNRESET' },
  {
    when: 'the path is lost behind data',
    signal: end('ETIMEDOUT'),
    saw: { kernel: idle },
    verdict: 'error/keepalive_timeout ETIMEDOUT',
  },
  { when: 'close_notify comes', signal: { kind: 'closeNotify' }, verdict: 'eof/close_notify' },
  {
    when: 'the peer said goodbye and left the closing to us',
    signal: { kind: 'decided', decision: { kind: 'tookLeave' } },
    verdict: 'eof/goodbye',
  },
  {
    when: 'close_notify comes, where it is expected',
    signal: { kind: 'closeNotify' },
    saw: { expectCloseNotify: true },
    verdict: 'eof/close_notify',
  },
  {
    when: 'FIN without close_notify, where one is expected',
    signal: end(null),
    saw: { expectCloseNotify: true },
    verdict: 'error/tls_truncated',
  },
  {
    when: 'EPIPE where close_notify is expected',
    signal: errno('EPIPE'),
    saw: { expectCloseNotify: true },
    verdict: 'error/tls_truncated EPIPE',
  },
  {
    when: 'a reset where close_notify is expected',
    signal: errno('ECONNRESET'),
    saw: { expectCloseNotify: true },
    verdict: 'error/reset ECONNRESET',
  },
  {
    when: 'a fatal alert comes',
    signal: { kind: 'tlsAlert', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' },
    verdict: 'error/tls_alert ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  },
  {
    when: 'a record does not decrypt',
    signal: { kind: 'tlsBroken', code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' },
    verdict: 'error/tls_error ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  },
  {
    when: 'probes stay unanswered',
    signal: errno('ETIMEDOUT'),
    saw: { kernel: idle },
    verdict: 'error/keepalive_timeout ETIMEDOUT',
  },
  {
    when: 'a byte of ours was never acknowledged',
    signal: errno('ETIMEDOUT'),
    saw: { kernel: { ...idle, outstandingBytes: 1 } },
    verdict: 'error/retransmit_timeout ETIMEDOUT',
  },
  {
    when: 'the peer answered probes of its closed window and never took what we wrote',
    signal: errno('ETIMEDOUT'),
    saw: { kernel: { ...idle, pendingProbes: 0, outstandingBytes: 216_000 }, keepalive: false },
    verdict: 'error/retransmit_timeout ETIMEDOUT',
  },
  {
    when: 'keepalive is off: only a timer of our own bytes is left',
    signal: errno('ETIMEDOUT'),
    saw: { kernel: idle, keepalive: false },
    verdict: 'error/retransmit_timeout ETIMEDOUT',
  },
  {
    when: 'keepalive is off, behind data',
    signal: end('ETIMEDOUT'),
    saw: { kernel: idle, keepalive: false },
    verdict: 'error/retransmit_timeout ETIMEDOUT',
  },
  {
    when: 'ETIMEDOUT comes without keepalive and the kernel cannot be asked',
    signal: errno('ETIMEDOUT'),
    saw: { keepalive: false },
    verdict: 'error/timeout ETIMEDOUT',
  },
  {
    when: 'earlier retransmits had been acknowledged',
    signal: errno('ETIMEDOUT'),
    saw: { kernel: { ...idle, totalRetransmits: 7 } },
    verdict: 'error/keepalive_timeout ETIMEDOUT',
  },
  {
    when: 'ETIMEDOUT comes and the kernel cannot be asked',
    signal: errno('ETIMEDOUT'),
    verdict: 'error/timeout ETIMEDOUT',
  },
  ...(
    [
      ['ECONNRESET', 'reset'],
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
      ['', 'other'],
    ] as const
  ).map(([name, reason]) => ({
    when: `a read or a write fails with "${name}"`,
    signal: errno(name),
    verdict: `error/${reason} ${name}`,
  })),
  { when: 'nothing came for idle_timeout', signal: gaveUp('no_data'), verdict: 'idle_timeout/no_data' },
  { when: 'a heartbeat got no answer', signal: gaveUp('no_reply'), verdict: 'idle_timeout/no_reply' },
  { when: 'our bytes did not drain', signal: gaveUp('write_stalled'), verdict: 'idle_timeout/write_stalled' },
  { when: 'a heartbeat got a wrong answer', signal: gaveUp('protocol'), verdict: 'error/protocol' },
];

const written = (verdict: Verdict): Expected => {
  if (verdict.kind !== 'disconnect') return `${verdict.kind}: ${verdict.reason}`;
  const { disconnect } = verdict;
  return `${disconnect.class}/${disconnect.reason}${'errno' in verdict ? ` ${verdict.errno}` : ''}`;
};

test.each(cases)('when $when: $verdict', ({ signal, saw, verdict }) => {
  expect(written(classifyDisconnect({ ...quiet, signal, ...saw }))).toBe(verdict);
});

test('whatever ended it, keepalive_timeout needs keepalive, the kernel and nothing outstanding', () => {
  const signals = cases.map(({ signal }) => signal);
  const kernels = [0, 1, 2_803_712].flatMap((outstandingBytes) =>
    [0, 3].flatMap((pendingRetransmits) =>
      [0, 3].map((pendingProbes): TcpSample => ({ ...idle, outstandingBytes, pendingRetransmits, pendingProbes })),
    ),
  );
  const named = new Set<string>();
  for (const signal of signals)
    for (const kernel of [null, ...kernels])
      for (const keepalive of [true, false]) {
        const verdict = written(classifyDisconnect({ ...quiet, signal, kernel, keepalive }));
        if (!verdict.includes('keepalive_timeout')) continue;
        named.add(`${keepalive} ${kernel?.outstandingBytes}`);
      }
  expect([...named]).toEqual(['true 0']);
});

test('every reason of the contract is reached by some case', () => {
  const reached = new Set(cases.map(({ verdict }) => verdict.replace(/ .*/, '')));
  const all = Object.entries(DISCONNECT_REASONS).flatMap(([name, reasons]) =>
    reasons.map((reason) => `${name}/${reason}`),
  );
  expect(all.filter((each) => !reached.has(each))).toEqual([]);
});

test.each(LOCAL_CLOSE_REASONS)('our own %s is a local close', (reason) => {
  const signal: Signal = { kind: 'decided', decision: { kind: 'localClose', reason } };
  expect(classifyDisconnect({ ...quiet, signal })).toEqual({ kind: 'localClose', reason });
});

test('the errno stands beside the reason, never as the reason', () => {
  expect(classifyDisconnect({ ...quiet, signal: errno('EXYZZY') })).toEqual({
    kind: 'disconnect',
    disconnect: { class: 'error', reason: 'other' },
    errno: 'EXYZZY',
  });
});

describe('who began it', () => {
  /** Adding a reason without filling this in does not compile. */
  const INITIATORS: Readonly<Record<DisconnectReason, Initiator | undefined>> = {
    fin: 'remote',
    close_notify: 'remote',
    goodbye: 'remote',
    reset: 'remote',
    keepalive_timeout: 'network',
    retransmit_timeout: 'network',
    timeout: 'network',
    host_unreachable: 'network',
    network_unreachable: 'network',
    port_unreachable: 'network',
    prohibited: 'network',
    aborted: 'local_host',
    local_resource: 'local_host',
    tls_truncated: 'remote',
    tls_alert: 'remote',
    tls_error: 'remote',
    protocol: 'remote',
    other: undefined,
    no_data: 'self',
    no_reply: 'self',
    write_stalled: 'self',
  };

  test.each(Object.entries(INITIATORS))('%s: %s', (reason, initiator) => {
    expect(initiatorOf(reason as DisconnectReason)).toBe(initiator);
  });

  test('only a clean end is not abnormal', () => {
    expect(DISCONNECT_CLASSES.map(isAbnormal)).toEqual([false, true, true]);
  });
});
