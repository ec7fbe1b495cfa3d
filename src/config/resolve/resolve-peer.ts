import { DEFAULT_PEER_SETTINGS, type PeerSettings } from '../../settings/peer-settings.ts';
import { addressMisfit } from '../../settings/address-misfit.ts';
import { parseTarget } from '../../text/host-port.ts';

export type PeerResult =
  | { readonly kind: 'peer'; readonly peer: PeerSettings }
  /** A sentence about the target: what is wrong with it and what to write. */
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * One peer with every setting at its default but the given ones: for peers that come from a command line or from code.
 * The target is held to the same rules as one in a file; the overrides are taken as they are. The group is `default`
 * unless given.
 *
 * @example resolvePeer('redis-0:6379', {idleTimeoutMs: 30_000})
 */
export function resolvePeer(
  written: string,
  overrides: Partial<Omit<PeerSettings, 'peer' | 'host' | 'port'>> = {},
): PeerResult {
  const result = parseTarget(written);
  if (result.kind === 'invalid') return { kind: 'invalid', message: `target "${written}" ${result.message}` };
  const settings = {
    group: 'default',
    labels: {},
    heartbeat: null,
    tls: null,
    ...DEFAULT_PEER_SETTINGS,
    ...overrides,
  };
  const misfit = addressMisfit(result.target, settings);
  if (misfit !== null) return { kind: 'invalid', message: `target "${written}" ${misfit}` };
  const { host, port } = result.target;
  return { kind: 'peer', peer: { ...settings, peer: written, host, port } };
}
