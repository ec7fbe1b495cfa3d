import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import type { PeerRef } from '../../../src/domain/peer-ref.ts';
import { ObservedPeers } from '../../../src/observe/observed-peers.ts';

const HOUR_MS = 3_600_000;

function peer(id: number, group: string, host: string, port = 5432): PeerRef {
  const isLiteral = isIP(host) !== 0;
  return { id, group, peer: `${host}:${port}`, host, port, isLiteral, labels: {} };
}

function changesOf(peers: ObservedPeers): readonly string[] {
  return peers
    .takeChanges(100)
    .map(({ address, port, peers: keys }) =>
      [`${address} ${port}`, ...keys.map((key) => key.split('\0').slice(0, 2).join('/'))].join(' '),
    );
}

test('a literal counts at once, in one spelling, and goes with its peer', () => {
  const peers = new ObservedPeers();
  peers.add(peer(1, 'a', '2001:db8:0:0::7'));
  peers.add(peer(2, 'a', '::ffff:10.0.0.1'));
  expect(changesOf(peers)).toEqual(['2001:db8::7 5432 a/2001:db8:0:0::7:5432', '10.0.0.1 5432 a/::ffff:10.0.0.1:5432']);
  peers.remove(peer(1, 'a', '2001:db8:0:0::7'));
  expect(changesOf(peers)).toEqual(['2001:db8::7 5432']);
});

test('each group counts an address once, by its first peer', () => {
  const peers = new ObservedPeers();
  peers.add(peer(3, 'b', '10.0.0.1'));
  peers.add(peer(2, 'a', 'db'));
  peers.add(peer(1, 'a', 'db.local'));
  peers.answered('db', ['10.0.0.1'], 0);
  peers.answered('db.local', ['10.0.0.1'], 0);
  expect(changesOf(peers)).toEqual(['10.0.0.1 5432 a/db.local:5432 b/10.0.0.1:5432']);
});

test('an address counts until an hour after it left the answer', () => {
  const peers = new ObservedPeers();
  peers.add(peer(1, 'a', 'db'));
  peers.answered('db', ['10.0.0.1'], 0);
  peers.answered('db', ['10.0.0.2'], 1000);
  expect(changesOf(peers)).toEqual(['10.0.0.1 5432 a/db:5432', '10.0.0.2 5432 a/db:5432']);
  peers.answered('db', ['10.0.0.2'], HOUR_MS);
  expect(changesOf(peers)).toEqual([]);
  peers.answered('db', ['10.0.0.2'], HOUR_MS + 1);
  expect(changesOf(peers)).toEqual(['10.0.0.1 5432']);
});

test('a name has at most 64 addresses, the newest', () => {
  const peers = new ObservedPeers();
  peers.add(peer(1, 'a', 'db'));
  for (let i = 0; i < 70; i++) peers.answered('db', [`10.0.0.${i}`], i);
  const counted = changesOf(peers).filter((change) => change.endsWith('a/db:5432'));
  expect(counted).toHaveLength(64);
  expect(counted[0]).toContain('10.0.0.6 ');
});

test('names are looked up once, and a peer that moved leaves its address', () => {
  const peers = new ObservedPeers();
  peers.add(peer(1, 'a', 'db'));
  peers.add(peer(2, 'b', 'db', 6379));
  expect([...peers.names]).toEqual(['db']);
  peers.answered('db', ['10.0.0.1'], 0);
  changesOf(peers);
  peers.add({ ...peer(1, 'a', 'db'), host: '10.0.0.9', isLiteral: true });
  expect(changesOf(peers)).toEqual(['10.0.0.1 5432', '10.0.0.9 5432 a/db:5432']);
});

test('a target that comes back is another peer: ends of connections that it had before are not counted against it', () => {
  const peers = new ObservedPeers();
  const keys = (): readonly string[] => peers.takeChanges(100).flatMap((change) => change.peers);
  peers.add(peer(1, 'a', '10.0.0.1'));
  const [before = ''] = keys();
  expect(peers.peer(before)?.id).toBe(1);
  peers.remove(peer(1, 'a', '10.0.0.1'));
  peers.add(peer(2, 'a', '10.0.0.1'));
  const [after = ''] = keys();
  expect(peers.peer(before)).toBeUndefined();
  expect(peers.peer(after)?.id).toBe(2);
});

test('a reload that makes another peer of a target goes on with its connections', () => {
  const peers = new ObservedPeers();
  peers.add(peer(1, 'a', '10.0.0.1'));
  const [key = ''] = peers.takeChanges(100).flatMap((change) => change.peers);
  peers.add(peer(2, 'a', '10.0.0.1'));
  expect(peers.peer(key)?.id).toBe(2);
  peers.add({ ...peer(2, 'a', '10.0.0.1'), host: '10.0.0.2' });
  expect(changesOf(peers)).toEqual(['10.0.0.1 5432', '10.0.0.2 5432 a/10.0.0.1:5432']);
  expect(peers.peer(key)?.host).toBe('10.0.0.2');
});
