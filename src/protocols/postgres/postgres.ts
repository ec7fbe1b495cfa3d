import type { PostgresSettings } from '../../settings/protocol-settings.ts';
import { Framer, type FramerOptions } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { POSTGRES_GOODBYES, readPostgresError } from './postgres-errors.ts';
import { PostgresLogin } from './postgres-login.ts';
import { SSL_REQUEST, startupMessage, SYNC, TERMINATE } from './postgres-messages.ts';

/**
 * PostgreSQL and what speaks its protocol (pgbouncer, CockroachDB, Yugabyte), version 3.0.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export const postgres: ProtocolKind<'postgres'> = {
  name: 'postgres',
  create: (settings) => ({
    expectsAnswer: true,
    tls: settings.directTls ? 'atOnce' : 'inBand',
    alpn: settings.directTls ? ['postgresql'] : [],
    goodbyes: { connect: [...POSTGRES_GOODBYES, 'auth_method', 'tls_mismatch'], held: POSTGRES_GOODBYES },
    open: (context) => new PostgresSession(settings, context),
  }),
};

const HEADER_BYTES = 5;
/** libpq takes no longer one either. */
const LONGEST_MESSAGE = 0x3fff_ffff;
/** Authentication messages are shorter, and errors have their code and severity in front. */
const KEPT_BYTES = 16 * 1024;
const LOGIN_TYPES = 'RENSKZvA';
const MESSAGES: FramerOptions = { headerBytes: HEADER_BYTES, sizeOf: messageSize, keepAtMost: KEPT_BYTES };
/** Before the login is done few types can come: what is none of them may be another protocol, with a length of its own. */
const LOGIN_MESSAGES: FramerOptions = {
  ...MESSAGES,
  sizeOf: (header) => (LOGIN_TYPES.includes(String.fromCharCode(header[0] ?? 0)) ? messageSize(header) : null),
};
const TLS_YES = 0x53;
const TLS_NO = 0x4e;

const NOTHING: readonly Step[] = [];
const SYNCING: readonly Step[] = [{ kind: 'send', bytes: SYNC }];

/** `asking`: for TLS; `securing`: its handshake goes on. */
type State = 'asking' | 'securing' | 'opening' | 'held' | 'saidGoodbye' | 'over';

class PostgresSession implements Session {
  readonly #settings: PostgresSettings;
  /** Null once the login began: a held connection needs it no more, and it would keep the attempt and the password. */
  #context: SessionContext | null;
  readonly #framer = new Framer(LOGIN_MESSAGES);
  /** Null before it began and once it is done. */
  #login: PostgresLogin | null = null;
  #isAsked = false;
  #state: State;

  constructor(settings: PostgresSettings, context: SessionContext) {
    this.#settings = settings;
    this.#context = context;
    this.#state = context.tls && !settings.directTls ? 'asking' : 'opening';
  }

  start(): readonly Step[] {
    if (this.#state === 'asking') return [{ kind: 'send', bytes: SSL_REQUEST }];
    return this.#logIn(this.#context?.certificate ?? null);
  }

  secured(certificate: Uint8Array | null): readonly Step[] {
    if (this.#state !== 'securing') return NOTHING;
    this.#state = 'opening';
    return this.#logIn(certificate);
  }

  derived(key: Uint8Array): readonly Step[] {
    return this.#state === 'opening' && this.#login !== null ? this.#login.derived(key) : NOTHING;
  }

  received(bytes: Uint8Array): readonly Step[] {
    if (this.#state === 'asking') return this.#answeredTls(bytes);
    // In the middle of a handshake bytes go to TLS; whoever gives them to us anyway has lost the order.
    if (this.#state === 'securing') return this.#refuse('protocol_error');
    return stepsOfFrames(this.#framer, bytes, {
      take: (frame) => this.#take(frame),
      broken: (beginning) => this.#broken(beginning),
    });
  }

  beat(): readonly Step[] {
    this.#isAsked = true;
    return SYNCING;
  }

  farewell(): Farewell | null {
    return this.#state === 'held' ? { bytes: TERMINATE, awaited: false } : null;
  }

  /** Bytes behind the consent could be an attacker's, put in before TLS (CVE-2021-23222). */
  #answeredTls(bytes: Uint8Array): readonly Step[] {
    const [first] = bytes;
    if (first === undefined) return NOTHING;
    if (first === TLS_NO && bytes.length === 1) return this.#refuse('tls_mismatch');
    if (first !== TLS_YES || bytes.length > 1) return this.#refuse('protocol_error');
    this.#state = 'securing';
    return [{ kind: 'startTls' }];
  }

  /** Once for each session. TLS stands by now where the group has it. */
  #logIn(certificate: Uint8Array | null): readonly Step[] {
    if (this.#context === null) return NOTHING;
    const { username, database, applicationName } = this.#settings;
    const { password, random, tls: isSecure } = this.#context;
    this.#context = null;
    this.#login = new PostgresLogin({ username, password, random, isSecure, certificate });
    const parameters = { user: username, database, application_name: applicationName };
    return [{ kind: 'send', bytes: startupMessage(parameters) }];
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const type = latin1(bytes.subarray(0, 1));
    const body = bytes.subarray(HEADER_BYTES);
    if (this.#state === 'held') return this.#takeHeld(type, body);
    return this.#state === 'opening' ? this.#takeOpening(type, bytes) : NOTHING;
  }

  #takeOpening(type: string, bytes: Uint8Array): readonly Step[] {
    const body = bytes.subarray(HEADER_BYTES);
    switch (type) {
      case 'R': {
        const steps = this.#login?.requested(body) ?? NOTHING;
        if (steps.some(({ kind }) => kind === 'refused')) this.#state = 'over';
        return steps;
      }
      case 'E': {
        const { goodbye, goodbyeCode } = readPostgresError(body);
        return this.#refuse(goodbye, goodbyeCode);
      }
      case 'Z':
        if (this.#login?.isDone !== true) return this.#broken(bytes);
        this.#state = 'held';
        this.#framer.become(MESSAGES);
        this.#login = null;
        return [{ kind: 'ready' }];
      default:
        return NOTHING; // parameters, keys and notices
    }
  }

  #takeHeld(type: string, body: Uint8Array): readonly Step[] {
    if (type === 'Z' && this.#isAsked) {
      this.#isAsked = false;
      return [{ kind: 'answered' }];
    }
    if (type !== 'E' && type !== 'N') return NOTHING;
    const { goodbye, goodbyeCode, isFatal } = readPostgresError(body);
    // An immediate stop, and a crash of another backend, say it in a notice and close.
    const isGoodbye = type === 'E' ? isFatal : goodbyeCode === '57P01' || goodbyeCode === '57P02';
    if (!isGoodbye) return NOTHING;
    this.#state = 'saidGoodbye';
    const code = goodbyeCode === undefined ? {} : { code: goodbyeCode };
    return [{ kind: 'goodbye', goodbye, ...code, then: 'peerCloses' }];
  }

  #refuse(goodbye: (Step & { kind: 'refused' })['goodbye'], code?: string): readonly Step[] {
    this.#state = 'over';
    return [{ kind: 'refused', goodbye, ...(code === undefined ? {} : { code }) }];
  }

  #broken(bytes: Uint8Array): readonly Step[] {
    this.#state = 'over';
    const expected = notOurs(latin1(bytes.subarray(0, 8)), 'messages of PostgreSQL');
    return [{ kind: 'broken', expected }];
  }
}

/** The length counts itself and not the type. */
function messageSize(header: Uint8Array): number | null {
  const [, a = 0, b = 0, c = 0, d = 0] = header;
  const length = a * 0x1000000 + ((b << 16) | (c << 8) | d);
  return length < 4 || length > LONGEST_MESSAGE ? null : 1 + length;
}
