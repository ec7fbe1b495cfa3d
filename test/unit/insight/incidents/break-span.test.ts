import { describe, expect, test } from 'vitest';
import { breakSpan } from '../../../../src/insight/incidents/break-span.ts';
import { disconnectedEvent } from '../../../support/sample-finrst-events.ts';

const tcp = {
  state: 'close',
  rttMs: 1,
  minRttMs: 1,
  totalRetransmits: 0,
  pendingRetransmits: 0,
  pendingProbes: 0,
  outstandingBytes: 0,
  silenceMs: 40_000,
} as const;
const end = { ...disconnectedEvent, at: 1_000_000, durationMs: 600_000, idleMs: 50_000, quietMs: 30_000, tcp };

describe('when a connection can have broken', () => {
  test.each([
    { class: 'eof', reason: 'fin' },
    { class: 'eof', reason: 'close_notify' },
    { class: 'eof', reason: 'goodbye' },
    { class: 'error', reason: 'aborted' },
    { class: 'error', reason: 'tls_alert' },
    { class: 'error', reason: 'tls_error' },
    { class: 'error', reason: 'tls_truncated' },
    { class: 'error', reason: 'reset' },
  ] as const)('$reason tells the moment', (verdict) => {
    expect(breakSpan({ ...end, ...verdict })).toEqual({ from: 1_000_000, to: 1_000_000 });
  });

  test.each([
    { class: 'error', reason: 'keepalive_timeout' },
    { class: 'error', reason: 'retransmit_timeout' },
    { class: 'error', reason: 'timeout' },
    { class: 'error', reason: 'host_unreachable' },
    { class: 'error', reason: 'network_unreachable' },
    { class: 'error', reason: 'port_unreachable' },
    { class: 'error', reason: 'prohibited' },
    { class: 'error', reason: 'protocol' },
    { class: 'idle_timeout', reason: 'no_data' },
    { class: 'idle_timeout', reason: 'no_reply' },
    { class: 'idle_timeout', reason: 'write_stalled' },
  ] as const)('$reason was found later: any moment since the last sign of life', (verdict) => {
    expect(breakSpan({ ...end, ...verdict })).toEqual({ from: 960_000, to: 1_000_000 });
  });

  test('a reset that bytes of ours provoked was found later, too', () => {
    const provoked = { ...end, class: 'error', reason: 'reset', tcp: { ...tcp, outstandingBytes: 4 } } as const;
    expect(breakSpan(provoked)).toEqual({ from: 960_000, to: 1_000_000 });
  });

  test('where the kernel cannot be asked the silence before the end stands for it; never before it was established', () => {
    const { tcp: _, ...unknown } = end;
    const timeout = { class: 'error', reason: 'timeout' } as const;
    expect(breakSpan({ ...unknown, ...timeout })).toEqual({ from: 970_000, to: 1_000_000 });
    expect(breakSpan({ ...end, ...timeout, durationMs: 10_000 })).toEqual({ from: 990_000, to: 1_000_000 });
  });
});
