import type { Clock } from '../clock/clock.ts';
import { TokenBucket } from '../clock/token-bucket.ts';
import type { SocketOwner } from '../domain/observed/socket-owner.ts';
import type { PodNames } from '../os/proc/pod-names.ts';
import { hasHostIds, type ProcessFacts, processOfThread } from '../os/proc/process-facts.ts';
import { readRingPage } from '../os/tracefs/ring-page.ts';
import { TraceDecoder } from '../os/tracefs/trace-decoder.ts';
import type { TraceInstance } from '../os/tracefs/trace-instance.ts';
import { type Flow, flowKey, TCP_STATE, type TraceRecord } from '../os/tracefs/trace-record.ts';
import { type Census, ownersOf, takeCensus, toOwner } from './census.ts';
import { checkCensus, leftFlow, notEnded } from './census-check.ts';
import type { ObservedStep } from './observed-step.ts';
import { PATIENCE_NS } from './recent-notes.ts';
import { type RemoteChange, remoteKey } from './remote-key.ts';
import { RecentOwners } from './recent-owners.ts';
import type { Claim } from './followed-socket.ts';
import { SharedValues } from './shared-values.ts';
import { SocketFold } from './socket-fold.ts';

export type TraceFollowerOptions = {
  readonly instance: Pick<TraceInstance, 'formats' | 'layout' | 'nowNs' | 'setPorts' | 'readPages' | 'lostLines'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Where procfs is mounted. */
  readonly proc: string;
  readonly pods: PodNames;
  readonly emit: (step: ObservedStep) => void;
};

/** Why a look at /proc stops for a moment: it may go on at once, or has to wait for lines that are on their way. */
type Pause = 'step' | 'lines';

/** `isOurs`: a connect of Finrst itself. */
type Waiting = { readonly record: TraceRecord; readonly claim: Claim | null; readonly isOurs: boolean };

/** What is held is compared with /proc this often, and after each loss. */
const CENSUS_MS = 60_000;
const LOSS_CHECK_MS = 1000;
/** A start and a reload have their looks at /proc at once. What goes on and on, losses or new addresses, has one a second. */
const LOOKS = { intervalMs: 1000, burst: 3 } as const;
/** So long a look at /proc may keep the ring waiting. */
const SLICE_MS = 30;

/**
 * Follows the connections that this host opened to some remote addresses: by the lines of a trace ring, and by /proc for what
 * was before and for what lines were lost of. Its caller asks it to read, often enough for the ring not to run over.
 */
export class TraceFollower {
  readonly #options: TraceFollowerOptions;
  readonly #decoder: TraceDecoder;
  readonly #fold: SocketFold;
  readonly #owners: RecentOwners;
  readonly #shared = new SharedValues();
  readonly #peersOf = new Map<string, readonly string[]>();
  readonly #ports = new Map<number, number>();
  /** The time of the lines at the zero of our monotonic clock: both run alike. */
  readonly #originNs: number;
  /** Lines of all processors that may not be in order yet. */
  #waiting: Waiting[] = [];
  /** A look at /proc that is under way; null: none is. */
  #census: { readonly job: Iterator<Pause, void>; readonly ended: Set<string> } | null = null;
  readonly #looks: TokenBucket;
  /** After a look follows a rest of its length: one at 180,000 rows took 3 s. */
  #restUntilMs = 0;
  /** When the last look at /proc began. */
  #lookedNs = Number.NEGATIVE_INFINITY;
  /** Connections of Finrst, by inode: a look at /proc need not ask again whose they are. */
  readonly #ours = new Map<number, string>();
  /** Sockets of Finrst that are connecting. */
  readonly #ourConnects = new Set<number>();
  /** Addresses that were new so far, and how many of them a look at /proc took in. */
  #added = 0;
  #surveyed = 0;
  #censusDueMs = 0;
  #lossDueMs = 0;
  #lostLines = 0;

  constructor(options: TraceFollowerOptions) {
    const { instance, clock, proc, emit } = options;
    this.#options = options;
    this.#decoder = new TraceDecoder(instance.formats);
    this.#fold = new SocketFold(emit);
    const isKnown = hasHostIds(proc);
    this.#owners = new RecentOwners({ clock, ask: (threadId) => (isKnown ? processOfThread(proc, threadId) : null) });
    this.#originNs = instance.nowNs() - clock.monotonic() * 1e6;
    this.#looks = new TokenBucket(clock, LOOKS);
  }

  /** Lines lost since the ring was made. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** The time of the lines, now. */
  get nowNs(): number {
    return this.#originNs + this.#options.clock.monotonic() * 1e6;
  }

  /** Whether connections to all addresses are traced, and those from before were found. */
  get isWatching(): boolean {
    return this.#peersOf.size === 0 || this.#surveyed === this.#added;
  }

  /**
   * Who counts connections to these addresses from now on. What is followed already stays with those who count it. The look
   * at /proc for connections to a new address begins after this: one that no line tells of any more is there then.
   */
  change(changes: readonly RemoteChange[]): void {
    for (const { address, port, peers } of changes) {
      const key = remoteKey(address, port);
      const isKnown = this.#peersOf.has(key);
      if (peers.length > 0) this.#peersOf.set(key, peers);
      else this.#peersOf.delete(key);
      if (isKnown !== peers.length > 0) this.#countPort(port, isKnown ? -1 : 1);
      if (isKnown || peers.length === 0) continue;
      // Its connections were not followed until now.
      this.#added++;
      this.#censusDueMs = 0;
    }
    this.#options.instance.setPorts(Array.from(this.#ports.keys()).toSorted((a, b) => a - b));
  }

  /** Reads what is there, and reports what became of connections up to 100 ms ago. */
  read(): void {
    const { instance, clock } = this.#options;
    const settledNs = this.nowNs - PATIENCE_NS;
    instance.readPages((page) => this.#readPage(page));
    this.#foldUntil(settledNs);
    const nowMs = clock.monotonic();
    if (nowMs >= this.#lossDueMs) this.#countLoss(nowMs);
    const isFree = this.#census === null && nowMs >= this.#restUntilMs;
    const isDue = isFree && this.#peersOf.size > 0 && nowMs >= this.#censusDueMs;
    if (isDue && this.#looks.take()) this.#beginCensus(nowMs);
    this.#continueCensus(nowMs + SLICE_MS);
  }

  #countPort(port: number, by: 1 | -1): void {
    const count = (this.#ports.get(port) ?? 0) + by;
    if (count > 0) this.#ports.set(port, count);
    else this.#ports.delete(port);
  }

  #readPage(page: Buffer): void {
    const { layout } = this.#options.instance;
    let firstNs: number | null = null;
    const isLossy = readRingPage(page, layout, (bytes, at, timeNs) => {
      firstNs ??= timeNs;
      const record = this.#decoder.decode(bytes, at, timeNs);
      if (record !== null) this.#waiting.push(this.#waitingOf(record));
    });
    if (isLossy) this.#fold.linesLost(firstNs ?? this.nowNs);
  }

  /** Whose a connect is has to be asked at once: its process may end at any time. */
  #waitingOf(record: TraceRecord): Waiting {
    const peers = isConnect(record) ? this.#peersTo(record.flow) : undefined;
    if (!isConnect(record) || peers === undefined) return { record, claim: null, isOurs: false };
    const facts = this.#owners.of(record.threadId);
    const isOurs = facts?.isFinrst === true;
    return { record, claim: isOurs ? null : { peers, owner: this.#ownerOf(facts) }, isOurs };
  }

  #ownerOf(facts: ProcessFacts | null): SocketOwner | null {
    return facts === null ? null : this.#shared.owner(toOwner(facts, this.#options.pods));
  }

  #peersTo({ remoteAddress, remotePort }: Flow): readonly string[] | undefined {
    return this.#peersOf.get(remoteKey(remoteAddress, remotePort));
  }

  #foldUntil(settledNs: number): void {
    const waiting = this.#waiting.toSorted((a, b) => a.record.timeNs - b.record.timeNs);
    const later = waiting.findIndex(({ record }) => record.timeNs > settledNs);
    const ready = later < 0 ? waiting.length : later;
    for (const { record, claim, isOurs } of waiting.slice(0, ready)) {
      this.#lookForUnseenConnect(record, isOurs);
      const left = this.#census === null || record.timeNs < this.#lookedNs ? null : leftFlow(record);
      if (left !== null) this.#census?.ended.add(left);
      this.#fold.record(record, claim);
    }
    this.#waiting = waiting.slice(ready);
    this.#fold.settle(settledNs);
  }

  /**
   * One that began to connect before its address was traced is in no look at /proc until it is established. Its owner is not
   * in this line, which comes in any thread: /proc is asked. A look that began after the line has it already.
   */
  #lookForUnseenConnect(record: TraceRecord, isOurs: boolean): void {
    if (record.kind !== 'state') return;
    const { socket, from, to, flow, timeNs } = record;
    if (isOurs) this.#ourConnects.add(socket);
    else if (this.#ourConnects.delete(socket) || from !== TCP_STATE.synSent || to !== TCP_STATE.established) return;
    else if (timeNs > this.#lookedNs && !this.#fold.follows(socket) && this.#peersTo(flow) !== undefined)
      this.#censusDueMs = 0;
  }

  #countLoss(nowMs: number): void {
    this.#lossDueMs = nowMs + LOSS_CHECK_MS;
    const lost = this.#options.instance.lostLines();
    if (lost > this.#lostLines) {
      this.#fold.linesLost(this.nowNs);
      this.#ourConnects.clear();
      this.#censusDueMs = 0;
    }
    this.#lostLines = lost;
  }

  #beginCensus(nowMs: number): void {
    this.#censusDueMs = nowMs + CENSUS_MS;
    this.#lookedNs = this.nowNs;
    const ended = new Set<string>();
    this.#census = { job: this.#lookAtProc(this.#lookedNs, ended), ended };
  }

  #continueCensus(untilMs: number): void {
    while (this.#census !== null && this.#options.clock.monotonic() < untilMs) {
      const next = this.#census.job.next();
      if (next.done === true) this.#endCensus();
      else if (next.value === 'lines') return;
    }
  }

  #endCensus(): void {
    this.#census = null;
    const tookMs = (this.nowNs - this.#lookedNs) / 1e6;
    this.#restUntilMs = this.#options.clock.monotonic() + tookMs;
  }

  /** Ends what is gone and follows what is new, once the lines say nothing else. */
  *#lookAtProc(beganNs: number, ended: ReadonlySet<string>): Generator<Pause, void> {
    const { proc } = this.#options;
    const added = this.#added;
    const rows = this.#withoutOurs(yield* inSteps(takeCensus(proc, (flow) => this.#peersTo(flow) !== undefined)));
    const doneNs = this.nowNs;
    yield* this.#linesUntil(doneNs);
    const { gone, unknown } = checkCensus(this.#fold.held(), { rows, beganNs });
    for (const followed of gone) this.#fold.lose(followed, doneNs);
    // On a busy host most of them have ended by now: nobody asks whose they were.
    const there = notEnded(unknown, ended);
    const owners = yield* inSteps(ownersOf(proc, there));
    yield* this.#linesUntil(this.nowNs);
    for (const { flow, state, inode } of notEnded(there, ended)) {
      const peers = this.#peersTo(flow);
      const facts = owners.get(inode) ?? null;
      if (facts?.isFinrst === true) this.#ours.set(inode, flowKey(flow));
      if (peers === undefined || this.#ours.has(inode)) continue;
      const claim = { peers, owner: this.#ownerOf(facts) };
      this.#fold.adopt(flow, claim, { isCloseWait: state === TCP_STATE.closeWait, atNs: beganNs });
    }
    this.#surveyed = added;
  }

  /** Forgets those of ours that are gone. */
  #withoutOurs(rows: Census): Census {
    const isKnown = ({ inode, flow }: Census[number]): boolean => this.#ours.get(inode) === flowKey(flow);
    const ours = rows.filter(isKnown);
    this.#ours.clear();
    for (const { inode, flow } of ours) this.#ours.set(inode, flowKey(flow));
    return rows.filter((row) => !isKnown(row));
  }

  *#linesUntil(atNs: number): Generator<Pause, void> {
    while (this.nowNs - PATIENCE_NS < atNs) yield 'lines';
  }
}

type StateRecord = Extract<TraceRecord, { readonly kind: 'state' }>;

function isConnect(record: TraceRecord): record is StateRecord {
  return record.kind === 'state' && record.from === TCP_STATE.close && record.to === TCP_STATE.synSent;
}

function* inSteps<Result>(job: Generator<void, Result>): Generator<Pause, Result> {
  for (let next = job.next(); ; next = job.next()) {
    if (next.done === true) return next.value;
    yield 'step';
  }
}
