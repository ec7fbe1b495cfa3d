import type { SaidGoodbye } from '../../domain/goodbye.ts';
import type { MongodbSettings } from '../../settings/protocol-settings.ts';
import { ByteReader, utf8 } from '../byte-reader.ts';
import { Framer } from '../framer.ts';
import { joinBytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import { Scram } from '../scram.ts';
import type { ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import type { BsonDocument } from './bson.ts';
import { MONGODB_GOODBYES, MONGODB_REFUSALS, readMongodbError } from './mongodb-errors.ts';
import { opMsg, readReply, type Reply, SHORTEST_MESSAGE } from './op-msg.ts';

/**
 * Servers of MongoDB, and what speaks its protocol. No collection is read.
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
export const mongodb: ProtocolKind<'mongodb'> = {
  name: 'mongodb',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    goodbyes: { connect: MONGODB_REFUSALS, held: MONGODB_GOODBYES },
    open: (context) => new MongodbSession(settings, context),
  }),
};

/** The length, and one byte behind it: enough to know other protocols by. */
const HEADER_BYTES = 5;
/** The greeting of the largest set names 50 members of at most 260 characters each. */
const LONGEST = 32 * 1024;
const MECHANISM = 'SCRAM-SHA-256';

const NOTHING: readonly Step[] = [];
/** A message, whose first bytes could be those of another protocol. */
const ANSWERS_NOTHING: readonly Step[] = [
  { kind: 'broken', expected: 'expected an answer of MongoDB to what was asked, and another one came' },
];

/** What the outstanding request asked for; `proof`: whether the password is right; `end`: whether that is all; `nothing`: there is none. */
type Asked = 'hello' | 'login' | 'proof' | 'end' | 'beat' | 'nothing';

class MongodbSession implements Session {
  readonly #database: string;
  readonly #version: string;
  readonly #framer = new Framer({ headerBytes: HEADER_BYTES, sizeOf, keepAtMost: LONGEST });
  /** Null: nobody logs in, or the login is done. */
  #scram: Scram | null;
  #number = 0;
  /** Of the login, as the server counts them. */
  #conversation = 0;
  #asked: Asked = 'nothing';

  constructor({ username, authSource }: MongodbSettings, { password, random, userAgent }: SessionContext) {
    this.#database = authSource;
    this.#version = userAgent.replace(/^.*\//, '');
    const facts = { password: password ?? '', channelBinding: null, random, digest: 'sha256' } as const;
    this.#scram = username === null ? null : new Scram({ username, ...facts });
  }

  start(): readonly Step[] {
    // Servers before 4.4.2 know the greeting by this name alone, and newer ones still do.
    const client = {
      application: { name: 'finrst' },
      driver: { name: 'finrst', version: this.#version },
      os: { type: 'Linux' },
    };
    return this.#ask('hello', { isMaster: 1, helloOk: true, client, $db: 'admin' });
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(key: Uint8Array): readonly Step[] {
    return this.#scram === null ? NOTHING : this.#goOn('proof', this.#scram.answer(key));
  }

  received(bytes: Uint8Array): readonly Step[] {
    return stepsOfFrames(this.#framer, bytes, { take: (frame) => this.#take(frame), broken });
  }

  beat(): readonly Step[] {
    return this.#ask('beat', { ping: 1, $db: 'admin' });
  }

  farewell(): null {
    return null; // there is none
  }

  #ask(asked: Asked, command: BsonDocument): readonly Step[] {
    this.#asked = asked;
    this.#number = (this.#number + 1) & 0x7fffffff;
    return [{ kind: 'send', bytes: opMsg({ number: this.#number, answers: 0 }, command) }];
  }

  #goOn(asked: 'proof' | 'end', words: string): readonly Step[] {
    const payload = joinBytes(words);
    return this.#ask(asked, { saslContinue: 1, conversationId: this.#conversation, payload, $db: this.#database });
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const reply = readReply(bytes);
    const asked = this.#asked;
    if (reply === null) return broken(bytes);
    if (asked === 'nothing' || reply.answers !== this.#number) return ANSWERS_NOTHING;
    this.#asked = 'nothing';
    if (asked === 'beat') return answered(reply);
    if (!reply.isOk) return refuse(readMongodbError(reply.code));
    switch (asked) {
      case 'hello':
        return this.#scram === null ? this.#ready() : this.#logIn(this.#scram);
      case 'login':
        return this.#challenged(reply);
      case 'proof':
        if (this.#scram?.isProvedBy(utf8(reply.payload)) !== true) return refuse({ goodbye: 'auth_failed' });
        return reply.isDone ? this.#ready() : this.#goOn('end', '');
      case 'end':
        return reply.isDone ? this.#ready() : refuse({ goodbye: 'protocol_error' });
    }
  }

  #logIn(scram: Scram): readonly Step[] {
    const options = { skipEmptyExchange: true }; // else the server waits for one more message
    const payload = joinBytes(scram.first());
    return this.#ask('login', { saslStart: 1, mechanism: MECHANISM, payload, options, $db: this.#database });
  }

  #challenged({ conversation, payload }: Reply): readonly Step[] {
    this.#conversation = conversation;
    const derivation = this.#scram?.challenged(utf8(payload)) ?? null;
    return derivation === null ? refuse({ goodbye: 'protocol_error' }) : [{ kind: 'derive', derivation }];
  }

  #ready(): readonly Step[] {
    this.#scram = null;
    return [{ kind: 'ready' }];
  }
}

/** An error is life, too, unless it says that the server goes. */
function answered({ isOk, code }: Reply): readonly Step[] {
  const { goodbye, goodbyeCode } = readMongodbError(isOk ? null : code);
  if (!MONGODB_GOODBYES.includes(goodbye)) return [{ kind: 'answered' }];
  return [{ kind: 'goodbye', goodbye, ...(goodbyeCode !== undefined && { code: goodbyeCode }), then: 'peerCloses' }];
}

/** The length counts itself. */
function sizeOf(header: Uint8Array): number | null {
  const size = new ByteReader(header).uint32le() ?? 0;
  return size < SHORTEST_MESSAGE || size > LONGEST ? null : size;
}

function refuse({ goodbye, goodbyeCode }: SaidGoodbye): readonly Step[] {
  return [{ kind: 'refused', goodbye, ...(goodbyeCode !== undefined && { code: goodbyeCode }) }];
}

function broken(beginning: Uint8Array): readonly Step[] {
  return [{ kind: 'broken', expected: notOurs(latin1(beginning.subarray(0, 8)), 'messages of MongoDB') }];
}
