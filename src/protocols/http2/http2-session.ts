import { Framer, type FramerOptions } from '../framer.ts';
import { joinBytes, uint32Bytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, Session, Step } from '../session.ts';
import { HeaderReading } from './header-reading.ts';
import {
  FLAG,
  FRAME,
  frame,
  frameSize,
  GOAWAY,
  HEADER_BYTES,
  type Http2Frame,
  PREFACE,
  readFrame,
  SETTINGS_ACK,
} from './http2-frames.ts';
import { readGoAway, readRefusal } from './http2-goodbyes.ts';
import { SendWindow } from './send-window.ts';

/** One request, to be sent again and again. */
export type Http2Request = {
  /** Its fields, as HPACK has them. */
  readonly headers: Uint8Array;
  /** What it carries; null: nothing. */
  readonly message: Uint8Array | null;
};

/** Settings, and the code and text of a GOAWAY, are shorter; of other frames nothing but the header is needed. */
const KEPT_BYTES = 1024;
/** A peer that may send no more data waits for ever: it is given new room after a quarter of the 65,535 bytes it has. */
const WINDOW_STEP = 16_384;
/** A TLS alert is that long, and a peer that speaks another protocol may send no more. */
const RECOGNISED_BYTES = 7;

const FRAMES: FramerOptions = { headerBytes: HEADER_BYTES, sizeOf: frameSize, keepAtMost: KEPT_BYTES };
/** The settings come first: what begins otherwise may be another protocol, with a length of its own. */
const FIRST_FRAME: FramerOptions = {
  ...FRAMES,
  sizeOf(header) {
    const { type, flags, stream } = readFrame(header);
    const isGreeting = type === FRAME.settings && (flags & FLAG.ack) === 0 && stream === 0;
    return isGreeting ? frameSize(header) : null;
  },
};

/**
 * In one piece. Each takes 2 µs, and 64 KiB hold 7,000 of the shortest: they would hold the event loop for longer than a piece
 * may. Servers send a handful at a time.
 */
const MOST_FRAMES = 1000;

const NOTHING: readonly Step[] = [];

/**
 * HTTP/2 (RFC 9113) over one stream at a time: the same request as login and as each heartbeat. The end of its answer, or a
 * refusal of the stream, is a sign of life; header fields and data are skipped, so that no status is known.
 */
export class Http2Session implements Session {
  readonly #request: Http2Request;
  readonly #framer = new Framer(FIRST_FRAME);
  readonly #headers = new HeaderReading();
  readonly #window = new SendWindow();
  /** The last stream that we opened. */
  #stream = -1;
  #isAsked = false;
  /** The message waits for the peer to take it. */
  #isMessageDue = false;
  /** Data that came since the peer was last given room for more. */
  #consumed = 0;
  /** The peer's settings have come, which are its first frame. */
  #isGreeted = false;
  #state: 'opening' | 'held' | 'saidGoodbye' | 'over' = 'opening';

  constructor(request: Http2Request) {
    this.#request = request;
  }

  start(): readonly Step[] {
    return [{ kind: 'send', bytes: joinBytes(PREFACE, this.#ask()) }];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  /** All that is to be sent in answer to one piece goes out in one write: a peer decides how many frames it asks with. */
  received(bytes: Uint8Array): readonly Step[] {
    const steps: Step[] = [];
    const replies: Uint8Array[] = [];
    let frames = 0;
    this.#framer.feed(bytes);
    while (this.#state !== 'over') {
      const next = this.#framer.next();
      if (next.kind === 'more') break;
      frames += 1;
      if (next.kind === 'broken') this.#break(steps);
      else if (frames > MOST_FRAMES) this.#break(steps, 'too many frames of HTTP/2 came at a time');
      else this.#take(readFrame(next.bytes), steps, replies);
    }
    const { begun } = this.#framer;
    const isOther = !this.#isGreeted && begun.length >= RECOGNISED_BYTES && begun[0] !== 0;
    if (isOther && this.#state !== 'over') this.#break(steps);
    if (this.#state === 'over' || replies.length === 0) return steps;
    return [{ kind: 'send', bytes: joinBytes(...replies) }, ...steps];
  }

  beat(): readonly Step[] {
    return [{ kind: 'send', bytes: this.#ask() }];
  }

  farewell(): Farewell | null {
    return this.#state === 'held' || this.#state === 'saidGoodbye' ? { bytes: GOAWAY, awaited: false } : null;
  }

  /** The next request, so far as the peer takes it now. */
  #ask(): Uint8Array {
    const { headers, message } = this.#request;
    this.#stream += 2;
    this.#isAsked = true;
    this.#window.openStream();
    this.#isMessageDue = message !== null;
    const flags = FLAG.endHeaders | (message === null ? FLAG.endStream : 0);
    return joinBytes(frame({ type: FRAME.headers, flags, stream: this.#stream }, headers), ...this.#dueMessage());
  }

  /** In one piece, once the window is wide enough for it. */
  #dueMessage(): readonly Uint8Array[] {
    const { message } = this.#request;
    if (!this.#isMessageDue || message === null || message.length > this.#window.left) return [];
    this.#isMessageDue = false;
    this.#window.sent(message.length);
    return [frame({ type: FRAME.data, flags: FLAG.endStream, stream: this.#stream }, message)];
  }

  #take(received: Http2Frame, steps: Step[], replies: Uint8Array[]): void {
    const headers = this.#headers.take(received);
    if (headers === 'broken') this.#break(steps);
    else if (headers === 'other') this.#takeOther(received, steps, replies);
    else if (headers !== 'more') this.#takeAnswer(headers, steps);
  }

  #takeOther(received: Http2Frame, steps: Step[], replies: Uint8Array[]): void {
    const { type, flags, stream, length, payload } = received;
    const isAck = (flags & FLAG.ack) !== 0;
    if (!hasItsForm(received)) return this.#break(steps);
    switch (type) {
      case FRAME.data:
        this.#consume(length, replies);
        return this.#takeAnswer({ stream, endsStream: (flags & FLAG.endStream) !== 0 }, steps);
      case FRAME.resetStream:
        return this.#takeAnswer({ stream, endsStream: true }, steps);
      case FRAME.settings:
        if (!this.#isGreeted) this.#framer.become(FRAMES);
        this.#isGreeted = true;
        if (isAck) return;
        if (!this.#window.configure(payload)) return this.#break(steps);
        replies.push(SETTINGS_ACK, ...this.#dueMessage());
        return;
      case FRAME.ping:
        if (!isAck) replies.push(frame({ type: FRAME.ping, flags: FLAG.ack }, payload));
        return;
      case FRAME.goAway:
        return this.#sentAway(received, steps);
      case FRAME.windowUpdate:
        if (!this.#widen(stream, payload)) return this.#break(steps);
        replies.push(...this.#dueMessage());
        return;
      case FRAME.pushPromise:
        return this.#break(steps); // we asked for none
      default:
        return; // priorities, and frames of extensions
    }
  }

  #widen(stream: number, payload: Uint8Array): boolean {
    if (stream === 0) return this.#window.widenConnection(payload);
    return stream !== this.#stream || this.#window.widenStream(payload);
  }

  #consume(length: number, replies: Uint8Array[]): void {
    this.#consumed += length;
    if (this.#consumed < WINDOW_STEP) return;
    replies.push(frame({ type: FRAME.windowUpdate }, Uint8Array.from(uint32Bytes(this.#consumed))));
    this.#consumed = 0;
  }

  /** Answers come on the stream that asked; on earlier ones something may still be on its way. */
  #takeAnswer({ stream, endsStream }: { readonly stream: number; readonly endsStream: boolean }, steps: Step[]): void {
    if (stream % 2 === 0 || stream > this.#stream) return this.#break(steps);
    if (stream !== this.#stream || !endsStream || !this.#isAsked) return;
    this.#isAsked = false;
    this.#isMessageDue = false;
    if (this.#state === 'opening') {
      this.#state = 'held';
      steps.push({ kind: 'ready' });
    } else {
      steps.push({ kind: 'answered' });
    }
  }

  /** The first one counts: servers of gRPC say why, and then say it again without a reason. */
  #sentAway(received: Http2Frame, steps: Step[]): void {
    if (this.#state === 'opening') {
      this.#state = 'over';
      steps.push({ kind: 'refused', ...readRefusal(received) });
    } else if (this.#state === 'held') {
      this.#state = 'saidGoodbye';
      steps.push({ kind: 'goodbye', ...readGoAway(received), then: 'weClose' });
    }
  }

  #break(steps: Step[], expected = this.#notOurs()): void {
    this.#state = 'over';
    steps.push({ kind: 'broken', expected });
  }

  #notOurs(): string {
    return notOurs(this.#isGreeted ? '' : latin1(this.#framer.begun.subarray(0, 8)), 'frames of HTTP/2');
  }
}

/** Whether a frame is as long, and on a stream or on none, as RFC 9113 has it. */
function hasItsForm({ type, flags, stream, length }: Http2Frame): boolean {
  switch (type) {
    case FRAME.settings:
      return stream === 0 && ((flags & FLAG.ack) === 0 ? length % 6 === 0 : length === 0);
    case FRAME.ping:
      return stream === 0 && length === 8;
    case FRAME.goAway:
      return stream === 0 && length >= 8;
    case FRAME.windowUpdate:
      return length === 4;
    case FRAME.resetStream:
      return length === 4;
    default:
      return true;
  }
}
