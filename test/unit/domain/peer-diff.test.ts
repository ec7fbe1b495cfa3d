import { assert, constantFrom, nat, property, record, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { peerKey, type PeerSettings } from '../../../src/settings/peer-settings.ts';
import { diffPeers } from '../../../src/domain/peer-diff.ts';
import { peerSettings } from '../../support/peer-settings.ts';
import { tlsSettings } from '../../support/tls-peer.ts';

const base = peerSettings(6379);
const beat = { send: Buffer.from('PING'), intervalMs: 1000, answer: { expect: Buffer.from('PONG'), timeoutMs: 500 } };

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
    { key: 'tls', to: tlsSettings(), how: 'reconnect' },
    { key: 'ipFamily', to: 'ipv4', how: 'reconnect' },
    { key: 'sourceAddress', to: '127.0.0.2', how: 'reconnect' },
    { key: 'keepalive', to: null, how: 'reconnect' },
    { key: 'userTimeoutMs', to: 1, how: 'reconnect' },
  ];
  test.each(changes)('$key: $how', ({ key, to, how }) => {
    const after = { ...base, [key]: to };
    expect(diffPeers([base], [after])).toEqual({
      added: [],
      removed: [],
      unchanged: [],
      changed: [{ before: base, after, how }],
    });
  });
});

test('equal settings are unchanged, bytes of a heartbeat included', () => {
  const before = { ...base, heartbeat: beat, tls: tlsSettings() };
  const after = { ...base, heartbeat: { ...beat, send: Buffer.from('PING') }, tls: tlsSettings() };
  expect(diffPeers([before], [after]).unchanged).toHaveLength(1);
  expect(diffPeers([before], [{ ...after, heartbeat: { ...beat, send: Buffer.from('PINX') } }]).changed).toHaveLength(
    1,
  );
});

test('the same target in two groups is two peers', () => {
  const other = { ...base, group: 'other' };
  expect(diffPeers([base], [other])).toMatchObject({ added: [other], removed: [base] });
});

test('every peer lands in exactly one list, and applying the difference gives the new set', () => {
  const peers = uniqueArray(
    record({ port: nat(9), group: constantFrom('a', 'b'), idleTimeoutMs: nat(1), userTimeoutMs: nat(1) }),
    { selector: ({ port, group }) => `${group}${port}` },
  ).map((list) => list.map(({ port, ...overrides }) => peerSettings(port, overrides)));
  assert(
    property(peers, peers, (before, after) => {
      const { added, removed, changed, unchanged } = diffPeers(before, after);
      const keys = (list: readonly PeerSettings[]): string[] => list.map(peerKey).toSorted();
      const kept = changed.map((change) => change.after);
      expect(keys([...added, ...kept, ...unchanged])).toEqual(keys(after));
      expect(keys([...removed, ...kept, ...unchanged])).toEqual(keys(before));
      expect(changed.every(({ before: old, after: now }) => peerKey(old) === peerKey(now))).toBe(true);
    }),
  );
});
