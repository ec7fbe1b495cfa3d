import type { PeerRef } from '../domain/peer-ref.ts';
import { limitWords } from '../explanations/limit-words.ts';
import { readableDuration } from '../text/figures.ts';
import { safeText } from '../text/safe-text.ts';
import { textTable } from '../text/text-table.ts';
import { wrapText } from '../text/wrap-text.ts';
import type { PeerSummary } from './watch-summary.ts';

/** Of what goes on below the name of a peer. */
const INDENT = 2;

export type SummaryView = {
  readonly watchedMs: number;
  readonly nameOf: (peer: PeerRef) => string;
  /** Null: lines are not broken. */
  readonly columns: number | null;
};

/** What `watch` ends with: one row for each peer, then a sentence for each whose figures allow a conclusion. */
export function summaryLines(peers: readonly PeerSummary[], view: SummaryView): readonly string[] {
  const { watchedMs, nameOf, columns } = view;
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
  const table = textTable([header, ...rows], columns);
  return ['', `Watched for ${readableDuration(watchedMs)}.`, '', ...table, ...conclusions(peers, view)];
}

function conclusions(peers: readonly PeerSummary[], { nameOf, columns }: SummaryView): readonly string[] {
  return peers.flatMap(({ peer, limit }) => {
    if (limit === null) return [];
    const lines = wrapText(
      `${safeText(nameOf(peer))}: ${limitWords(limit)}`,
      columns === null ? null : columns - INDENT,
    );
    return ['', ...lines.map((line, at) => (at === 0 ? line : ' '.repeat(INDENT) + line))];
  });
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
