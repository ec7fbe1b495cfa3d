import { describe, expect, test } from 'vitest';
import type { PeerSettings } from '../../../src/settings/peer-settings.ts';
import { peerChange } from '../../../src/domain/peer-change.ts';
import { peerSettings } from '../../support/peer-settings.ts';
import { tlsSettings } from '../../support/tls-peer.ts';
import { sendExpectHeartbeat } from '../../support/send-expect-heartbeat.ts';

const base = peerSettings(6379);
const beat = (send: string) =>
  sendExpectHeartbeat({
    send: Buffer.from(send),
    intervalMs: 1000,
    answer: { expect: Buffer.from('PONG'), timeoutMs: 500 },
  });

describe('one setting changed', () => {
  const changes: { key: keyof PeerSettings; to: unknown; how: 'inPlace' | 'reconnect' }[] = [
    { key: 'labels', to: { team: 'x' }, how: 'inPlace' },
    { key: 'connectTimeoutMs', to: 1, how: 'inPlace' },
    { key: 'idleTimeoutMs', to: 1, how: 'inPlace' },
    { key: 'writeTimeoutMs', to: 1, how: 'inPlace' },
    { key: 'reconnect', to: { initialMs: 1, maxMs: 1 }, how: 'inPlace' },
    { key: 'maxConnectionAgeMs', to: 1, how: 'inPlace' },
    { key: 'sampleIntervalMs', to: 1, how: 'inPlace' },
    { key: 'heartbeat', to: beat, how: 'inPlace' },
    { key: 'host', to: 'other', how: 'inPlace' },
    { key: 'port', to: 1, how: 'inPlace' },
    { key: 'tls', to: tlsSettings(), how: 'reconnect' },
    { key: 'ipFamily', to: 'ipv4', how: 'reconnect' },
    { key: 'sourceAddress', to: '127.0.0.2', how: 'reconnect' },
    { key: 'keepalive', to: null, how: 'reconnect' },
    { key: 'userTimeoutMs', to: 1, how: 'reconnect' },
  ];
  test.each(changes)('$key: $how', ({ key, to, how }) => {
    const after = { ...base, [key]: to };
    expect(peerChange(base, after)).toBe(how);
  });
});

test('equal settings are unchanged, bytes of a heartbeat included', () => {
  const before = { ...base, heartbeat: beat('PING'), tls: tlsSettings() };
  const after = { ...base, heartbeat: beat('PING'), tls: tlsSettings() };
  expect(peerChange(before, after)).toBe('none');
  expect(peerChange(before, { ...after, heartbeat: beat('PINX') })).toBe('inPlace');
});
