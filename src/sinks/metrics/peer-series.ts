import type { Clock } from '../../clock/clock.ts';
import type { CertificateReading } from '../../domain/certificate-reading.ts';
import { DISCONNECT_CLASSES, type DisconnectClass } from '../../domain/disconnect.ts';
import type { ConnectFailed, Connected, ConnectionEvent, Disconnected } from '../../domain/events/connection-events.ts';
import type { PeerAdded, PeerChanged, PeerEvent } from '../../domain/events/peer-events.ts';
import type { LoopStalled, Sampled, SampleEvent, Traffic } from '../../domain/events/sample-events.ts';
import { GOODBYES } from '../../domain/goodbye.ts';
import { toSeconds } from '../../text/seconds.ts';
import { EndCounts } from './end-counts.ts';
import { add, at, begin, put, secondsOrNone } from './column-values.ts';
import { type Columns, createColumns } from './peer-columns.ts';
import { type Info, peerFamilies } from './peer-families.ts';
import { PeerTable } from './peer-table.ts';
import { indexOfEnd, indexOfFailure } from './reason-pairs.ts';
import type { SlicedFamily } from './sliced-family.ts';

/** The samples that are about a peer. */
export type PeerSample = Exclude<SampleEvent, LoopStalled>;

/** The per-peer families: a fold over events into typed-array columns. What is late for a peer that is gone changes nothing. */
export class PeerSeries {
  readonly families: readonly SlicedFamily[];
  readonly #table = new PeerTable();
  readonly #columns = createColumns(this.#table);
  readonly #infos: (Info | undefined)[] = [];
  readonly #ends = new EndCounts();
  readonly #monotonic: () => number;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#monotonic = () => clock.monotonic();
    this.families = peerFamilies(this.#table, this.#columns, {
      infos: this.#infos,
      ends: this.#ends,
      monotonic: this.#monotonic,
    });
  }

  connection(event: ConnectionEvent): void {
    const row = this.#table.rowOf(event.peer);
    if (row === undefined) return;
    switch (event.type) {
      case 'connected':
        this.#remember(row, event.remote.address);
        return connected(event, row, this.#columns);
      case 'connectFailed':
        this.#beginDown(row, event.downMs);
        return connectFailed(event, row, this.#columns);
      case 'disconnected':
        this.#beginDown(row, 0);
        ended(row, this.#columns);
        this.#ends.add(row, indexOfEnd(event));
        return disconnected(event, row, this.#columns);
      case 'localClosed':
        ended(row, this.#columns);
        if (event.reason === 'resharded') hideState(row, this.#columns);
        return;
      case 'explained':
        return event.by === 'announced' ? countAnnounced(event.class, row, this.#columns) : undefined;
    }
  }

  peer(event: PeerEvent): void {
    switch (event.type) {
      case 'peerAdded':
        if (this.#table.rowOf(event.peer) === undefined) this.#follow(this.#table.add(event.peer), event, '');
        return;
      case 'peerChanged': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        if (this.#table.relabel(row, event.peer)) this.#beginAnew(row);
        return this.#follow(row, event, this.#infos[row]?.address ?? '');
      }
      case 'peerRemoved': {
        const row = this.#table.remove(event.peer);
        if (row === undefined) return;
        this.#infos[row] = undefined;
        this.#ends.clear(row);
        return;
      }
      case 'announcementChanged': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        this.#endDown(row, event.downMs);
        put(this.#columns.announced, row, event.announced === null ? 0 : 1);
        return;
      }
      case 'peerHandedOver': {
        const row = this.#table.rowOf(event.peer);
        if (row === undefined) return;
        this.#endDown(row, event.downMs);
        hideState(row, this.#columns);
        return;
      }
      case 'groupAdded':
      case 'groupRemoved':
      case 'stateEntered':
        return;
    }
  }

  sample(event: PeerSample): void {
    if (event.type === 'stayedSilent') return;
    const row = this.#table.rowOf(event.peer);
    if (row === undefined) return;
    switch (event.type) {
      case 'traffic':
        return traffic(event, row, this.#columns);
      case 'sampled':
        return sampled(event, row, this.#columns);
      case 'silenceMeasured':
        put(this.#columns.silenceSurvived, row, secondsOrNone(event.survivedMs));
        put(this.#columns.silenceFatal, row, secondsOrNone(event.fatalMs));
        return;
      case 'certificateRead':
        return certificate({ expiresAt: event.expiresAt, readAt: event.at }, row, this.#columns);
      case 'heartbeatAnswered':
        if (at(this.#columns.up, row) === 1) put(this.#columns.heartbeatRtt, row, toSeconds(event.rttMs));
        return;
    }
  }

  /**
   * An interval without a connection runs; an event that says so again, rounded otherwise, must not move its begin. None
   * runs while an announcement stands.
   */
  #beginDown(row: number, forMs: number): void {
    const { downSince, announced } = this.#columns;
    if (at(announced, row) === 1) return;
    if (Number.isNaN(at(downSince, row))) put(downSince, row, this.#monotonic() - forMs);
  }

  #endDown(row: number, downMs: number | undefined): void {
    put(this.#columns.downSince, row, NaN);
    add(this.#columns.downBefore, row, downMs ?? 0);
  }

  #remember(row: number, address: string): void {
    const info = this.#infos[row];
    if (info === undefined || info.address === address) return;
    this.#infos[row] = { ...info, address };
    this.#table.touch(row);
  }

  /** The table let the counters begin at 0; an interval without a connection that runs counts from now. */
  #beginAnew(row: number): void {
    const { downSince, downBefore } = this.#columns;
    this.#ends.clear(row);
    if (!Number.isNaN(at(downSince, row))) put(downBefore, row, at(downSince, row) - this.#monotonic());
  }

  #follow(row: number, { facts, peer }: PeerAdded | PeerChanged, address: string): void {
    this.#infos[row] = { facts, targetLabels: peer.labels, address };
    this.#table.touch(row);
    if (facts.isHeld === false) return this.#table.blank(row);
    const { failures, heartbeatRtt } = this.#columns;
    if (facts.tls) begin(failures.tls, row);
    if (facts.canAnnounce) beginAnnounced(row, this.#columns);
    if (facts.expectsAnswer) begin(failures.protocol, row);
    else put(heartbeatRtt, row, NaN);
  }
}

/** A handshake that showed no certificate leaves what is known. */
function certificate(reading: CertificateReading | undefined, row: number, columns: Columns): void {
  if (reading === undefined) return;
  put(columns.certificateExpiry, row, toSeconds(reading.expiresAt));
  put(columns.certificateReadAt, row, toSeconds(reading.readAt));
}

function connected(event: Connected, row: number, columns: Columns): void {
  put(columns.up, row, 1);
  put(columns.lastFailure, row, NaN);
  put(columns.downSince, row, NaN);
  add(columns.downBefore, row, event.downMs ?? 0);
  add(columns.connections, row, 1);
  put(columns.establishedAt, row, toSeconds(event.at));
  certificate(event.certificate, row, columns);
}

function connectFailed(event: ConnectFailed, row: number, columns: Columns): void {
  const failures = columns.failures[event.phase];
  begin(failures, row);
  add(failures, row, 1);
  put(columns.up, row, 0);
  put(columns.lastFailure, row, indexOfFailure(event));
  certificate(event.certificate, row, columns);
}

function traffic(event: Traffic, row: number, columns: Columns): void {
  add(columns.receivedBytes, row, event.receivedBytes);
  add(columns.sentBytes, row, event.sentBytes);
  if (event.lastReceivedAt !== undefined) put(columns.lastReceivedAt, row, toSeconds(event.lastReceivedAt));
}

function sampled(event: Sampled, row: number, columns: Columns): void {
  if (at(columns.up, row) !== 1) return;
  add(columns.retransmits, row, event.newRetransmits);
  put(columns.tcpRtt, row, toSeconds(event.tcp.rttMs));
  put(columns.tcpMinRtt, row, toSeconds(event.tcp.minRttMs));
}

/** However it ended. The last sample came right before, so its retransmits are counted. */
function ended(row: number, columns: Columns): void {
  put(columns.up, row, 0);
  put(columns.heartbeatRtt, row, NaN);
  put(columns.tcpRtt, row, NaN);
  put(columns.tcpMinRtt, row, NaN);
}

function disconnected(event: Disconnected, row: number, columns: Columns): void {
  add(columns.disconnects[event.class], row, 1);
  put(columns.lastDisconnectAt, row, toSeconds(event.at));
  put(columns.lastEnd, row, indexOfEnd(event));
  put(columns.lastGoodbye, row, event.goodbye === undefined ? NaN : GOODBYES.indexOf(event.goodbye));
  if (event.announced !== undefined) countAnnounced(event.class, row, columns);
}

/** Never more than there were disconnects: labels that changed in between let both begin at 0. */
function countAnnounced(endClass: DisconnectClass, row: number, columns: Columns): void {
  beginAnnounced(row, columns);
  const counted = columns.announcedDisconnects[endClass];
  if (at(counted, row) < at(columns.disconnects[endClass], row)) add(counted, row, 1);
}

function beginAnnounced(row: number, { announced, announcedDisconnects }: Columns): void {
  begin(announced, row);
  for (const endClass of DISCONNECT_CLASSES) begin(announcedDisconnects[endClass], row);
}

/** Another process knows what the connection does. */
function hideState(row: number, columns: Columns): void {
  put(columns.up, row, NaN);
  put(columns.announced, row, NaN);
  put(columns.lastFailure, row, NaN);
  put(columns.establishedAt, row, NaN);
}
