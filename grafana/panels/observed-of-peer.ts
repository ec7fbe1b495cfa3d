import { coloursByName } from '../blocks/overrides.ts';
import { CALM_COLOUR, CLASS_COLOURS, CONNECTED_COLOUR, NOT_CONNECTED_COLOUR } from '../blocks/palette.ts';
import { bars, lines } from '../blocks/panels.ts';
import { overTime } from '../blocks/queries.ts';
import { inStep, selector } from '../blocks/selector.ts';

const NONE = 'Shown where the group has observe.';
const ofPeer = (family: string): string => selector(family, 'peer');

/** What applications hold to this peer. */
export const observedNow = lines({
  title: 'Connections of applications',
  description:
    'Those that processes of the watched hosts have established to this peer, and those that the peer has closed and the process has not, which is a leak. The page of the peer, and /api/v1/observed, list them with their processes.',
  unit: 'none',
})
  .decimals(0)
  .min(0)
  .noValue(NONE)
  .overrides(coloursByName({ established: CONNECTED_COLOUR }))
  .withTarget(overTime(`sum(${ofPeer('finrst_observed_connections')})`, 'established'))
  .withTarget(overTime(`sum(${ofPeer('finrst_observed_close_wait')})`, 'not closed'));

/** How long the oldest of them has not been noticed. */
export const observedNotClosed = lines({
  title: 'Longest not closed by its process',
  description: 'How long ago the peer closed the oldest connection that its process still has: FinrstCloseWaitLeak.',
  unit: 's',
})
  .min(0)
  .noValue(NONE)
  .withTarget(overTime(`max(${ofPeer('finrst_observed_close_wait_oldest_seconds')})`, 'oldest'));

/** Theirs. */
export const observedEndsOfPeer = bars({
  title: 'Ends of theirs, by class',
  description:
    'In each step of the chart. Where theirs end in errors and ours do not, the peer and the way there carry ours: look at the application. Where both do, look at the path or the peer.',
})
  .noValue(NONE)
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofPeer('finrst_observed_ends_total'))})`, '{{class}}'));

/** Ours. */
export const heldEndsOfPeer = bars({
  title: 'Ends of ours, by class',
  description: 'Disconnects of the connection that Finrst holds to this peer, in each step of the chart.',
})
  .overrides(coloursByName(CLASS_COLOURS))
  .withTarget(overTime(`sum by (class) (${inStep(ofPeer('finrst_disconnects_total'))})`, '{{class}}'));

/** What applications try, and what is sent again. */
export const observedTraffic = bars({
  title: 'Connects of theirs, and what was sent again',
  description: 'In each step of the chart: connects, attempts that became no connection, and retransmitted segments.',
})
  .noValue(NONE)
  .overrides(
    coloursByName({ connected: CONNECTED_COLOUR, 'attempt failed': NOT_CONNECTED_COLOUR, retransmits: CALM_COLOUR }),
  )
  .withTarget(overTime(`sum(${inStep(ofPeer('finrst_observed_connects_total'))})`, 'connected'))
  .withTarget(overTime(`sum(${inStep(ofPeer('finrst_observed_connect_failures_total'))})`, 'attempt failed'))
  .withTarget(overTime(`sum(${inStep(ofPeer('finrst_observed_retransmits_total'))})`, 'retransmits'));
