import type { GroupAdded, PeerFacts } from '../../domain/events/peer-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { createProtocol } from '../../protocols/registry.ts';
import { expectsAnswer } from '../../settings/heartbeat.ts';
import type { PeerGroup, PlannedPeer } from '../../settings/peer-group.ts';
import type { PeerSettings } from '../../settings/peer-settings.ts';
import { literalFamily } from '../../text/host-port.ts';

/** What a group has beside its peers. */
export type GroupFacts = Omit<PeerGroup, 'name' | 'peers'>;

/** Where a peer is. */
export function addressOf({ host, port }: PeerSettings): Pick<PeerRef, 'host' | 'port' | 'isLiteral'> {
  return { host, port, isLiteral: literalFamily(host) !== null };
}

/** What those who count a peer depend on. */
export function factsOf({ settings, isHeldElsewhere }: PlannedPeer, { canAnnounce, isHeld }: GroupFacts): PeerFacts {
  const { labels, tls, host, port } = settings;
  const held = (isHeld === false || isHeldElsewhere === true) && { isHeld: false as const };
  return { labels, tls: tls !== null, expectsAnswer: expectsAnswer(settings), canAnnounce, host, port, ...held };
}

/** The group as those who count learn of it. */
export function groupAddedOf(group: string, facts: GroupFacts, at: number): GroupAdded {
  const { protocol, silence, ...same } = facts;
  return {
    type: 'groupAdded',
    at,
    group,
    ...same,
    ...(protocol !== null && { goodbyes: createProtocol(protocol).goodbyes }),
    ...(silence !== undefined && { configuredSilenceMs: silence.configuredMs }),
  };
}
