import { createHash } from 'node:crypto';
import { Framer } from '../framer.ts';
import type { Farewell, Session, Step } from '../session.ts';
import { type AnswerHead, AnswerReader, listed } from './answer-reader.ts';
import {
  controlFrame,
  frameSize,
  HEADER_BYTES,
  KEPT_BYTES,
  OPCODE,
  readFrame,
  type WebSocketFrame,
} from './websocket-frames.ts';
import { handshakeRefusal, readClose } from './websocket-goodbyes.ts';

/** What a session begins with. */
export type WebSocketOptions = {
  /** The handshake; null: it cannot be written. */
  readonly request: Uint8Array | null;
  /** The key in it, 16 bytes of chance in base64. */
  readonly key: string;
  /** What was offered; null: nothing. */
  readonly subprotocol: string | null;
  readonly hasCredentials: boolean;
  readonly random: (bytes: number) => Uint8Array;
};

const WANTED: ReadonlySet<string> = new Set([
  'connection',
  'upgrade',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
]);
const SWITCHING_PROTOCOLS = 101;
/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const ACCEPTED_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MASK_BYTES = 4;
const NORMAL_CLOSURE = Uint8Array.of(1000 >> 8, 1000 & 0xff);

/**
 * In one piece. Each takes half a microsecond, and 64 KiB hold 32,000 of the shortest: they would hold the event loop for
 * longer than a piece may. No message is as short as 13 bytes on average.
 */
const MOST_FRAMES = 5000;

const NOTHING: readonly Step[] = [];

/**
 * WebSocket (RFC 6455) without extensions. Messages are skipped by their lengths; a pong with the bytes of our ping is the
 * answer to a heartbeat, a close frame the goodbye.
 */
export class WebSocketSession implements Session {
  readonly #options: WebSocketOptions;
  /** Null: the handshake is done. */
  #answers: AnswerReader | null = new AnswerReader(WANTED);
  readonly #frames = new Framer({ headerBytes: HEADER_BYTES, sizeOf: frameSize, keepAtMost: KEPT_BYTES });
  /** The last part of a message has not come yet. */
  #isInMessage = false;
  /** What our last ping carries. */
  #beats = 0;
  #isAsked = false;
  #state: 'opening' | 'held' | 'leaving' | 'saidGoodbye' | 'over' = 'opening';

  constructor(options: WebSocketOptions) {
    this.#options = options;
  }

  start(): readonly Step[] {
    const { request } = this.#options;
    if (request !== null) return [{ kind: 'send', bytes: request }];
    this.#state = 'over';
    return [{ kind: 'refused', goodbye: 'auth_failed' }];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    const steps: Step[] = [];
    if (this.#answers === null) this.#takeFrames(bytes, steps);
    else if (this.#state === 'opening') this.#takeHandshake(this.#answers, bytes, steps);
    return steps;
  }

  beat(): readonly Step[] {
    this.#beats = (this.#beats + 1) & 0xff;
    this.#isAsked = true;
    return [this.#send(OPCODE.ping, Uint8Array.of(this.#beats))];
  }

  /** The peer answers it with a close frame of its own. */
  farewell(): Farewell | null {
    if (this.#state !== 'held') return null;
    this.#state = 'leaving';
    return { bytes: this.#frame(OPCODE.close, NORMAL_CLOSURE), awaited: true };
  }

  #frame(opcode: number, payload: Uint8Array): Uint8Array {
    return controlFrame(opcode, payload, this.#options.random(MASK_BYTES));
  }

  #send(opcode: number, payload: Uint8Array): Step {
    return { kind: 'send', bytes: this.#frame(opcode, payload) };
  }

  #takeHandshake(answers: AnswerReader, bytes: Uint8Array, steps: Step[]): void {
    answers.feed(bytes);
    const next = answers.next();
    if (next.kind === 'more') return;
    if (next.kind === 'broken') return this.#break(steps, next.expected);
    const { status } = next.head;
    if (status !== SWITCHING_PROTOCOLS) {
      this.#state = 'over';
      steps.push({
        kind: 'refused',
        goodbye: handshakeRefusal(status, this.#options.hasCredentials),
        code: `${status}`,
      });
    } else if (this.#isAccepted(next.head)) {
      this.#state = 'held';
      this.#answers = null;
      steps.push({ kind: 'ready' });
      this.#takeFrames(answers.takeRest(), steps);
    } else {
      this.#break(steps, 'expected a handshake of WebSocket that answers ours');
    }
  }

  /** RFC 6455, 4.1: nothing that we did not ask for, and proof that our key was read. */
  #isAccepted({ headers }: AnswerHead): boolean {
    const { key, subprotocol } = this.#options;
    const accepted = createHash('sha1').update(`${key}${ACCEPTED_SUFFIX}`).digest('base64');
    const chosen = headers.get('sec-websocket-protocol');
    return (
      headers.get('upgrade')?.toLowerCase() === 'websocket' &&
      listed(headers.get('connection')).has('upgrade') &&
      headers.get('sec-websocket-accept') === accepted &&
      !headers.has('sec-websocket-extensions') &&
      (chosen === undefined || chosen === subprotocol)
    );
  }

  /** Of pings that came together the last one is answered (5.5.3): a peer does not decide how much we write. */
  #takeFrames(bytes: Uint8Array, steps: Step[]): void {
    let pinged: Uint8Array | null = null;
    this.#frames.feed(bytes);
    for (let frames = 1; this.#state === 'held' || this.#state === 'leaving'; frames++) {
      const next = this.#frames.next();
      if (next.kind === 'more') break;
      if (next.kind === 'broken') return this.#break(steps);
      if (frames > MOST_FRAMES) return this.#break(steps, 'too many frames of WebSocket came at a time');
      const frame = readFrame(next.bytes);
      if (frame.opcode === OPCODE.ping) pinged = frame.payload;
      else this.#take(frame, steps);
    }
    const isListening = this.#state === 'held' || this.#state === 'leaving';
    if (pinged !== null && isListening) steps.push(this.#send(OPCODE.pong, pinged));
  }

  #take({ opcode, isFinal, payload }: WebSocketFrame, steps: Step[]): void {
    switch (opcode) {
      case OPCODE.pong:
        if (!this.#isAsked || payload.length !== 1 || payload[0] !== this.#beats) return; // unasked ones are allowed
        this.#isAsked = false;
        if (this.#state === 'held') steps.push({ kind: 'answered' });
        return;
      case OPCODE.close:
        return this.#close(payload, steps);
      default:
        // The parts of a message follow each other, and nothing but control frames stands between them.
        if ((opcode === OPCODE.continuation) !== this.#isInMessage) return this.#break(steps);
        this.#isInMessage = !isFinal;
    }
  }

  /** Who is told to close says so, too, and the server closes. */
  #close(payload: Uint8Array, steps: Step[]): void {
    const said = readClose(payload);
    if (said === null) return this.#break(steps);
    if (this.#state === 'leaving') {
      this.#state = 'over';
      steps.push({ kind: 'left' });
    } else {
      this.#state = 'saidGoodbye';
      steps.push(this.#send(OPCODE.close, payload.subarray(0, 2)), { kind: 'goodbye', ...said, then: 'peerCloses' });
    }
  }

  #break(steps: Step[], expected = 'expected frames of WebSocket, and other bytes came'): void {
    this.#state = 'over';
    steps.push({ kind: 'broken', expected });
  }
}
