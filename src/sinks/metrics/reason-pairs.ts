import { CONNECT_FAILURE_REASONS, type ConnectFailure, type ConnectPhase } from '../../domain/connect-failure.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, type Disconnect } from '../../domain/disconnect.ts';

/** All (class, reason) pairs; a column holds the index of the last one. */
export const ENDS = DISCONNECT_CLASSES.flatMap((endClass) =>
  DISCONNECT_REASONS[endClass].map((reason) => ({ class: endClass, reason })),
);
/** Its index among `ENDS`. */
export const indexOfEnd = (end: Disconnect): number =>
  ENDS.findIndex((known) => known.class === end.class && known.reason === end.reason);

/** All (phase, reason) pairs; a column holds the index of the last one. */
export const FAILURES = (Object.keys(CONNECT_FAILURE_REASONS) as ConnectPhase[]).flatMap((phase) =>
  CONNECT_FAILURE_REASONS[phase].map((reason) => ({ phase, reason })),
);
/** Its index among `FAILURES`. */
export const indexOfFailure = (failure: ConnectFailure): number =>
  FAILURES.findIndex((known) => known.phase === failure.phase && known.reason === failure.reason);
