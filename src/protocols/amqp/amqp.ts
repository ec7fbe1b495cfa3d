import type { Goodbye, SaidGoodbye } from '../../domain/goodbye.ts';
import type { AmqpSettings } from '../../settings/protocol-settings.ts';
import { ByteReader, utf8 } from '../byte-reader.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { AMQP_GOODBYES, readAmqpClose } from './amqp-codes.ts';
import {
  CHANNEL,
  CHANNEL_CLOSE_OK,
  CHANNEL_OPEN,
  CLOSE,
  CLOSE_OK,
  FRAME,
  FRAME_END,
  HEADER_BYTES,
  METHOD,
  PROTOCOL_HEADER,
  QOS,
  startOk,
  tuneOkAndOpen,
} from './amqp-frames.ts';

/**
 * AMQP 0-9-1: RabbitMQ, LavinMQ. One connection with one channel, no queue, no message.
 * https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf
 */
export const amqp: ProtocolKind<'amqp'> = {
  name: 'amqp',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    goodbyes: { connect: AMQP_GOODBYES, held: AMQP_GOODBYES },
    open: (context) => new AmqpSession(settings, context),
  }),
};

/** What servers say before a size is agreed on is far shorter, and behind that 4,096 are. */
const LONGEST = 16 * 1024;
/** The answer of a server that speaks another version: `AMQP` and four bytes. */
const OTHER_VERSION = /^AMQP/;
const OTHER_VERSION_BYTES = 8;
const IN_OPENING: readonly number[] = [FRAME.method, FRAME.heartbeat];
const IN_HELD: readonly number[] = Object.values(FRAME);
/** Whole seconds in 16 bits; below 2 the server would have to hear of us more than once in a second. */
const LEAST_HEARTBEAT_S = 2;
const MOST_HEARTBEAT_S = 0xffff;

const NOTHING: readonly Step[] = [];

/** Each state up to `held` waits for one method, which is its name. */
type State = 'start' | 'tune' | 'openOk' | 'channelOpenOk' | 'held' | 'saidGoodbye' | 'leaving' | 'over';
const OPENING: readonly State[] = ['start', 'tune', 'openOk', 'channelOpenOk'];

class AmqpSession implements Session {
  readonly #settings: AmqpSettings;
  /** Null once it is on its way. */
  #password: string | null;
  readonly #beatEveryMs: number | null;
  readonly #framer = new Framer({
    headerBytes: HEADER_BYTES,
    sizeOf: (header) => this.#sizeOf(header),
    keepAtMost: LONGEST,
  });
  #heartbeatS = 0;
  #isChannelOpen = true;
  #isAsked = false;
  #state: State = 'start';

  constructor(settings: AmqpSettings, { password, beatEveryMs }: SessionContext) {
    this.#settings = settings;
    this.#password = password;
    this.#beatEveryMs = beatEveryMs;
  }

  start(): readonly Step[] {
    return [sending(PROTOCOL_HEADER)];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    return stepsOfFrames(this.#framer, bytes, {
      take: (frame) => this.#take(frame),
      broken: (beginning) => this.#broken(beginning),
    });
  }

  /** A channel that the server closed is opened again: that is answered as well. */
  beat(): readonly Step[] {
    this.#isAsked = true;
    return [sending(this.#isChannelOpen ? QOS : CHANNEL_OPEN)];
  }

  farewell(): Farewell | null {
    if (this.#state !== 'held') return null;
    this.#state = 'leaving';
    return { bytes: CLOSE, awaited: true };
  }

  #sizeOf(header: Uint8Array): number | null {
    if (this.#state === 'start' && OTHER_VERSION.test(latin1(header))) return OTHER_VERSION_BYTES;
    const reader = new ByteReader(header);
    const type = reader.uint8() ?? 0;
    reader.uint16(); // the channel
    const size = HEADER_BYTES + (reader.uint32() ?? LONGEST) + 1;
    return (OPENING.includes(this.#state) ? IN_OPENING : IN_HELD).includes(type) && size <= LONGEST ? size : null;
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const reader = new ByteReader(bytes);
    const type = reader.uint8();
    // Only the answer of another version is let through with such a type.
    if (type !== null && !IN_HELD.includes(type)) return this.#refuse({ goodbye: 'protocol_error' });
    if (bytes.at(-1) !== FRAME_END) return this.#broken(bytes);
    if (type !== FRAME.method) return NOTHING; // heartbeats, and messages that nobody asked for
    const channel = reader.uint16();
    reader.uint32();
    const name = `${reader.uint16()}.${reader.uint16()}`;
    if (channel === 0 && name === METHOD.close) return this.#closed(readAmqpClose(reader));
    switch (this.#state) {
      case 'start':
      case 'tune':
      case 'openOk':
      case 'channelOpenOk':
        return METHOD[this.#state] === name ? this.#goOn(reader) : this.#outOfOrder(name, reader);
      case 'held':
        return channel === CHANNEL ? this.#takeHeld(name) : NOTHING;
      case 'leaving':
        return channel === 0 && name === METHOD.closeOk ? [{ kind: 'left' }] : NOTHING;
      case 'saidGoodbye':
      case 'over':
        return NOTHING;
    }
  }

  /** The method that was waited for came. */
  #goOn(reader: ByteReader): readonly Step[] {
    switch (this.#state) {
      case 'start':
        return this.#logIn(reader);
      case 'tune':
        return this.#tune(reader);
      case 'openOk':
        this.#state = 'channelOpenOk';
        return [sending(CHANNEL_OPEN)];
      case 'channelOpenOk':
        this.#state = 'held';
        return [{ kind: 'ready', beatWithinMs: this.#heartbeatS * 500 }]; // twice in the time agreed on
      case 'held':
      case 'saidGoodbye':
      case 'leaving':
      case 'over':
        return NOTHING;
    }
  }

  #logIn(reader: ByteReader): readonly Step[] {
    reader.uint16(); // version 0-9, as our header asked for
    reader.take(reader.uint32() ?? 0); // what the server says of itself
    const mechanisms = reader.take(reader.uint32() ?? 0);
    if (mechanisms === null) return this.#refuse({ goodbye: 'protocol_error' });
    if (!utf8(mechanisms).split(' ').includes('PLAIN')) return this.#refuse({ goodbye: 'auth_method' });
    this.#state = 'tune';
    const words = startOk(this.#settings.username, this.#password ?? '');
    this.#password = null;
    return [sending(words)];
  }

  #tune(reader: ByteReader): readonly Step[] {
    reader.uint16(); // channels: one is enough
    reader.uint32(); // the longest frame: we take the least
    const theirs = reader.uint16();
    if (theirs === null) return this.#refuse({ goodbye: 'protocol_error' });
    const heartbeatS = heartbeatOf(theirs, this.#beatEveryMs);
    this.#heartbeatS = heartbeatS;
    this.#state = 'openOk';
    return [sending(tuneOkAndOpen(heartbeatS, this.#settings.vhost))];
  }

  #outOfOrder(name: string, reader: ByteReader): readonly Step[] {
    if (this.#state === 'channelOpenOk' && name === METHOD.channelClose) return this.#refuse(readAmqpClose(reader));
    return this.#refuse({ goodbye: 'protocol_error' });
  }

  #takeHeld(name: string): readonly Step[] {
    if (name === METHOD.channelClose) {
      // It is closed: a peer does not decide how much we write.
      if (!this.#isChannelOpen && !this.#isAsked) return NOTHING;
      this.#isChannelOpen = false;
      return [sending(CHANNEL_CLOSE_OK), ...this.#answered()];
    }
    if (name !== METHOD.qosOk && name !== METHOD.channelOpenOk) return NOTHING;
    this.#isChannelOpen = true;
    return this.#answered();
  }

  #answered(): readonly Step[] {
    if (!this.#isAsked) return NOTHING;
    this.#isAsked = false;
    return [{ kind: 'answered' }];
  }

  /** connection.close: the server waits for our answer, and closes. */
  #closed(said: SaidGoodbye): readonly Step[] {
    switch (this.#state) {
      case 'held':
        this.#state = 'saidGoodbye';
        return [sending(CLOSE_OK), { kind: 'goodbye', ...saidAs(said), then: 'peerCloses' }];
      case 'leaving':
        return [sending(CLOSE_OK), { kind: 'left' }]; // both said it at once
      case 'saidGoodbye':
      case 'over':
        return NOTHING;
      case 'start':
      case 'tune':
      case 'openOk':
      case 'channelOpenOk':
        return [sending(CLOSE_OK), ...this.#refuse(said)];
    }
  }

  #refuse(said: SaidGoodbye): readonly Step[] {
    this.#end();
    return [{ kind: 'refused', ...saidAs(said) }];
  }

  #broken(bytes: Uint8Array): readonly Step[] {
    this.#end();
    return [{ kind: 'broken', expected: notOurs(latin1(bytes.subarray(0, 8)), 'frames of AMQP') }];
  }

  #end(): void {
    this.#state = 'over';
    this.#password = null;
  }
}

/** The shorter of what the server wants and twice our interval; without beats theirs, so that its own limit shows. */
function heartbeatOf(theirs: number, beatEveryMs: number | null): number {
  if (beatEveryMs === null) return theirs;
  const ours = Math.min(MOST_HEARTBEAT_S, Math.max(LEAST_HEARTBEAT_S, Math.ceil((2 * beatEveryMs) / 1000)));
  return theirs === 0 ? ours : Math.min(theirs, ours);
}

function sending(bytes: Uint8Array): Step {
  return { kind: 'send', bytes };
}

function saidAs({ goodbye, goodbyeCode }: SaidGoodbye): { readonly goodbye: Goodbye; readonly code?: string } {
  return goodbyeCode === undefined ? { goodbye } : { goodbye, code: goodbyeCode };
}
