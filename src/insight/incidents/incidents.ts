import type { Connected, ConnectionEvent, Disconnected, Explained } from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import { breakSpan } from './break-span.ts';
import { AFTERMATH_MS, Incident, STEP } from './incident.ts';
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
};

/**
 * Finds peers whose connections broke at the same moment, and what they share. A fold over the events of connections and
 * peers, and `tick` once a second; it knows no time but theirs: wall-clock milliseconds.
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
  #lastId = 0;

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

  peer(event: PeerEvent): void {
    switch (event.type) {
      case 'peerAdded':
      case 'peerChanged':
        if (event.facts.isHeld === false) return;
        this.#register.put(event.peer, event.facts);
        return;
      case 'peerRemoved':
      case 'peerHandedOver':
        this.#register.remove(event.peer.id);
        this.#hasStale = true;
        for (const incident of this.#incidents) incident.recovered(event.peer.id);
        return;
      case 'groupAdded':
      case 'groupRemoved':
      case 'stateEntered':
      case 'announcementChanged':
        return;
    }
  }

  connection(event: ConnectionEvent): void {
    switch (event.type) {
      case 'connected':
        this.#connected(event);
        return;
      case 'disconnected':
        this.#disconnected(event);
        return;
      case 'localClosed': {
        const peer = this.#register.get(event.peer.id);
        if (peer !== undefined) peer.establishedAt = null;
        return;
      }
      case 'explained':
        this.#explained(event);
        return;
      case 'connectFailed':
        return;
    }
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

  #connected({ at, peer, remote }: Connected): void {
    this.#register.connected(peer.id, remote, this.#time.from(at));
    for (const incident of this.#incidents) incident.recovered(peer.id);
  }

  #disconnected(event: Disconnected): void {
    const at = this.#time.from(event.at);
    const peer = this.#register.get(event.peer.id);
    if (peer === undefined) return;
    const { endedAt, endpoint, prefix } = peer;
    peer.establishedAt = null;
    peer.endedAt = at;
    if (event.announced !== undefined || endpoint === null) return;
    const its = this.#incidents.find(({ ends }) => ends.has(event.peer.id));
    if (its !== undefined) its.endedAgain(event.peer.id, at);
    if (at - endedAt < SETTLED_MS) return;
    if (peer.end !== null) this.#hasStale = true;
    peer.end = {
      peer,
      at,
      span: breakSpan({ ...event, at }),
      connectionId: event.connectionId,
      class: event.class,
      reason: event.reason,
      hint: event.hint ?? null,
      ageMs: event.durationMs,
      silentMs: event.quietMs,
      endpoint,
      scopes: prefix === null ? peer.scopes : [...peer.scopes, prefix],
      trace: event.trace?.recorded === true ? event.trace : null,
      incident: null,
      isExplained: false,
    };
    this.#waiting.push(peer.end);
  }

  /** An end that was announced after all is no part of anything. */
  #explained({ peer, by }: Explained): void {
    const known = this.#register.get(peer.id);
    if (by !== 'announced' || known === undefined) return;
    known.end = null;
    this.#hasStale = true;
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
    const isWanted = (end: CountedEnd): boolean => end.peer.end === end && end.at >= now - KEPT_MS;
    if (this.#areSome(({ at }) => at < now - KEPT_MS)) this.#ripe = this.#ripe.filter(isWanted);
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
    for (const incident of this.#incidents) {
      if (incident.phase !== 'running' || taken.has(incident)) continue;
      if (yield* incident.isPartOfOthers()) this.#end(incident, now);
    }
    for (const incident of this.#incidents) {
      if (incident.phase !== 'over') yield* incident.letGo();
    }
  }

  *#mostShared({ ends }: Finding, taken: ReadonlySet<Incident>): Generator<void, Incident | undefined> {
    const counts = new Map<string, number>();
    for (const [index, { incident }] of ends.entries()) {
      if (index % STEP === 0) yield;
      if (incident !== null) counts.set(incident, (counts.get(incident) ?? 0) + 1);
    }
    const shared = ({ id }: Incident): number => counts.get(id) ?? 0;
    // People know the published one: it turns out to be larger, and is not said to be over while another one begins. But a few
    // ends of it that fit another cause, too, do not make it that.
    const isPublished = ({ phase }: Incident): boolean => phase !== 'forming';
    const [best] = this.#incidents
      .filter((incident) => !taken.has(incident) && shared(incident) > 0)
      .filter((incident) => !isPublished(incident) || shared(incident) * 2 > incident.ends.size)
      .toSorted((one, other) => Number(isPublished(other)) - Number(isPublished(one)) || shared(other) - shared(one));
    return best;
  }

  #add(finding: Finding, now: number): Incident {
    this.#lastId = Math.max(this.#lastId + 1, Math.floor(finding.at / 1000));
    const incident = new Incident(String(this.#lastId), finding, now);
    this.#incidents.push(incident);
    return incident;
  }

  #advance(incident: Incident, now: number): void {
    switch (incident.phase) {
      case 'forming':
        if (!incident.isSettled(now)) return;
        break;
      case 'running':
        break;
      case 'over':
        if (!incident.hitsAgain()) return;
        break;
    }
    const isNew = incident.phase !== 'running';
    incident.run();
    if (incident.hasGrown(now) || isNew) this.#options.onChange(incident);
    if (!incident.isOver(now)) return;
    this.#end(incident, now);
  }

  #end(incident: Incident, now: number): void {
    incident.end(now);
    this.#options.onChange(incident);
  }
}

function ripeAt({ peer, at }: CountedEnd): number {
  return peer.canAnnounce ? at + ANNOUNCEMENT_MS : at;
}
