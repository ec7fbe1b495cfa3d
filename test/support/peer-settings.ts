import { DEFAULT_PEER_SETTINGS, type PeerSettings } from '../../src/settings/peer-settings.ts';

/** Settings of a loopback peer in a hurry: every default but no samples. */
export function peerSettings(port: number, overrides: Partial<PeerSettings> = {}): PeerSettings {
  return {
    group: 'test',
    peer: `127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    labels: {},
    targetLabels: [],
    ...DEFAULT_PEER_SETTINGS,
    sampleIntervalMs: 0,
    heartbeat: null,
    protocol: null,
    tls: null,
    ...overrides,
  };
}
