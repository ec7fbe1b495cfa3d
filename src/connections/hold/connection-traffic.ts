import { LAST_WORDS_MS, type OldestWrite } from '../../domain/quiet.ts';
import { type Silences, SilenceTracker } from '../../domain/silences.ts';
import type { TcpSample } from '../../domain/tcp-sample.ts';
import type { Link } from '../link/link.ts';

/** Bytes that arrive within this time of each other are remembered as one moment. */
const SAME_MOMENT_MS = 10;

/** Bytes that passed since the last report. */
export type TrafficCount = { readonly receivedBytes: number; readonly sentBytes: number };

/** What passed over one connection, and when. Times are monotonic milliseconds. */
export class ConnectionTraffic {
  #receivedBytes = 0;
  #sentBytes = 0;
  #reported: TrafficCount = { receivedBytes: 0, sentBytes: 0 };
  #lastReceivedAt: number;
  #lastAskedForAt: number;
  /** Bytes that nobody asked for: when they came, oldest first; those that can still be last words, and one before them. */
  #unasked: number[] = [];
  #lastSentAt: number;
  #oldestWrite: OldestWrite | null = null;
  readonly #silences: SilenceTracker;

  constructor(establishedAt: number) {
    this.#silences = new SilenceTracker(establishedAt);
    this.#lastReceivedAt = establishedAt;
    this.#lastAskedForAt = establishedAt;
    this.#lastSentAt = establishedAt;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** The moment of establishment where nothing was received; the same for what was sent. */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  get oldestWrite(): OldestWrite | null {
    return this.#oldestWrite;
  }

  /** @param askedFor whether an answer was awaited */
  received(bytes: number, at: number, askedFor: boolean): void {
    this.#receivedBytes += bytes;
    this.#lastReceivedAt = at;
    this.#silences.received(at);
    if (askedFor) this.#lastAskedForAt = at;
    else this.#rememberUnasked(at);
  }

  /** Before a write: one that finds nothing outstanding will be the oldest that is, and the silence before it is known now. */
  writing(link: Pick<Link, 'outstandingBytes' | 'sample'>, at: number): void {
    if (link.outstandingBytes() !== 0) {
      this.#silences.sending(at, null);
      return;
    }
    const tcp = link.sample();
    // A FIN that was not read yet has touched the kernel's stamp; it is no packet before the end.
    const lastPacketAt =
      tcp === null || tcp.state !== 'established'
        ? Math.max(this.#lastReceivedAt, this.#lastSentAt)
        : at - tcp.silenceMs;
    this.#oldestWrite = { writtenAt: at, packetBeforeAt: lastPacketAt };
    this.#silences.sending(at, lastPacketAt);
  }

  sent(bytes: number, at: number): void {
    this.#sentBytes += bytes;
    this.#lastSentAt = at;
  }

  /** The last received byte that does not belong to an end at this moment. Within 10 ms where bytes come in a stream. */
  lastPayloadInAt(endedAt: number): number {
    const isLastWord = (at: number): boolean => endedAt - at < LAST_WORDS_MS;
    if (!isLastWord(this.#lastReceivedAt)) return this.#lastReceivedAt;
    const unasked = this.#unasked.findLast((at) => !isLastWord(at));
    return Math.max(this.#lastAskedForAt, unasked ?? this.#lastAskedForAt);
  }

  /** What the connection lived through since this was called the last time. A FIN that touched the kernel's stamp is no sign of life. */
  takeSilences({ state, silenceMs }: TcpSample, at: number): Silences {
    if (state !== 'close_wait') this.#silences.looked(at, at - silenceMs);
    return this.#silences.take(at);
  }

  /** The same where nothing passed either way, and the kernel says since when; null: something did, and nothing was taken. */
  takeIfSilent(silenceMs: number, at: number): Silences | null {
    if (this.#silences.hasNews(at - silenceMs)) return null;
    this.#silences.looked(at, at - silenceMs);
    return this.#silences.take(at);
  }

  /** What passed since this was called the last time. */
  takeCount(): TrafficCount {
    const receivedBytes = this.#receivedBytes - this.#reported.receivedBytes;
    const sentBytes = this.#sentBytes - this.#reported.sentBytes;
    this.#reported = { receivedBytes: this.#receivedBytes, sentBytes: this.#sentBytes };
    return { receivedBytes, sentBytes };
  }

  #rememberUnasked(at: number): void {
    const times = this.#unasked;
    while (times[1] !== undefined && at - times[1] >= LAST_WORDS_MS) times.shift();
    const last = times.at(-1);
    if (last === undefined || at - last >= SAME_MOMENT_MS) times.push(at);
  }
}
