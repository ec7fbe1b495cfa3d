import type { SaidGoodbye } from '../../domain/goodbye.ts';
import type { KafkaSettings } from '../../settings/protocol-settings.ts';
import { ByteReader, utf8 } from '../byte-reader.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { KAFKA_REFUSALS, readKafkaError } from './kafka-errors.ts';
import { kafkaBytes, kafkaRequest, kafkaText, REQUEST } from './kafka-requests.ts';
import { KafkaSasl, MECHANISM } from './kafka-sasl.ts';

/**
 * Brokers of Kafka, and what speaks their protocol (Redpanda, managed ones). No topic is read, no group is joined.
 * https://kafka.apache.org/protocol
 */
export const kafka: ProtocolKind<'kafka'> = {
  name: 'kafka',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    // The protocol has no words for an end.
    goodbyes: { connect: KAFKA_REFUSALS, held: [] },
    open: (context) => new KafkaSession(settings, context),
  }),
};

/** The length, and the first byte of the number behind it: enough to know other protocols by. */
const HEADER_BYTES = 5;
const LENGTH_BYTES = 4;
/** The number of the request, and a first field of at least two bytes. */
const SHORTEST = LENGTH_BYTES + 6;
/** Answers to our requests are below 1 KiB. */
const LONGEST = 64 * 1024;
/** The error in an answer is signed. */
const MOST_POSITIVE = 0x7fff;
/** We leave before the login runs out. */
const LEAVE_AT = 0.9;

const NOTHING: readonly Step[] = [];
const NO_BODY = new Uint8Array();

/** What the outstanding request asked for; `idle`: there is none. */
type Asked = 'versions' | 'versionsAgain' | 'mechanism' | 'login' | 'beat' | 'idle' | 'over';

class KafkaSession implements Session {
  readonly #clientId: string;
  readonly #mechanism: string;
  readonly #framer = new Framer({ headerBytes: HEADER_BYTES, sizeOf, keepAtMost: LONGEST });
  /** Null: nobody logs in, or the login is done. */
  #sasl: KafkaSasl | null;
  #correlationId = 0;
  #asked: Asked = 'idle';

  constructor(settings: KafkaSettings, context: SessionContext) {
    const { clientId, sasl } = settings;
    this.#clientId = clientId;
    this.#mechanism = sasl === 'none' ? '' : MECHANISM[sasl];
    this.#sasl = sasl === 'none' ? null : new KafkaSasl(sasl, settings, context);
  }

  start(): readonly Step[] {
    return this.#ask('versions', REQUEST.apiVersions);
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(key: Uint8Array): readonly Step[] {
    const answer = this.#sasl?.derived(key) ?? null;
    return answer === null ? NOTHING : this.#ask('login', REQUEST.saslAuthenticate, kafkaBytes(answer));
  }

  received(bytes: Uint8Array): readonly Step[] {
    return stepsOfFrames(this.#framer, bytes, {
      take: (frame) => this.#take(frame),
      broken: (beginning) => this.#broken(beginning),
    });
  }

  beat(): readonly Step[] {
    return this.#ask('beat', REQUEST.apiVersions);
  }

  farewell(): null {
    return null; // there is none
  }

  #ask(asked: Asked, request: readonly [number, number], body: Uint8Array = NO_BODY): readonly Step[] {
    this.#asked = asked;
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff;
    const head = { request, correlationId: this.#correlationId, clientId: this.#clientId };
    return [{ kind: 'send', bytes: kafkaRequest(head, body) }];
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const reader = new ByteReader(bytes);
    reader.uint32(); // the length
    const asked = this.#asked;
    if (reader.uint32() !== this.#correlationId || asked === 'idle') return this.#broken(bytes);
    this.#asked = 'idle';
    if (asked === 'beat') return [{ kind: 'answered' }]; // an error is life, too
    const code = reader.uint16() ?? 0;
    if (code !== 0) return this.#refuse(readKafkaError(code > MOST_POSITIVE ? code - 0x10000 : code));
    switch (asked) {
      case 'versions':
        // A listener that wants a login answers the first request, and closes at the second.
        if (this.#sasl === null) return this.#ask('versionsAgain', REQUEST.apiVersions);
        return this.#ask('mechanism', REQUEST.saslHandshake, kafkaText(this.#mechanism));
      case 'versionsAgain':
        return [{ kind: 'ready' }];
      case 'mechanism':
        return this.#ask('login', REQUEST.saslAuthenticate, kafkaBytes(this.#sasl?.first() ?? ''));
      case 'login':
        return this.#takeLogin(reader);
      case 'over':
        return NOTHING;
    }
  }

  /** SaslAuthenticate: a text for people, the words of the mechanism, and how long the login is good for. */
  #takeLogin(reader: ByteReader): readonly Step[] {
    reader.take(reader.uint16() ?? 0); // none is -1, which is beyond the end and takes nothing
    const words = reader.take(reader.uint32() ?? 0);
    const lifetime = reader.take(8);
    if (words === null || lifetime === null) return this.#refuse({ goodbye: 'protocol_error' });
    const news = this.#sasl?.answered(utf8(words)) ?? { kind: 'done' };
    switch (news.kind) {
      case 'derive':
        return [news];
      case 'refuse':
        return this.#refuse({ goodbye: news.goodbye });
      case 'done':
        this.#sasl = null;
        return [ready(lifetime)];
    }
  }

  #refuse({ goodbye, goodbyeCode }: SaidGoodbye): readonly Step[] {
    this.#end();
    return [{ kind: 'refused', goodbye, ...(goodbyeCode !== undefined && { code: goodbyeCode }) }];
  }

  #broken(bytes: Uint8Array): readonly Step[] {
    this.#end();
    return [{ kind: 'broken', expected: notOurs(latin1(bytes.subarray(0, 8)), 'answers of Kafka') }];
  }

  #end(): void {
    this.#asked = 'over';
    this.#sasl = null;
  }
}

/** The length does not count itself. */
function sizeOf(header: Uint8Array): number | null {
  const size = LENGTH_BYTES + (new ByteReader(header).uint32() ?? LONGEST);
  return size < SHORTEST || size > LONGEST ? null : size;
}

/** `lifetime`: milliseconds in 64 bits. 0 is no limit, and one beyond 24 days is none for us: max_connection_age would not reach it. */
function ready(lifetime: Uint8Array): Step {
  const reader = new ByteReader(lifetime);
  const high = reader.uint32() ?? 0;
  const ms = reader.uint32() ?? 0;
  return ms === 0 || high > 0 || ms > 0x7fffffff ? { kind: 'ready' } : { kind: 'ready', leaveWithinMs: LEAVE_AT * ms };
}
