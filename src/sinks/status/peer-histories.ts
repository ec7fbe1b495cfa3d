import type { CertificateReading } from '../../domain/certificate-reading.ts';
import type { ConnectionEvent, Explained } from '../../domain/events/connection-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import type { SampleEvent, Sampled } from '../../domain/events/sample-events.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import type { PeerName } from '../../domain/peer-target.ts';
import type { TlsHandshake } from '../../domain/tls-handshake.ts';
import type { Sink } from '../../events/bus.ts';
import { WORDS } from './history-words.ts';
import { type Packed, Packer } from './packed.ts';
import { EMPTY_LIST, itemsOf, type PackedList, packList, withFirst } from './packed-list.ts';
import { changesOf, NO_CHANGES, withAnnounced, withChange } from './peer-changes.ts';
import {
  attemptOf,
  type ChangeKind,
  endOf,
  type LastSample,
  type PeerAttempt,
  type PeerEnd,
  type HistorySummary,
  type PeerHistory,
} from './peer-history.ts';

/** The contract's bound. */
const ENDS = 3;
/** Attempts of all peers together: those of a peer are on its page, and people look right after something went wrong. */
const ATTEMPTS = 1000;
/** Peers that are gone, so that a page of one can say so. */
const REMOVED = 100;

type Removed = PeerName & { readonly at: number };
/** `attempt`: a PeerAttempt. */
type Tried = { readonly peer: number; readonly attempt: Packed };

/** Nobody looks at most of it for weeks: what is packed takes a fifth of the memory. */
type Entry = {
  readonly ref: PeerRef;
  readonly since: number;
  changes: Packed;
  /** Of PeerEnd, the newest first. */
  ends: PackedList;
  isFailing: boolean;
  /** A PeerAttempt. */
  lastFailed: Packed | null;
  /** A TlsHandshake. */
  tls: Packed | null;
  certificate: CertificateReading | null;
  survivedMs: number;
  /** When the connection that is held was last sampled; null: it was not. What follows is of a connection that is over then. */
  sampledAt: number | null;
  /** Whole microseconds, as the kernel has them: such numbers take no memory of their own. */
  rttMicros: number;
  minRttMicros: number;
  retransmits: number;
  silenceMs: number;
};

const packer = new Packer(WORDS);

/** What each peer went through, for its page: bounded to a kilobyte, and a few microseconds for each event. */
export class PeerHistories {
  readonly #entries = new Map<number, Entry>();
  readonly #attempts: Tried[] = [];
  #attemptsSeen = 0;
  readonly #removed: Removed[] = [];

  readonly sink: Sink = {
    peer: (event) => this.#foldPeer(event),
    connection: (event) => this.#foldConnection(event),
    sample: (event) => this.#foldSample(event),
  };

  /** Found by the number of the peer; null: it is not known now. */
  of(id: number): PeerHistory | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    const { since, changes, ends, survivedMs, tls, certificate } = entry;
    const sample = sampleOf(entry);
    return {
      since,
      changes: changesOf(changes),
      ends: endsOf(ends),
      attempts: this.#attemptsOf(entry),
      survivedMs,
      ...(sample !== null && { sample }),
      ...(tls !== null && { tls: packer.unpack<TlsHandshake>(tls) }),
      ...(certificate !== null && { certificate }),
    };
  }

  /** What a row of a table shows of it, found by the number of the peer; null: it is not known now. */
  summaryOf(id: number): HistorySummary | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    const { since, changes, ends, isFailing, lastFailed, certificate } = entry;
    const sample = sampleOf(entry);
    const [lastEnd] = itemsOf(ends);
    const failure = isFailing && lastFailed !== null ? packer.unpack<PeerAttempt>(lastFailed).failure : null;
    return {
      since,
      changes: changesOf(changes),
      ...(sample !== null && { sample }),
      ...(lastEnd !== undefined && { lastEnd: packer.unpack<PeerEnd>(lastEnd) }),
      ...(failure !== null && { failure }),
      ...(certificate !== null && { certificate }),
    };
  }

  /** When a peer that is no longer known went, wall-clock milliseconds; null: it never was, or that is forgotten. */
  removedAt({ group, peer }: PeerName): number | null {
    return this.#removed.findLast((gone) => gone.group === group && gone.peer === peer)?.at ?? null;
  }

  /** When the first of its certificates ends, wall-clock milliseconds, found by the number of the peer; null: none was read. */
  certificateEndsAt(id: number): number | null {
    return this.#entries.get(id)?.certificate?.expiresAt ?? null;
  }

  /** Of the connection that is held, found by the number of the peer; null: there is none, or the kernel cannot be asked. */
  roundTripMs(id: number): number | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : (sampleOf(entry)?.rttMs ?? null);
  }

  /** How many peers each group has here: a millisecond for 15,000. */
  peersByGroup(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { ref } of this.#entries.values()) counts.set(ref.group, (counts.get(ref.group) ?? 0) + 1);
    return counts;
  }

  #attemptsOf({ ref, lastFailed }: Entry): readonly PeerAttempt[] {
    const kept = this.#attempts.filter(({ peer }) => peer === ref.id).map(({ attempt }) => attempt);
    const all = lastFailed === null || kept.includes(lastFailed) ? kept : [...kept, lastFailed];
    return all
      .map((each) => packer.unpack<PeerAttempt>(each))
      .toSorted((one, other) => other.startedAt - one.startedAt);
  }

  #foldPeer(event: PeerEvent): void {
    switch (event.type) {
      case 'peerAdded':
        if (!this.#entries.has(event.peer.id)) this.#entries.set(event.peer.id, begin(event.peer, event.at));
        return;
      case 'peerRemoved':
        if (!this.#entries.delete(event.peer.id)) return;
        this.#removed.push({ group: event.peer.group, peer: event.peer.peer, at: event.at });
        if (this.#removed.length > REMOVED) this.#removed.shift();
        return;
      case 'groupAdded':
      case 'groupRemoved':
      case 'peerChanged':
      case 'stateEntered':
      case 'announcementChanged':
      case 'peerHandedOver':
        return;
    }
  }

  #foldConnection(event: ConnectionEvent): void {
    const entry = this.#entries.get(event.peer.id);
    if (entry === undefined) return;
    switch (event.type) {
      case 'connected':
        entry.isFailing = false;
        entry.tls = event.tls === undefined ? null : packer.pack(event.tls);
        entry.certificate = event.certificate ?? null;
        this.#keepAttempt(entry, packer.pack(attemptOf(event)));
        change(entry, event.at, 'connected');
        return;
      case 'connectFailed':
        entry.lastFailed = packer.pack(attemptOf(event));
        this.#keepAttempt(entry, entry.lastFailed);
        if (!entry.isFailing) change(entry, event.at, 'failed');
        entry.isFailing = true;
        return;
      case 'disconnected':
        keepEnd(entry, endOf(event));
        change(entry, event.at, event.announced !== undefined && event.class === 'eof' ? 'announced' : event.class);
        return;
      case 'localClosed':
        keepEnd(entry, endOf(event));
        change(entry, event.at, 'local');
        return;
      case 'explained':
        explain(entry, event);
    }
  }

  #keepAttempt({ ref }: Entry, attempt: Packed): void {
    this.#attempts[this.#attemptsSeen++ % ATTEMPTS] = { peer: ref.id, attempt };
  }

  #foldSample(event: SampleEvent): void {
    if (
      event.type === 'loopStalled' ||
      event.type === 'traffic' ||
      event.type === 'heartbeatAnswered' ||
      event.type === 'silenceMeasured' ||
      event.type === 'stayedSilent'
    )
      return;
    const entry = this.#entries.get(event.peer.id);
    if (entry === undefined) return;
    if (event.type === 'sampled') read(entry, event);
    else entry.certificate = { expiresAt: event.expiresAt, readAt: event.at };
  }
}

function begin(ref: PeerRef, at: number): Entry {
  return {
    ref,
    since: at,
    changes: NO_CHANGES,
    ends: EMPTY_LIST,
    isFailing: false,
    lastFailed: null,
    tls: null,
    certificate: null,
    survivedMs: 0,
    sampledAt: null,
    rttMicros: 0,
    minRttMicros: 0,
    retransmits: 0,
    silenceMs: 0,
  };
}

/** In place: each peer has a new reading every few seconds, and nobody looks at most of them. */
function read(entry: Entry, { at, tcp, silences }: Sampled): void {
  entry.survivedMs = Math.max(entry.survivedMs, silences.survivedMs);
  entry.sampledAt = at;
  entry.rttMicros = Math.round(tcp.rttMs * 1000);
  entry.minRttMicros = Math.round(tcp.minRttMs * 1000);
  entry.retransmits = tcp.totalRetransmits;
  entry.silenceMs = tcp.silenceMs;
}

function sampleOf({ sampledAt, rttMicros, minRttMicros, retransmits, silenceMs }: Entry): LastSample | null {
  if (sampledAt === null) return null;
  return { at: sampledAt, rttMs: rttMicros / 1000, minRttMs: minRttMicros / 1000, retransmits, silenceMs };
}

function keepEnd(entry: Entry, end: PeerEnd): void {
  entry.sampledAt = null;
  entry.ends = withFirst(entry.ends, packer.pack(end), ENDS - 1);
}

function endsOf(list: PackedList): readonly PeerEnd[] {
  return itemsOf(list).map((each) => packer.unpack<PeerEnd>(each));
}

function change(entry: Entry, at: number, kind: ChangeKind): void {
  entry.changes = withChange(entry.changes, at, kind);
}

/** News of an end that is still among the last three. */
function explain(entry: Entry, event: Explained): void {
  const packed = itemsOf(entry.ends);
  const index = packed.findIndex((each) => packer.unpack<PeerEnd>(each).connectionId === event.connectionId);
  const end = packed[index] === undefined ? undefined : packer.unpack<PeerEnd>(packed[index]);
  if (end === undefined || end.type === 'localClosed') return;
  const news = event.by === 'incident' ? { incident: event.incident } : { announced: event.announced };
  entry.ends = packList(packed.with(index, packer.pack({ ...end, ...news })));
  if (event.by === 'announced') entry.changes = withAnnounced(entry.changes, end.at);
}
