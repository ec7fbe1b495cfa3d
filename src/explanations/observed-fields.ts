import type { ObservedConnected, ObservedConnection, ObservedEnded } from '../domain/events/observed-events.ts';
import type { PeerRef } from '../domain/peer-ref.ts';
import { observedConnectionId } from '../domain/observed/observed-connection-id.ts';
import { presentLabels } from '../domain/present-labels.ts';
import { formatHostPort } from '../text/host-port.ts';
import type { LineFields } from '../text/line-format.ts';
import { toSeconds } from '../text/seconds.ts';

/** What events of observed connections that people can list are called in files and answers. */
export const OBSERVED_EVENT_NAMES = {
  observedConnected: 'observed_connected',
  observedEnded: 'observed_ended',
} as const satisfies Readonly<Record<ListedObservedEvent['type'], string>>;

/** Those that people can list. */
export type ListedObservedEvent = ObservedConnected | ObservedEnded;

type About = { readonly peer: PeerRef; readonly connection: ObservedConnection };

/** Which connection of another process it is about, as a line of the log or a JSON object says it. */
export function observedConnectionFields({ peer: { peer, group, labels }, connection }: About): LineFields {
  const { local, remote, owner } = connection;
  return {
    peer,
    group,
    labels: presentLabels(labels),
    connection_id: observedConnectionId(connection),
    address: formatHostPort(remote.address, remote.port),
    local: formatHostPort(local.address, local.port),
    pid: owner?.pid,
    executable: owner?.executable ?? undefined,
    pod: owner?.pod ?? undefined,
  };
}

/** How an observed connection ended, beside which one it is. */
export function observedEndFields(event: ObservedEnded): LineFields {
  const { class: endClass, reason, errno, durationMs, isCloseWait, errorsInARow, trace } = event;
  return {
    class: endClass,
    reason,
    errno,
    duration_s: durationMs === undefined ? undefined : toSeconds(durationMs),
    close_wait: isCloseWait ? true : undefined,
    errors: errorsInARow > 1 ? errorsInARow : undefined,
    trace_id: trace?.recorded === true ? trace.traceId : undefined,
  };
}
