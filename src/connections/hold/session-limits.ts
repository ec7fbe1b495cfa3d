import { atLeastEvery } from '../../domain/heartbeat-wait.ts';
import type { Heartbeat } from '../../settings/heartbeat.ts';
import type { OpenedSession } from '../dial/session-opening.ts';
import { AGE_JITTER, type DeadlineSettings } from './connection-deadlines.ts';
import type { Beat } from './heartbeat-driver.ts';

/** What a peer said of how long it keeps a connection. */
export type SessionLimits = Pick<OpenedSession, 'beatWithinMs' | 'leaveWithinMs'>;

/** Most peers have none, so they share these. */
const NO_LIMITS: SessionLimits = { beatWithinMs: null, leaveWithinMs: null };

/** The limits of a conversation, without the rest of it. */
export function limitsOf(opened: OpenedSession | null): SessionLimits {
  if (opened === null || (opened.beatWithinMs === null && opened.leaveWithinMs === null)) return NO_LIMITS;
  const { beatWithinMs, leaveWithinMs } = opened;
  return { beatWithinMs, leaveWithinMs };
}

/** How often to beat. The settings themselves, which all peers of a group share, unless the peer's limit is shorter. */
export function beatWithin(heartbeat: Heartbeat | null, { beatWithinMs }: SessionLimits): Beat | null {
  if (heartbeat === null || beatWithinMs === null || heartbeat.intervalMs <= beatWithinMs) return heartbeat;
  return atLeastEvery(heartbeat, beatWithinMs);
}

/** A peer that ends connections at an age of its own is left before that, whatever the jitter of our own. */
export function deadlinesWithin(settings: DeadlineSettings, { leaveWithinMs }: SessionLimits): DeadlineSettings {
  if (leaveWithinMs === null) return settings;
  const { maxConnectionAgeMs: ours } = settings;
  const theirs = leaveWithinMs / (1 + AGE_JITTER);
  return { ...settings, maxConnectionAgeMs: ours === 0 ? theirs : Math.min(ours, theirs) };
}
