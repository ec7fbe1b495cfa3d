import { limitHint, ownHint } from '../domain/decide-hint.ts';
import { endedConnection } from '../domain/ended-connection.ts';
import { EndWindow } from '../domain/end-window.ts';
import type { Disconnected } from '../domain/events/connection-events.ts';
import type { FinrstEvent } from '../domain/events/finrst-event.ts';

/** As `HostDrops.explain`. */
export type ExplainByDrops = (from: number, lost: number) => number;

/**
 * Gives each disconnect its hint before the event is published, from the end itself and from what the group's connections
 * lived through. It keeps the last 30 ends of a group and five figures of its living connections, nothing for each peer.
 */
export class EndHints {
  readonly #explainByDrops: ExplainByDrops;
  readonly #groups = new Map<string, EndWindow>();

  constructor(explainByDrops: ExplainByDrops) {
    this.#explainByDrops = explainByDrops;
  }

  /** The event as it is to be published. What is late for a group that is gone gets what hint it can without it. */
  complete(event: FinrstEvent): FinrstEvent {
    if (event.type === 'disconnected') return this.#withHint(event);
    this.#take(event);
    return event;
  }

  #take(event: Exclude<FinrstEvent, Disconnected>): void {
    if (event.type === 'sampled' || event.type === 'stayedSilent')
      this.#groups.get(event.peer.group)?.sampled(event.silences);
    else if (event.type === 'localClosed') this.#groups.get(event.peer.group)?.add(endedConnection(event));
    else if (event.type === 'groupRemoved') this.#groups.delete(event.group);
    else if (event.type === 'groupAdded' && !this.#groups.has(event.group))
      this.#groups.set(event.group, new EndWindow());
  }

  /** An end that has a cause of its own says nothing of limits. */
  #withHint(event: Disconnected): Disconnected {
    const end = endedConnection(event);
    const group = this.#groups.get(event.peer.group);
    const own = ownHint(event, (lost) => this.#explainByDrops(event.at - end.unheardMs, lost));
    group?.add(own === null ? end : { ...end, met: 'unclear' });
    const hint = own ?? limitHint(event, end, group?.limit() ?? null);
    return hint === null ? event : { ...event, hint };
  }
}
