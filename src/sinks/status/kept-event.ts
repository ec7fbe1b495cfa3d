import type { DisconnectClass } from '../../domain/disconnect.ts';
import type { ObservedClass } from '../../domain/observed/observed-end.ts';
import type { EventFilter, EventType } from './event-query.ts';

/** What is asked for of events. */
export type EventFacts = {
  readonly type: EventType;
  readonly group: string | undefined;
  readonly peer: string | undefined;
  /** Of an end, and of what explains it. */
  readonly class: DisconnectClass | ObservedClass | undefined;
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

  /** It is about a connection of another process. */
  get isObserved(): boolean {
    return this.type === 'observed_connected' || this.type === 'observed_ended';
  }

  get isAbnormalEnd(): boolean {
    const isEnd = this.type === 'disconnected' || this.type === 'observed_ended';
    return isEnd && (this.class === 'error' || this.class === 'idle_timeout');
  }

  /** What other processes do in order, thousands of times a second: it is for those alone who ask for its type. */
  get isQuiet(): boolean {
    return this.isObserved && !this.isAbnormalEnd;
  }

  /** The JSON text of a `RecentEvent`. */
  get text(): string {
    if (typeof this.#content === 'string') return this.#content;
    return (this.#content = this.#content());
  }

  /** Whether it is one of those that are asked for. */
  matches(filter: EventFilter): boolean {
    return (
      (filter.type === undefined ? !this.isQuiet : this.type === filter.type) &&
      (filter.group === undefined || this.group === filter.group) &&
      (filter.peer === undefined || this.peer === filter.peer) &&
      (filter.class === undefined || this.class === filter.class)
    );
  }
}
