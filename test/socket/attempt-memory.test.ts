import { queryObjects } from 'node:v8';
import { afterEach, expect, test } from 'vitest';
import { AttemptRecord } from '../../src/connections/dial/attempt-record.ts';
import { ConnectAttempt } from '../../src/connections/dial/connect-attempt.ts';
import type { PeerSettings } from '../../src/settings/peer-settings.ts';
import { type HeldFleet, holdPeers } from '../support/held-fleet.ts';
import { startPeer } from '../support/loopback-peer.ts';
import { peerSettings } from '../support/peer-settings.ts';
import { startTlsPeer, tlsSettings } from '../support/tls-peer.ts';

let held: HeldFleet;
let peer: { readonly port: number; close(): Promise<void> };
afterEach(async () => {
  const stopped = held.stop();
  await peer.close();
  await stopped;
});

const CONNECTIONS = 50;

test.each([
  { what: 'plain', start: () => startPeer(), tls: null },
  { what: 'TLS', start: () => startTlsPeer(), tls: tlsSettings() },
])(
  '$what connections that are held keep nothing of the attempt that opened them',
  async ({ start, tls }) => {
    peer = await start();
    const settings = Array.from({ length: CONNECTIONS }, (_, i): PeerSettings =>
      peerSettings(peer.port, { group: `g${i}`, tls }),
    );
    held = await holdPeers(settings);
    await held.seen('connected', CONNECTIONS);
    const alive = [ConnectAttempt, AttemptRecord].map((type) => [type.name, queryObjects(type)] as const);
    expect(Object.fromEntries(alive)).toEqual({ ConnectAttempt: 0, AttemptRecord: 0 });
  },
  60_000,
);
