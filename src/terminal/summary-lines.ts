import type { PeerRef } from '../domain/peer-ref.ts';
import { readableDuration } from '../text/figures.ts';
import { safeText } from '../text/safe-text.ts';
import { textTable } from '../text/text-table.ts';
import type { PeerSummary } from './watch-summary.ts';

/** The table that `watch` ends with: one row per peer, then nothing. */
export function summaryLines(
  peers: readonly PeerSummary[],
  watchedMs: number,
  nameOf: (peer: PeerRef) => string,
): readonly string[] {
  const header = ['PEER', 'UP', 'CONNECTIONS', 'FAILED', 'SHORTEST', 'LONGEST', 'ENDED BY', 'FAILED BY'];
  const rows = peers.map((summary) => [
    safeText(nameOf(summary.peer)),
    upShare(summary.upMs, watchedMs),
    String(summary.connections),
    String(summary.failures),
    length(summary.shortestMs),
    length(summary.longestMs),
    counts(summary.ends),
    counts(summary.failed),
  ]);
  return ['', `Watched for ${readableDuration(watchedMs)}.`, '', ...textTable([header, ...rows])];
}

/** 100 % is printed only for a peer that really was up all the time. */
function upShare(upMs: number, watchedMs: number): string {
  if (watchedMs <= 0) return '-';
  const tenths = Math.min(1000, Math.floor((1000 * upMs) / watchedMs));
  return `${(tenths / 10).toFixed(1)} %`;
}

function length(milliseconds: number | null): string {
  return milliseconds === null ? '-' : readableDuration(milliseconds);
}

function counts(byName: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byName).toSorted(([, one], [, other]) => other - one);
  return entries.length === 0 ? '-' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}
