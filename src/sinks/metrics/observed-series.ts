import type { Clock } from '../../clock/clock.ts';
import type { ObservedEvent } from '../../domain/events/observed-events.ts';
import type { PeerEvent } from '../../domain/events/peer-events.ts';
import { followObserved } from '../../domain/observed/follow-observed.ts';
import type { PeerRef } from '../../domain/peer-ref.ts';
import { toSeconds } from '../../text/seconds.ts';
import { columnFamily, computedFamily } from './column-family.ts';
import { add, at, put } from './column-values.ts';
import { ObservedGroups } from './observed-groups.ts';
import type { MetricName } from './metric-catalogue.ts';
import { samplesText } from './ordinary-metric.ts';
import { PeerTable } from './peer-table.ts';
import { slicedFamily, type SlicedFamily } from './sliced-family.ts';

function createColumns(table: PeerTable) {
  return {
    established: table.column(0),
    connections: table.counter(0),
    failures: table.counter(0),
    ends: { eof: table.counter(0), error: table.counter(0), local: table.counter(0) },
    closeWait: table.column(0),
    retransmits: table.counter(0),
  };
}

/** What is known of connections of other processes. Its series exist for peers of observed groups, and those of the observer once there is one. */
export class ObservedSeries {
  readonly families: readonly SlicedFamily[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #table = new PeerTable();
  readonly #columns = createColumns(this.#table);
  readonly #groups = new ObservedGroups();
  /** By row: since when each connection that its peer has closed is held, in the order of their time. Wall-clock milliseconds. */
  readonly #held: (Map<number, number> | undefined)[] = [];
  /** Null: there is no observer. */
  #up: 0 | 1 | null = null;
  #lostLines = 0;
  #lostEnds = 0;
  #lastLost: number | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    const table = this.#table;
    const columns = this.#columns;
    const ends = Object.entries(columns.ends).map(([name, column]) => ({ labels: { class: name }, column }));
    this.families = [
      columnFamily(table, 'finrst_observed_connections', [{ labels: {}, column: columns.established }]),
      columnFamily(table, 'finrst_observed_connects_total', [{ labels: {}, column: columns.connections }]),
      columnFamily(table, 'finrst_observed_connect_failures_total', [{ labels: {}, column: columns.failures }]),
      columnFamily(table, 'finrst_observed_ends_total', ends),
      columnFamily(table, 'finrst_observed_close_wait', [{ labels: {}, column: columns.closeWait }]),
      computedFamily(table, 'finrst_observed_close_wait_oldest_seconds', {
        value: (row) => this.#oldestSeconds(row),
        columns: [columns.closeWait],
        isMoving: (row) => at(columns.closeWait, row) > 0,
      }),
      columnFamily(table, 'finrst_observed_retransmits_total', [{ labels: {}, column: columns.retransmits }]),
      ...this.#groups.families,
      this.#observerFamily('finrst_observer_up', () => this.#up ?? 0),
      this.#observerFamily('finrst_observer_lost_events_total', () => this.#lostLines),
      this.#observerFamily('finrst_observer_lost_ends_total', () => this.#lostEnds),
    ];
  }

  peer(event: PeerEvent): void {
    const change = followObserved(event, this.#groups);
    switch (change?.kind) {
      case 'known':
        return this.#follow(change.event.peer);
      case 'gone':
        return this.#forget(change.peer);
      case 'replaced':
        return this.#table.hand(change.peer, change.by);
      case undefined:
        return;
    }
  }

  observed(event: ObservedEvent): void {
    if (event.type === 'observerChanged') return this.#changed(event.isUp);
    if (event.type === 'observedLinesLost') return void (this.#lostLines += event.count);
    if (event.type === 'observedLost') this.#countLost(event.connection.id);
    const row = this.#table.rowOf(event.peer);
    if (row !== undefined) this.#count(event, row);
  }

  #count(event: Exclude<ObservedEvent, { type: 'observerChanged' | 'observedLinesLost' }>, row: number): void {
    const { established, connections, failures, ends, retransmits } = this.#columns;
    switch (event.type) {
      case 'observedConnected':
        if (!event.isFound) add(connections, row, 1);
        if (event.isCloseWait) this.#hold(row, event.connection.id, event.at);
        else add(established, row, 1);
        return;
      case 'observedConnectFailed':
        return add(failures, row, 1);
      case 'observedEnded':
        add(established, row, -1);
        add(ends[event.class], row, 1);
        this.#groups.ended(event);
        if (event.isCloseWait) this.#hold(row, event.connection.id, event.at);
        return;
      case 'observedReleased':
        return this.#release(row, event.connection.id);
      case 'observedLost':
        if (event.wasCloseWait) this.#release(row, event.connection.id);
        else add(established, row, -1);
        return;
      case 'observedRetransmits':
        return add(retransmits, row, event.count);
      case 'observedLeak':
      case 'observedExplained':
        return;
    }
  }

  /** Two groups may count one connection, in events right behind one another: it was lost once. */
  #countLost(id: number): void {
    if (this.#lastLost !== id) this.#lostEnds++;
    this.#lastLost = id;
  }

  /** What does not work knows of no connection. */
  #changed(isUp: boolean): void {
    this.#up = isUp ? 1 : 0;
    if (isUp) return;
    for (let row = 0; row < this.#table.rows; row++) {
      put(this.#columns.established, row, 0);
      put(this.#columns.closeWait, row, 0);
      this.#held[row] = undefined;
    }
  }

  #hold(row: number, id: number, since: number): void {
    const held = this.#held[row] ?? new Map<number, number>();
    this.#held[row] = held.set(id, since);
    put(this.#columns.closeWait, row, held.size);
  }

  #release(row: number, id: number): void {
    this.#held[row]?.delete(id);
    put(this.#columns.closeWait, row, this.#held[row]?.size ?? 0);
  }

  #oldestSeconds(row: number): number {
    const since = this.#held[row]?.values().next().value;
    return since === undefined || at(this.#columns.closeWait, row) === 0
      ? 0
      : Math.max(0, toSeconds(this.#clock.now() - since));
  }

  #observerFamily(name: MetricName, valueOf: () => number): SlicedFamily {
    const samples = (): Parameters<typeof samplesText>[0]['samples'] =>
      this.#up === null ? [] : [{ labels: {}, value: valueOf() }];
    return slicedFamily(name, (format) => [samplesText({ name, samples: samples() }, format)]);
  }

  #follow(peer: PeerRef): void {
    const row = this.#table.rowOf(peer);
    if (row === undefined) this.#table.add(peer);
    else this.#table.relabel(row, peer);
  }

  #forget(peer: PeerRef): void {
    const row = this.#table.remove(peer);
    if (row !== undefined) this.#held[row] = undefined;
  }
}
