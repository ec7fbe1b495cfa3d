import type { Endpoint } from '../../domain/events/connection-events.ts';
import type { PeerFacts } from '../../domain/events/peer-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { BreakSpan } from './break-span.ts';
import { AFTERMATH_MS, Incident, STEP } from './incident.ts';
import type { IncidentIds } from './incident-ids.ts';
import { type Finding, judge } from './judge.ts';
import { type CountedEnd, SETTLED_MS } from './known-peer.ts';
import { PeerRegister } from './peer-register.ts';
import { UnbrokenTime } from './unbroken-time.ts';

/** An announcement may come this long after the end that it explains. */
const ANNOUNCEMENT_MS = 10_000;
/** How long an end can still be part of something: the kernel gives up on unacknowledged data after a quarter of an hour. */
const KEPT_MS = 1_200_000;

export type IncidentsOptions = {
  /** It begins, has grown to double or has another scope, runs again or is over. */
  readonly onChange: (incident: Incident) => void;
  readonly ids: IncidentIds;
};

/** An end of a peer that we did not choose. Times are wall-clock milliseconds. */
export type PeerEnded = Pick<
  CountedEnd,
  'connectionId' | 'class' | 'reason' | 'hint' | 'ageMs' | 'silentMs' | 'trace'
> & {
  readonly peerId: number;
  /** When it was found: the end of its span. */
  readonly at: number;
  readonly span: BreakSpan;
  readonly isAnnounced: boolean;
};

/**
 * Finds peers whose connections broke at the same moment, and what they share. It is told what happens to peers, and `tick`
 * once a second; it knows no time but theirs: wall-clock milliseconds.
 */
export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #register = new PeerRegister();
  readonly #time = new UnbrokenTime();
  /** Ends that may still be announced, and those that are judged. Of a peer the last one counts. */
  #waiting: CountedEnd[] = [];
  #ripe: CountedEnd[] = [];
  #incidents: Incident[] = [];
  /** An end has become ripe since the last judgement. */
  #isDue = false;
  /** Ends among the ripe ones count no longer. */
  #hasStale = false;

  constructor(options: IncidentsOptions) {
    this.#options = options;
  }

  /** Whether `tick` has anything to do. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#ripe.length === 0 && this.#incidents.length === 0;
  }

  /** Wall-clock milliseconds of a time that an incident or an end of one has, by the clock as it is set now. */
  toWall(time: number): number {
    return this.#time.toWall(time);
  }

  get running(): readonly Incident[] {
    return this.#incidents.filter(({ phase }) => phase === 'running');
  }

  /** A peer that is known keeps what happened to it. */
  know(peer: PeerRef, facts: PeerFacts): void {
    this.#register.put(peer, facts);
  }

  forget(peerId: number): void {
    this.#register.remove(peerId);
    this.#hasStale = true;
    for (const incident of this.#incidents) incident.recovered(peerId);
  }

  /** @param at wall-clock milliseconds */
  connected(peerId: number, remote: Endpoint, at: number): void {
    const time = this.#time.from(at);
    this.#register.connected(peerId, remote, time);
    const end = this.#register.get(peerId)?.end;
    if (end) end.backMs ??= Math.max(0, Math.round(time - end.to));
    for (const incident of this.#incidents) incident.recovered(peerId);
  }

  /** Its connection was closed by us, or is none of those that count. */
  closed(peerId: number): void {
    const peer = this.#register.get(peerId);
    if (peer !== undefined) peer.establishedAt = null;
  }

  ended(end: PeerEnded): void {
    const { peerId, at: wallAt, span, isAnnounced, trace } = end;
    const at = this.#time.from(wallAt);
    const peer = this.#register.get(peerId);
    if (peer === undefined) return;
    const { endedAt, endpoint, prefix } = peer;
    peer.establishedAt = null;
    peer.endedAt = at;
    if (isAnnounced || endpoint === null) return;
    const its = this.#incidents.find(({ ends }) => ends.has(peerId));
    if (its !== undefined) its.endedAgain(peerId, at);
    if (at - endedAt < SETTLED_MS) return;
    if (peer.end !== null) this.#hasStale = true;
    const counted: CountedEnd = {
      connectionId: end.connectionId,
      class: end.class,
      reason: end.reason,
      hint: end.hint,
      ageMs: end.ageMs,
      silentMs: end.silentMs,
      from: span.from === wallAt ? at : span.from + at - wallAt,
      to: at,
      peer,
      scopes: peer.scopes,
      prefix,
      endpoint,
      trace: trace?.recorded === true ? trace : null,
      backMs: null,
      incident: null,
      isExplained: false,
    };
    peer.end = span.isAssumed === true ? { ...counted, isAssumed: true } : counted;
    this.#waiting.push(peer.end);
  }

  /** Its last end was announced after all: it is no part of anything. */
  announced(peerId: number): void {
    const known = this.#register.get(peerId);
    if (known === undefined) return;
    known.end = null;
    this.#hasStale = true;
  }

  /**
   * Judges what has become ripe. Yields after each small piece of the work; begin no other tick before this one is done.
   *
   * @param wallNow wall-clock milliseconds
   */
  *tick(wallNow: number): Generator<void, void> {
    const now = this.#time.from(wallNow);
    this.#forget(now);
    if (this.#isDue) {
      this.#isDue = false;
      yield* this.#apply(yield* judge(this.#ripe, this.#register.all), now);
    }
    for (const incident of this.#incidents) this.#advance(incident, now);
  }

  /** Whether that is so of the oldest, or ends that counted no longer do. */
  #areSome(isOld: (end: CountedEnd) => boolean): boolean {
    const [oldest] = this.#ripe;
    const areStale = this.#hasStale;
    this.#hasStale = false;
    return areStale || (oldest !== undefined && isOld(oldest));
  }

  /** Lets go what is too old or counts no longer, and takes what has become ripe. */
  #forget(now: number): void {
    const isOld = ({ to }: CountedEnd): boolean => to < now - KEPT_MS;
    const isWanted = (end: CountedEnd): boolean => {
      if (end.peer.end === end && isOld(end)) end.peer.end = null;
      return end.peer.end === end;
    };
    if (this.#areSome(isOld)) this.#ripe = this.#ripe.filter(isWanted);
    const waiting: CountedEnd[] = [];
    for (const end of this.#waiting) {
      if (ripeAt(end) > now) waiting.push(end);
      else if (isWanted(end)) {
        this.#ripe.push(end);
        this.#isDue = true;
      }
    }
    this.#waiting = waiting;
    this.#incidents = this.#incidents.filter(({ overAt }) => overAt === null || overAt > now - AFTERMATH_MS);
  }

  /** Each finding is a published incident most of whose ends it has, else the one it shares most ends with, or a new one. */
  *#apply(findings: readonly Finding[], now: number): Generator<void, void> {
    const taken = new Set<Incident>();
    for (const finding of findings) {
      const known = (yield* this.#mostShared(finding, taken)) ?? this.#add(finding, now);
      taken.add(known);
      yield* known.take(finding, now);
    }
    this.#incidents = this.#incidents.filter((incident) => incident.phase !== 'forming' || taken.has(incident));
    // What may still turn out to be another one takes nothing from those that people know.
    const published = new Map(this.#incidents.filter(isPublished).map((incident) => [incident.id, incident]));
    for (const incident of this.#incidents) {
      if (incident.phase !== 'running' || taken.has(incident)) continue;
      const whole = yield* incident.partOf(published);
      if (whole !== null) this.#end(incident, now, whole);
    }
    for (const incident of this.#incidents) {
      if (incident.phase !== 'over') yield* incident.letGo(published);
    }
  }

  *#mostShared({ ends }: Finding, taken: ReadonlySet<Incident>): Generator<void, Incident | undefined> {
    const candidates: { readonly incident: Incident; readonly shared: number }[] = [];
    for (const incident of this.#incidents) {
      if (taken.has(incident)) continue;
      let shared = 0;
      for (let index = 0; index < ends.length; index++) {
        if (index % STEP === 0) yield;
        const end = ends[index];
        if (end !== undefined && incident.ends.get(end.peer.ref.id) === end) shared += 1;
      }
      // A few ends of it that fit another cause, too, do not make it that.
      if (shared * 2 > incident.ends.size) candidates.push({ incident, shared });
    }
    // People know the published one: it turns out to be larger, and is not said to be over while another one begins.
    const [best] = candidates.toSorted(
      (one, other) =>
        Number(isPublished(other.incident)) - Number(isPublished(one.incident)) || other.shared - one.shared,
    );
    return best?.incident;
  }

  #add(finding: Finding, now: number): Incident {
    const incident = new Incident(this.#options.ids.next(finding.at), finding, now);
    this.#incidents.push(incident);
    return incident;
  }

  #advance(incident: Incident, now: number): void {
    switch (incident.phase) {
      case 'forming':
        if (!incident.isSettled(now)) return;
        // Those that it has ends of are looked at once more.
        this.#isDue = true;
        break;
      case 'running':
        break;
      case 'over':
        if (!incident.hitsAgain() && !incident.isLarger(now)) return;
        break;
    }
    const isNew = incident.phase !== 'running';
    incident.run();
    if (incident.hasGrown(now) || isNew) this.#options.onChange(incident);
    if (!incident.isOver(now)) return;
    this.#end(incident, now);
  }

  /** @param whole the one that it turned out to be a part of; absent: its peers are back, or nothing more came */
  #end(incident: Incident, now: number, whole?: Incident): void {
    incident.end(now, whole?.id ?? null);
    this.#options.onChange(incident);
  }
}

function isPublished({ phase }: Incident): boolean {
  return phase !== 'forming';
}

function ripeAt({ peer, to }: CountedEnd): number {
  return peer.canAnnounce ? to + ANNOUNCEMENT_MS : to;
}
