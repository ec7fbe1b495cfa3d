import { advisedKeepaliveSeconds } from '../domain/silence/ladder-steps.ts';
import { toldSilenceMs } from '../domain/silence/silence-result.ts';
import { type SilenceReport, suspectsOf } from '../explanations/silence-words.ts';
import { toSeconds } from '../text/seconds.ts';

/** What `measure --json` prints, on one line. What is not known is null. */
export function silenceJson({ end, askedBy, rows, peer, address, startedAt }: SilenceReport): string {
  const finding = end.kind === 'found' || end.kind === 'stopped' ? end.finding : null;
  const limit = finding?.kind === 'limit' ? finding : null;
  const survivedMs = finding?.survivedMs ?? null;
  const steps = rows.flatMap(({ result }) => {
    if (result === null) return [];
    const { outcome, asked, silentMs, answeredMs } = result;
    return {
      s: toSeconds(toldSilenceMs(result)),
      outcome,
      ...(asked === 'unasked' && { ended_s: toSeconds(silentMs) }),
      ...(answeredMs !== null && { answered_s: toSeconds(answeredMs) }),
    };
  });
  return JSON.stringify({
    peer,
    address,
    started: new Date(startedAt).toISOString(),
    asked_by: askedBy.kind === 'keepalive' ? 'keepalive' : askedBy.by,
    result: finding?.kind ?? end.kind,
    ...('why' in end && { why: end.why }),
    steps,
    survived_s: survivedMs === null ? null : toSeconds(survivedMs),
    fatal_s: limit === null ? null : toSeconds(limit.fatalMs),
    how: limit?.how ?? null,
    ...(limit !== null && limit.endedAfterMs !== null && { ended_after_s: toSeconds(limit.endedAfterMs) }),
    suspect:
      finding === null
        ? null
        : suspectsOf(finding)
            .map(({ seconds, short }) => `${seconds} s, ${short}`)
            .join('; ') || null,
    advice_keepalive_s: limit === null || survivedMs === null ? null : advisedKeepaliveSeconds(survivedMs),
  });
}
