import { coloursByName } from '../blocks/overrides.ts';
import { bars } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

const own = (family: string): string => selector(family, 'daemon');

/** What became of the evidence that leaves the process. */
export const spansAndJournal = bars({
  title: 'Spans by outcome, and journal lines lost',
  description:
    'Spans in each step of the chart: exported, failed (the collector refused or was away), dropped (the queue was full), suppressed (thinned in a storm). Lost spans are failed and dropped. Journal lines are lost while the disk takes none and no more fit into memory.',
})
  .overrides(
    coloursByName({
      exported: 'green',
      suppressed: '#8e8e99',
      dropped: 'orange',
      failed: 'red',
      'journal lines lost': 'dark-red',
    }),
  )
  .withTarget(overTime(`sum by (outcome) (${inStep(own('finrst_spans_total'))})`, '{{outcome}}'))
  .withTarget(overTime(`sum(${inStep(own('finrst_journal_lines_lost_total'))})`, 'journal lines lost'));
