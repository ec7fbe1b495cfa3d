import type { IncidentPeer } from '../../sinks/status/known-incidents.ts';
import type { PeerStatus } from '../../sinks/status/peer-status.ts';
import type { Html } from './html.ts';
import { isFor, not } from './incident-words.ts';
import { counted, figure } from './page-parts.ts';

/** What Finrst's own connections to the same peers say of an incident of those of applications. */
export function observedFacts(
  peers: readonly IncidentPeer[],
  peerStatus: (id: number) => PeerStatus | null,
): readonly Html[] {
  const held = peers.flatMap(({ id }) => peerStatus(id) ?? []).filter(({ state }) => state !== 'not_held');
  if (held.length === 0) return [];
  const up = held.filter((status) => status.up).length;
  const ours = `Finrst's own connections to ${figure(up)} of ${counted(held.length, 'peer')} named here are up`;
  return [up === held.length ? not(`the peers or the way there as a whole: ${ours}`) : isFor(ours)];
}
