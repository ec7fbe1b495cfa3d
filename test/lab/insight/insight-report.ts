import { countWords, tally } from '../figures.ts';
import type { ExpectedEnds } from './insight-row.ts';
import type { InsightFound } from './run-insight.ts';

/** The part of docs/conformance.md about what is found behind ends. */
export function insightReport(found: readonly InsightFound[]): readonly string[] {
  return [
    '## What is behind the ends',
    '',
    'A real `finrst serve` for each row, in a namespace of its own, with up to 66 peers in three zones (namespaces, too), a label',
    '`zone` that `metrics.target_labels` does not list, and a box between them that breaks. Of each [incident](incidents.md) the scope,',
    'the peers, the sentence, the line of the log, `/api/v1/incidents`, the metrics, and that each of its ends is explained by it, once;',
    'of each end its [hint](reasons.md#hints) and what that rests on, in event, log and `finrst_hints_total`. No other peer may end.',
    '',
    '| id | injected | incidents | right |',
    '|---|---|---|--:|',
    ...found.map(({ row, seen: { incidents }, faults }) => {
      const sentences = incidents.map(({ sentence }) => sentence).join('<br>');
      return `| ${row.id} | ${row.injected} | ${sentences === '' ? 'none' : sentences} | ${faults.length === 0 ? 'yes' : '**no**'} |`;
    }),
    '',
    '| id | ends | hints, with how often | in the words of the last |',
    '|---|---|---|---|',
    ...found.flatMap((each) => each.row.ends.map((ends) => hintLine(each, ends))),
    '',
  ];
}

function hintLine({ row, seen }: InsightFound, { group, verdict }: ExpectedEnds): string {
  const ends = seen.events.filter((event) => event.type === 'disconnected' && event.group === group);
  const hints = tally(countWords(ends.map(({ hint }) => hint ?? 'none')));
  const counted = ends.length > 0 && !hints.includes(' × ') ? `${ends.length} × ${hints}` : hints;
  return `| ${row.id} | ${group}: ${verdict} | ${counted} | ${ends.at(-1)?.hint_detail ?? ''} |`;
}
