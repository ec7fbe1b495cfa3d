import { classifyObservedEnd, type ObservedEnd } from '../domain/observed/observed-end.ts';
import { errnoName } from '../os/errno-name.ts';
import { type Flow, flowKey, TCP_STATE, type TraceRecord } from '../os/tracefs/trace-record.ts';
import type { Claim, FollowedSocket } from './followed-socket.ts';
import { FoundSockets } from './found-sockets.ts';
import type { ObservedSocket, ObservedStep } from './observed-step.ts';
import { PATIENCE_NS, RecentNotes } from './recent-notes.ts';

type StateRecord = Extract<TraceRecord, { readonly kind: 'state' }>;

/** A socket went from established or connecting to closed: why may come in the next 100 ms. */
type PendingEnd = {
  readonly socket: ObservedSocket;
  readonly wasEstablished: boolean;
  readonly atNs: number;
  readonly resetReceived: boolean;
  readonly keepaliveReset: boolean;
};

/** A loss this near to an end may have taken lines of it. */
const NEAR_LOSS_NS = 1e9;

/**
 * Makes of the lines of the trace what became of each connection. Lines come in the order of their time. Only what begins
 * with a claim, or was found in /proc, is followed. The kernel uses the address of a socket again at once: a new connect
 * begins a new life of it.
 */
export class SocketFold {
  readonly #emit: (step: ObservedStep) => void;
  readonly #followed = new Map<number, FollowedSocket>();
  readonly #found = new FoundSockets();
  /** By flow: the line with the errno names no socket. Two of one flow, in two namespaces, end in the order of their lines. */
  readonly #pending = new Map<string, PendingEnd[]>();
  readonly #errors = new RecentNotes<string, Extract<TraceRecord, { kind: 'error' }>>();
  readonly #resets = new RecentNotes<number, TraceRecord>();
  readonly #keepaliveResets = new RecentNotes<number, TraceRecord>();
  readonly #retransmits = new Map<readonly string[], number>();
  #lastId = 0;
  #lossNs = Number.NEGATIVE_INFINITY;

  constructor(emit: (step: ObservedStep) => void) {
    this.#emit = emit;
  }

  /** Followed sockets that are established, or closed by the peer alone. */
  *held(): Iterable<FollowedSocket> {
    for (const followed of this.#followed.values()) if (followed.state !== 'connecting') yield followed;
    yield* this.#found.all();
  }

  /** Whether the socket at this address of the kernel is followed: its connect was seen, or a line since it was found. */
  follows(socket: number): boolean {
    return this.#followed.has(socket);
  }

  /** Lines before those of this time were lost. */
  linesLost(atNs: number): void {
    this.#lossNs = Math.max(this.#lossNs, atNs);
  }

  /** `claim` of a connect that begins; null: nobody counts it, or the line is another one. */
  record(record: TraceRecord, claim: Claim | null): void {
    switch (record.kind) {
      case 'state':
        return this.#stateChanged(record, claim);
      case 'error':
        return this.#errorReported(record);
      case 'resetReceived':
        return this.#resets.note(record.socket, record);
      case 'keepaliveReset':
        return this.#keepaliveResets.note(record.socket, record);
      case 'retransmit':
        return this.#retransmitted(record);
    }
  }

  /** Decides what has waited long enough: no line older than this comes any more. */
  settle(nowNs: number): void {
    for (const [flow, ends] of this.#pending) {
      while (ends[0] !== undefined && nowNs - ends[0].atNs > PATIENCE_NS) this.#end(ends.shift(), null);
      if (ends.length === 0) this.#pending.delete(flow);
    }
    this.#errors.forget(nowNs - PATIENCE_NS);
    this.#resets.forget(nowNs - PATIENCE_NS);
    this.#keepaliveResets.forget(nowNs - PATIENCE_NS);
    for (const [peers, count] of this.#retransmits) this.#emit({ step: 'retransmitted', peers, count });
    this.#retransmits.clear();
  }

  /** Follows a connection that existed before, as /proc has it. */
  adopt(
    flow: Flow,
    claim: Claim,
    { isCloseWait, atNs }: { readonly isCloseWait: boolean; readonly atNs: number },
  ): void {
    const socket = this.#newSocket(flow, claim, null);
    this.#found.add({ socket, state: isCloseWait ? 'closeWait' : 'established', sinceNs: atNs, address: null });
    this.#emit({ step: 'found', socket, atNs, isCloseWait });
  }

  /** It is not in /proc any more, and no line said why. */
  lose(followed: FollowedSocket, atNs: number): void {
    if (followed.address === null) this.#found.remove(followed);
    else this.#followed.delete(followed.address);
    this.#emit({ step: 'lost', socket: followed.socket, atNs, wasCloseWait: followed.state === 'closeWait' });
  }

  #stateChanged(record: StateRecord, claim: Claim | null): void {
    const { socket: address, from, to } = record;
    if (from === TCP_STATE.close && to === TCP_STATE.synSent) return this.#connecting(record, claim);
    const known = this.#followed.get(address);
    // It was established, and that line was lost.
    const isStale = known?.state === 'connecting' && from !== TCP_STATE.synSent && from !== TCP_STATE.synReceived;
    const followed = isStale ? this.#bind(record) : (known ?? this.#bind(record));
    if (followed === undefined) return void this.#followed.delete(address);
    const { socket, state } = followed;
    if (state === 'connecting') return this.#connectingChanged(record, followed);
    if (state === 'established') return this.#establishedChanged(record, followed);
    this.#followed.delete(address);
    this.#emit({ step: 'released', socket, atNs: record.timeNs });
  }

  #connecting({ socket: address, flow, timeNs }: StateRecord, claim: Claim | null): void {
    const before = this.#followed.get(address);
    if (before !== undefined && before.state !== 'connecting') this.lose(before, timeNs);
    this.#followed.delete(address);
    this.#resets.take(address, timeNs);
    this.#keepaliveResets.take(address, timeNs);
    if (claim === null) return;
    const socket = this.#newSocket(flow, claim, null);
    this.#followed.set(address, { socket, state: 'connecting', sinceNs: timeNs, address });
  }

  #connectingChanged(record: StateRecord, { socket: before }: FollowedSocket): void {
    const { socket: address, flow, timeNs, to } = record;
    // Both ends connected at once: it goes on to established.
    if (to === TCP_STATE.synReceived) return;
    this.#followed.delete(address);
    const socket = { ...before, flow, establishedNs: to === TCP_STATE.established ? timeNs : null };
    if (to !== TCP_STATE.established) return this.#closed(record, socket, false);
    this.#followed.set(address, { socket, state: 'established', sinceNs: timeNs, address });
    this.#emit({ step: 'connected', socket, atNs: timeNs });
  }

  #establishedChanged(record: StateRecord, { socket }: FollowedSocket): void {
    const { socket: address, timeNs, to } = record;
    this.#followed.delete(address);
    if (to === TCP_STATE.close) return this.#closed(record, socket, true);
    const isCloseWait = to === TCP_STATE.closeWait;
    if (isCloseWait) this.#followed.set(address, { socket, state: 'closeWait', sinceNs: timeNs, address });
    const end: ObservedEnd = isCloseWait ? { class: 'eof', reason: 'fin' } : { class: 'local', reason: 'closed' };
    this.#emit({ step: 'ended', socket, atNs: timeNs, end, errno: null, isCloseWait });
  }

  #closed({ socket: address, flow, timeNs }: StateRecord, socket: ObservedSocket, wasEstablished: boolean): void {
    const pending = {
      socket,
      wasEstablished,
      atNs: timeNs,
      resetReceived: this.#resets.take(address, timeNs) !== null,
      keepaliveReset: this.#keepaliveResets.take(address, timeNs) !== null,
    };
    // Kernels before 6.10 report the errno of a timeout before they change the state (net/ipv4/tcp_timer.c, tcp_write_err).
    const error = this.#errors.take(flowKey(flow), timeNs);
    if (error !== null) return this.#end(pending, error.errno);
    const key = flowKey(flow);
    const ends = this.#pending.get(key);
    if (ends === undefined) this.#pending.set(key, [pending]);
    else ends.push(pending);
  }

  #errorReported(record: Extract<TraceRecord, { kind: 'error' }>): void {
    // The kernel also reports that there is none.
    if (record.errno === 0) return;
    const key = flowKey(record.flow);
    const ends = this.#pending.get(key);
    const end = ends?.shift();
    if (end === undefined) return this.#errors.note(key, record);
    if (ends?.length === 0) this.#pending.delete(key);
    this.#end(end, record.timeNs - end.atNs <= PATIENCE_NS ? record.errno : null);
  }

  #end(pending: PendingEnd | undefined, code: number | null): void {
    if (pending === undefined) return;
    const { socket, atNs, wasEstablished, resetReceived, keepaliveReset } = pending;
    const errno = code === null ? null : errnoName(code);
    if (!wasEstablished) return this.#emit({ step: 'connectFailed', socket, atNs, errno });
    const linesLost = Math.abs(this.#lossNs - atNs) <= NEAR_LOSS_NS;
    const end = classifyObservedEnd({ errno, resetReceived, keepaliveReset, linesLost });
    this.#emit({ step: 'ended', socket, atNs, end, errno, isCloseWait: false });
  }

  #retransmitted(record: Extract<TraceRecord, { kind: 'retransmit' }>): void {
    const peers = (this.#followed.get(record.socket) ?? this.#found.of(record.flow))?.socket.peers;
    if (peers !== undefined) this.#retransmits.set(peers, (this.#retransmits.get(peers) ?? 0) + 1);
  }

  /** The first line about a socket that was found says where it is in the kernel. */
  #bind({ socket: address, flow, from, timeNs }: StateRecord): FollowedSocket | undefined {
    const found = this.#found.of(flow);
    if (found === undefined) return undefined;
    const isAsFound = from === (found.state === 'closeWait' ? TCP_STATE.closeWait : TCP_STATE.established);
    // A line between was lost.
    if (!isAsFound) {
      this.lose(found, timeNs);
      return undefined;
    }
    this.#found.remove(found);
    const bound = { ...found, address };
    this.#followed.set(address, bound);
    return bound;
  }

  #newSocket(flow: Flow, { peers, owner }: Claim, establishedNs: number | null): ObservedSocket {
    return { id: ++this.#lastId, flow, peers, owner, establishedNs };
  }
}
