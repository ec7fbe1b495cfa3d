import type { Clock, Timer } from '../../clock/clock.ts';
import type { PacedWork } from '../../clock/paced-work.ts';
import type { TraceRef } from '../../domain/events/connection-events.ts';
import type { IncidentChanged, IncidentState } from '../../domain/events/incident-event.ts';
import type { Publish, Sink } from '../../events/bus.ts';
import { type Incident, MOST_TRACES } from './incident.ts';
import type { CountedEnd } from './known-peer.ts';
import type { IncidentIds } from './incident-ids.ts';
import { incidentSentence } from './incident-sentence.ts';
import { heldEnds } from './held-ends.ts';
import { Incidents } from './incidents.ts';
import { ObservedEnds } from './observed-ends.ts';

const TICK_MS = 1000;
/**
 * Explanations come so many at a time: an incident can have thousands, and who asks for events a few times a second shall miss
 * none, of the 1,000 that are remembered.
 */
const EXPLAINED_AT_ONCE = 5;
const EXPLAINED_EVERY_MS = 5;

export type IncidentWatchOptions = {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly publish: Publish;
  /** Thousands of ends are judged in slices. */
  readonly work: Pick<PacedWork, 'runLater'>;
  /** Shared by all that find incidents. */
  readonly ids: IncidentIds;
  /** Whose connections: those that Finrst holds, or those of other processes. One watch never has both. */
  readonly of: 'held' | 'observed';
};

type Explanation = { readonly end: CountedEnd; readonly at: number; readonly incident: string };

/** Finds incidents and publishes them, and for each end of one that it explains it. */
export class IncidentWatch {
  readonly sink: Sink;
  readonly #options: IncidentWatchOptions;
  readonly #incidents: Incidents;
  #timer: Timer | null = null;
  /** Ends to be explained, each with its incident, the oldest first; those before `#nextUnexplained` are. */
  #unexplained: Explanation[] = [];
  #nextUnexplained = 0;
  #explaining: Timer | null = null;
  #isStopped = false;

  constructor(options: IncidentWatchOptions) {
    this.#options = options;
    const { ids, of } = options;
    this.#incidents = new Incidents({ ids, onChange: (incident) => this.#changed(incident) });
    const ended = (): void => this.#arm();
    this.sink = of === 'held' ? heldEnds(this.#incidents, ended) : new ObservedEnds(this.#incidents, ended).sink;
  }

  /** The process stops: what runs is interrupted. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#explaining?.cancel();
    const at = this.#options.clock.now();
    for (const incident of this.#incidents.running) this.#publish(incident, 'interrupted', at);
  }

  /** One timer, while anything can come of what happened. */
  #arm(): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#options.clock.after(TICK_MS, () =>
      this.#goOn(this.#incidents.tick(this.#options.clock.now())),
    );
  }

  /** A piece at a time, between which sockets and scrapes have their turn. */
  #goOn(tick: Generator<void, void>): void {
    this.#options.work.runLater(() => {
      if (this.#isStopped) return;
      if (tick.next().done !== true) return this.#goOn(tick);
      this.#timer = null;
      if (!this.#incidents.isIdle) this.#arm();
    });
  }

  #changed(incident: Incident): void {
    const at = this.#options.clock.now();
    this.#publish(incident, incident.phase === 'over' ? 'over' : 'running', at);
    const isUnderWay = this.#unexplained.length > 0;
    for (const end of incident.takeUnexplained()) this.#unexplained.push({ end, at, incident: incident.id });
    if (!isUnderWay && this.#unexplained.length > 0) this.#options.work.runLater(() => this.#explainSome());
  }

  #explainSome(): void {
    if (this.#isStopped) return;
    const from = this.#nextUnexplained;
    this.#nextUnexplained = Math.min(from + EXPLAINED_AT_ONCE, this.#unexplained.length);
    for (const { end, at, incident } of this.#unexplained.slice(from, this.#nextUnexplained)) {
      const { peer, to: endedAt, connectionId, class: endClass, reason } = end;
      const about = { at, peer: peer.ref, connectionId, class: endClass, reason, incident };
      const found = { ...about, endedAt: this.#incidents.toWall(endedAt) };
      const { of, publish } = this.#options;
      if (of === 'held') publish({ type: 'explained', by: 'incident', ...found });
      else publish({ type: 'observedExplained', ...found });
    }
    if (this.#nextUnexplained < this.#unexplained.length) {
      this.#explaining = this.#options.clock.after(EXPLAINED_EVERY_MS, () => this.#explainSome());
      return;
    }
    this.#explaining = null;
    this.#unexplained = [];
    this.#nextUnexplained = 0;
  }

  #publish(incident: Incident, state: IncidentState, at: number): void {
    const isObserved = this.#options.of === 'observed';
    const began = this.#incidents.toWall(incident.began);
    this.#options.publish(incidentEvent(incident, { state, isObserved, at, began }));
  }
}

function incidentEvent(
  incident: Incident,
  { state, isObserved, at, began }: Pick<IncidentChanged, 'state' | 'isObserved' | 'at' | 'began'>,
): IncidentChanged {
  const { id, scope, also, of, stillDown, contrast, judged, summary, wholeId } = incident;
  const { elsewhere } = contrast;
  const halfBackMs = isObserved ? null : incident.halfBackMs;
  const isRunning = state === 'running';
  const partOf = state === 'over' ? wholeId : null;
  return {
    type: 'incident',
    at,
    id,
    state,
    isObserved,
    scope,
    also,
    began,
    ...(isRunning ? {} : { over: at }),
    ...(partOf !== null && { partOf }),
    ended: summary.count,
    of,
    reasons: summary.reasons,
    stillDown,
    ...(halfBackMs !== null && { halfBackMs }),
    common: summary.common,
    ...contrast,
    judged,
    sentence: incidentSentence({ isObserved, scope, also, ends: summary, of, elsewhere, isRunning, partOf }),
    traces: firstTraces(incident),
  };
}

function firstTraces({ ends }: Incident): TraceRef[] {
  const traces: TraceRef[] = [];
  for (const { trace } of ends.values()) {
    if (trace !== null) traces.push(trace);
    if (traces.length === MOST_TRACES) break;
  }
  return traces;
}
