import { coloursByName } from '../blocks/overrides.ts';
import { CLASS_COLOURS } from '../blocks/palette.ts';
import { bars, lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, ofGroups } from '../blocks/selector.ts';

/** Ends that somebody had said would come. */
export const announcedEnds = bars({
  title: 'Announced ends, by class',
  description:
    'Ends in each step of the chart that were announced before they came, or explained within 10 s. The alerts leave them out; all other charts count them.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofGroups('finrst_announced_disconnects_total'))})`, '{{class}}'));

/** Who says that ends will come, and for how many peers it stands. */
export const announcements = lines({
  title: 'Announcements, and peers that are announced',
  description:
    'Peers whose end is announced now: they are held until it comes, not tried again, and not down. And the announcements in each step of the chart: terminating (Kubernetes), removed (the target vanished), requested (a rule or a target says so).',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .withTarget(overTime(`sum(${ofGroups('finrst_peer_announced')})`, 'announced now'))
  .withTarget(
    overTime(`sum by (announcement) (${inStep(ofGroups('finrst_announcements_total'))})`, '{{announcement}}'),
  );

/** What servers said. */
export const goodbyes = bars({
  title: 'What servers said of refusals and ends',
  description:
    'Goodbyes in each step of the chart, in groups with a protocol: when a login was refused (connect), and when a connection ended (held). `finrst explain WORD` says what each means.',
}).withTarget(
  overTime(`sum by (when, goodbye) (${inStep(ofGroups('finrst_goodbyes_total'))}) > 0`, '{{when}}: {{goodbye}}'),
);

/** What the evidence of ends supports beside their reasons. */
export const hints = bars({
  title: 'Hints: whose limit, whose fault',
  description:
    'What the evidence of ends supports beside their reasons, in each step of the chart; at most one word for each end. The log and the events have the sentence. `finrst explain WORD` says what each rests on.',
}).withTarget(overTime(`sum by (hint) (${inStep(ofGroups('finrst_hints_total'))}) > 0`, '{{hint}}'));
