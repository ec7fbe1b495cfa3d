import { type DisconnectClass, isAbnormal } from '../../domain/disconnect.ts';
import type { EventFilter } from './event-query.ts';
import type { RecentEvent } from './recent-event.ts';

/** What is asked for of events. */
export type EventFacts = {
  readonly type: RecentEvent['type'];
  readonly group: string | undefined;
  readonly peer: string | undefined;
  /** Of a disconnect, and of what explains it. */
  readonly class: DisconnectClass | undefined;
};

/** An event, and from the first time that somebody asks on its text: most are forgotten before. */
export class KeptEvent {
  readonly id: number;
  readonly type: EventFacts['type'];
  readonly group: EventFacts['group'];
  readonly peer: EventFacts['peer'];
  readonly class: EventFacts['class'];
  #content: string | (() => string);

  constructor(id: number, facts: EventFacts, textOf: () => string) {
    this.id = id;
    this.type = facts.type;
    this.group = facts.group;
    this.peer = facts.peer;
    this.class = facts.class;
    this.#content = textOf;
  }

  get isAbnormalEnd(): boolean {
    return this.type === 'disconnected' && this.class !== undefined && isAbnormal(this.class);
  }

  /** The JSON text of a `RecentEvent`. */
  get text(): string {
    if (typeof this.#content === 'string') return this.#content;
    return (this.#content = this.#content());
  }

  /** Whether it is one of those that are asked for. */
  matches(filter: EventFilter): boolean {
    return (
      (filter.group === undefined || this.group === filter.group) &&
      (filter.peer === undefined || this.peer === filter.peer) &&
      (filter.class === undefined || this.class === filter.class)
    );
  }
}
