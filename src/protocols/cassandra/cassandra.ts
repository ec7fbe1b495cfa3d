import type { SaidGoodbye } from '../../domain/goodbye.ts';
import type { Credentials } from '../../settings/protocol-settings.ts';
import { ByteReader } from '../byte-reader.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { CQL_ERRORS, readCqlError } from './cql-errors.ts';
import {
  authResponse,
  type CqlFrame,
  HEADER_BYTES,
  OPCODE,
  OPTIONS_REQUEST,
  readCqlFrame,
  STARTUP_REQUEST,
  STREAM,
} from './cql-frames.ts';

/**
 * Nodes of Cassandra, and what speaks CQL (ScyllaDB, managed ones). No keyspace is used, no query sent.
 * https://cassandra.apache.org/doc/latest/cassandra/reference/native-protocol.html, version 4
 */
export const cassandra: ProtocolKind<'cassandra'> = {
  name: 'cassandra',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    goodbyes: { connect: [...CQL_ERRORS, 'auth_method'], held: CQL_ERRORS },
    open: (context) => new CassandraSession(settings, context),
  }),
};

/** So many bytes tell the usual mistakes apart, where the first one is of no frame. */
const BEGINNING_BYTES = 5;
/** The code of an error stands in front. */
const KEPT_BYTES = HEADER_BYTES + 4;
/** Answers to our requests are below 1 KiB. */
const LONGEST = 64 * 1024;

const NOTHING: readonly Step[] = [];
const ASKING: readonly Step[] = [{ kind: 'send', bytes: OPTIONS_REQUEST }];

/** What the outstanding request asked for; `nothing`: there is none, and the login is done. */
type Asked = 'options' | 'startup' | 'login' | 'beat' | 'nothing';

class CassandraSession implements Session {
  readonly #framer = new Framer({ headerBytes: 1, sizeOf, keepAtMost: KEPT_BYTES });
  /** Until the login went out; null: nobody logs in. */
  #login: { readonly username: string; readonly password: string } | null;
  #asked: Asked;

  constructor({ username }: Credentials, { password }: SessionContext) {
    this.#login = username === null ? null : { username, password: password ?? '' };
    this.#asked = username === null ? 'options' : 'startup';
  }

  start(): readonly Step[] {
    return this.#login === null ? ASKING : [{ kind: 'send', bytes: STARTUP_REQUEST }];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    return stepsOfFrames(this.#framer, bytes, { take: (frame) => this.#take(frame), broken });
  }

  beat(): readonly Step[] {
    this.#asked = 'beat';
    return ASKING;
  }

  farewell(): null {
    return null; // there is none
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const frame = readCqlFrame(bytes);
    const asked = this.#asked;
    if (frame.stream !== STREAM || asked === 'nothing') return this.#unasked(frame);
    if (asked === 'beat') {
      this.#asked = 'nothing';
      return [{ kind: 'answered' }]; // an error is life, too
    }
    return frame.opcode === OPCODE.error ? refuse(readCqlError(frame.code)) : this.#answered(asked, frame.opcode);
  }

  /** Events nobody asked for; an error is about the connection itself. */
  #unasked({ opcode, code }: CqlFrame): readonly Step[] {
    if (opcode !== OPCODE.error) return NOTHING;
    const said = readCqlError(code);
    if (this.#asked !== 'nothing' && this.#asked !== 'beat') return refuse(said);
    const { goodbye, goodbyeCode } = said;
    return [{ kind: 'goodbye', goodbye, ...(goodbyeCode !== undefined && { code: goodbyeCode }), then: 'peerCloses' }];
  }

  #answered(asked: 'options' | 'startup' | 'login', opcode: number): readonly Step[] {
    const login = this.#login;
    switch (opcode) {
      case OPCODE.authenticate:
        if (login === null) break;
        this.#login = null;
        this.#asked = 'login';
        return [{ kind: 'send', bytes: authResponse(login.username, login.password) }];
      case OPCODE.authChallenge:
        return refuse({ goodbye: 'auth_method' }); // it wants more than name and password
      case OPCODE.supported:
        if (asked !== 'options') break;
        return this.#ready();
      case OPCODE.ready:
        if (asked !== 'startup') break;
        return this.#ready(); // it takes everybody
      case OPCODE.authSuccess:
        if (asked !== 'login') break;
        return this.#ready();
    }
    return refuse({ goodbye: 'protocol_error' });
  }

  #ready(): readonly Step[] {
    this.#login = null;
    this.#asked = 'nothing';
    return [{ kind: 'ready' }];
  }
}

/** Of a server, in any version: one that speaks another says so in its own. */
function sizeOf(header: Uint8Array): number | 'longer' | null {
  const isFrame = ((header[0] ?? 0) & 0xf8) === 0x80;
  if (header.length < (isFrame ? HEADER_BYTES : BEGINNING_BYTES)) return 'longer';
  const size = HEADER_BYTES + (new ByteReader(header.subarray(HEADER_BYTES - 4)).uint32() ?? LONGEST);
  return isFrame && size <= LONGEST ? size : null;
}

function refuse({ goodbye, goodbyeCode }: SaidGoodbye): readonly Step[] {
  return [{ kind: 'refused', goodbye, ...(goodbyeCode !== undefined && { code: goodbyeCode }) }];
}

function broken(beginning: Uint8Array): readonly Step[] {
  return [{ kind: 'broken', expected: notOurs(latin1(beginning.subarray(0, 8)), 'frames of CQL') }];
}
