import type { Announcement } from '../settings/announcement.ts';
import type { DisconnectClass, DisconnectReason } from './disconnect.ts';

/** Why a peer is to be connected no more. Times are monotonic milliseconds. */
export type Leaving =
  /** Its end is announced, and its target is still there. */
  | { readonly announced: Announcement; readonly vanishedAt: null }
  /** Its target has gone from its source, or to another process, then. `announced` is what had been announced before; null: nothing. */
  | { readonly announced: Announcement | null; readonly vanishedAt: number; readonly goneAs: GoneAs };

type GoneFromHere = Extract<Leaving, { readonly vanishedAt: number }>;

/** `resharded`: another process holds the peer from now on. */
export type GoneAs = 'removed' | 'resharded';

/** A disconnect that nothing had announced. News that come soon may explain it. */
export type UnexplainedEnd = {
  readonly class: DisconnectClass;
  readonly reason: DisconnectReason;
  readonly connectionId: string;
  /** Monotonic. */
  readonly endedAt: number;
};

/**
 * News this much later still explain an end. Kubernetes ends the process and writes the news at the same moment, so a FIN
 * often comes first; its news come within a second or two, from a loaded API server within a few. A crash that is followed by
 * a rollout this closely is mistaken for a part of it.
 */
const EXPLAINED_WITHIN_MS = 10_000;

/**
 * How long the series of a peer that is gone stay: two scrapes of a minute. In a rollout a peer ends and vanishes within one
 * scrape interval, and its last count would go unseen.
 */
export const LAST_WORDS_MS = 120_000;

/** The announcement that stands; null: none does, another process holds the peer. */
export function standingAnnouncement(leaving: Leaving): Announcement | null {
  return leaving.announced ?? (isHandedOver(leaving) ? null : 'removed');
}

/** Whether another process holds the peer from now on. */
export function isHandedOver(leaving: Leaving | null): leaving is GoneFromHere {
  return leaving !== null && leaving.vanishedAt !== null && leaving.goneAs === 'resharded';
}

/**
 * What had announced an end of this time; null: nothing. A target that merely vanished announces no end that came before:
 * sources drop what has crashed, too.
 */
export function announcementOfEnd(leaving: Leaving | null, endedAt: number): Announcement | null {
  if (leaving === null) return null;
  if (leaving.announced !== null) return leaving.announced;
  if (leaving.goneAs === 'resharded') return null;
  return endedAt >= leaving.vanishedAt ? 'removed' : null;
}

/** Whether news that come now explain that end. */
export function explains(end: UnexplainedEnd | null, now: number): end is UnexplainedEnd {
  return end !== null && now - end.endedAt <= EXPLAINED_WITHIN_MS;
}

/** Until when the series of a peer stay that vanished and last ended then; null: it never did. */
export function lastWordsEnd(vanishedAt: number, lastEndAt: number | null): number {
  return Math.max(vanishedAt, lastEndAt ?? vanishedAt) + LAST_WORDS_MS;
}
