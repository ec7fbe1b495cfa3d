import type { PeerSettings } from '../../src/settings/peer-settings.ts';

/** Settings of a loopback peer in a hurry: every default of the contract but a quick reconnect. */
export function peerSettings(port: number, overrides: Partial<PeerSettings> = {}): PeerSettings {
  return {
    group: 'test',
    peer: `127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    labels: {},
    connectTimeoutMs: 5000,
    idleTimeoutMs: 0,
    writeTimeoutMs: 30_000,
    keepalive: { idleSeconds: 60, intervalSeconds: 10, count: 3 },
    userTimeoutMs: 0,
    reconnect: { initialMs: 1000, maxMs: 60_000 },
    maxConnectionAgeMs: 0,
    sampleIntervalMs: 0,
    ipFamily: 'any',
    sourceAddress: null,
    heartbeat: null,
    tls: null,
    ...overrides,
  };
}
