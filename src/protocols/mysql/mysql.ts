import type { Goodbye } from '../../domain/goodbye.ts';
import type { MysqlSettings } from '../../settings/protocol-settings.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { MYSQL_GOODBYES, readMysqlError } from './mysql-errors.ts';
import { CAPABILITY, has, type MysqlGreeting, readMysqlGreeting } from './mysql-greeting.ts';
import { type LoginAnswer, MysqlLogin } from './mysql-login.ts';
import {
  commonCapabilities,
  loginRequest,
  mysqlPacket,
  nobodysLogin,
  PING,
  QUIT,
  sslRequest,
} from './mysql-packets.ts';

/**
 * MySQL and what speaks its protocol (MariaDB, Percona, TiDB, ProxySQL, Vitess), version 10. The server speaks first.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
 */
export const mysql: ProtocolKind<'mysql'> = {
  name: 'mysql',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'inBand',
    alpn: [],
    goodbyes: { connect: MYSQL_GOODBYES, held: MYSQL_GOODBYES },
    open: (context) => new MysqlSession(settings, context),
  }),
};

/** Length and number, and the first byte behind them, which says what it is: an empty packet is never meant for us. */
const HEADER_BYTES = 5;
const TYPE_AT = 4;
/** Greetings and requests are far shorter; a length beyond this is of another protocol. */
const LONGEST_IN_LOGIN = 64 * 1024;
/** Errors have their code in front. */
const KEPT_BYTES = 16 * 1024;
const TYPE = { ok: 0x00, moreData: 0x01, greeting: 0x0a, switchMethod: 0xfe, error: 0xff } as const;
/** What may come, by the first byte: what is none of them may be another protocol, with a length of its own. */
const EXPECTED: Readonly<Record<'greeting' | 'opening' | 'held', readonly number[]>> = {
  greeting: [TYPE.greeting, TYPE.error],
  opening: [TYPE.ok, TYPE.moreData, TYPE.switchMethod, TYPE.error],
  held: [TYPE.ok, TYPE.error],
};

/** The number of an answer to a command. What a server says by itself begins with 0. */
const ANSWER = 1;
/** After these it closes, also where they answer a ping. */
const ENDING: readonly Goodbye[] = ['admin_shutdown', 'idle_limit', 'protocol_error'];

const NOTHING: readonly Step[] = [];
const PINGING: readonly Step[] = [{ kind: 'send', bytes: PING }];

/** `greeting`: nothing came yet; `securing`: TLS was asked for, and its handshake goes on. */
type State = 'greeting' | 'securing' | 'opening' | 'held' | 'saidGoodbye' | 'over';

class MysqlSession implements Session {
  readonly #settings: MysqlSettings;
  /** Null once the login began: a held connection needs it no more, and it would keep the attempt and the password. */
  #context: SessionContext | null;
  readonly #framer = new Framer({
    headerBytes: HEADER_BYTES,
    sizeOf: (header) => (this.#isExpected(header) ? packetSize(header) : null),
    keepAtMost: KEPT_BYTES,
  });
  /** Null before TLS stands, and once the login began. */
  #greeting: MysqlGreeting | null = null;
  /** Null before it began and once it is done. */
  #login: MysqlLogin | null = null;
  #isAsked = false;
  #state: State = 'greeting';

  constructor(settings: MysqlSettings, context: SessionContext) {
    this.#settings = settings;
    this.#context = context;
  }

  start(): readonly Step[] {
    return NOTHING; // the server speaks first
  }

  secured(): readonly Step[] {
    if (this.#state !== 'securing' || this.#greeting === null) return NOTHING;
    return this.#logIn(this.#greeting, 2); // the request for TLS was number 1
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    // In the middle of a handshake bytes go to TLS; whoever gives them to us anyway has lost the order.
    if (this.#state === 'securing') return this.#refuse('protocol_error');
    return stepsOfFrames(this.#framer, bytes, {
      take: (frame) => this.#take(frame),
      broken: (beginning) => this.#broken(beginning),
    });
  }

  beat(): readonly Step[] {
    this.#isAsked = true;
    return PINGING;
  }

  farewell(): Farewell | null {
    if (this.#state === 'held') return { bytes: QUIT, awaited: false };
    // TLS stands, and the certificate is not to be trusted.
    if (this.#greeting !== null) return { bytes: nobodysLogin(this.#greeting, true), awaited: false };
    return null;
  }

  #isExpected([a = 0, b = 0, c = 0, sequence = 0, type = 0]: Uint8Array): boolean {
    const state = this.#state;
    if (state !== 'greeting' && state !== 'opening' && state !== 'held') return true;
    const isFirst = type !== TYPE.greeting || sequence === 0;
    const isShort = a + b * 0x100 + c * 0x10000 <= LONGEST_IN_LOGIN;
    return EXPECTED[state].includes(type) && isFirst && (state === 'held' || isShort);
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const body = bytes.subarray(TYPE_AT);
    const [type] = body;
    switch (this.#state) {
      case 'greeting':
        return type === TYPE.error ? this.#refusedBy(body) : this.#greeted(bytes);
      case 'opening':
        return type === TYPE.error ? this.#refusedBy(body) : this.#takeOpening(bytes);
      case 'held':
        return this.#takeHeld(bytes);
      case 'securing':
      case 'saidGoodbye':
      case 'over':
        return NOTHING;
    }
  }

  #greeted(bytes: Uint8Array): readonly Step[] {
    const greeting = readMysqlGreeting(bytes.subarray(TYPE_AT));
    if (greeting === null) return this.#refuse('protocol_error');
    if (this.#context?.tls !== true) return this.#logIn(greeting, 1);
    if (!has(greeting.capabilities, CAPABILITY.ssl)) {
      return [sending(nobodysLogin(greeting, false)), ...this.#refuse('tls_mismatch')];
    }
    // They could be an attacker's, put in before TLS.
    if (this.#framer.left > 0) return this.#refuse('protocol_error');
    this.#greeting = greeting;
    this.#state = 'securing';
    const request = sslRequest(commonCapabilities(greeting.capabilities, true));
    return [sending(mysqlPacket(1, request)), { kind: 'startTls' }];
  }

  /** Once for each session. TLS stands by now where the group has it. */
  #logIn(greeting: MysqlGreeting, sequence: number): readonly Step[] {
    if (this.#context === null) return NOTHING;
    const { username, serverPublicKey } = this.#settings;
    const { password, random, tls: isSecure } = this.#context;
    this.#context = null;
    this.#greeting = null;
    this.#state = 'opening';
    this.#login = new MysqlLogin({ password, serverPublicKey, random, isSecure }, greeting.nonce);
    const capabilities = commonCapabilities(greeting.capabilities, isSecure);
    const words = loginRequest({ capabilities, username, ...this.#login.begin(greeting.plugin) });
    return [sending(mysqlPacket(sequence, words))];
  }

  #takeOpening(bytes: Uint8Array): readonly Step[] {
    const [, , , sequence = 0, type] = bytes;
    if (type === TYPE.ok) {
      this.#state = 'held';
      this.#login = null;
      return [{ kind: 'ready' }];
    }
    const body = bytes.subarray(TYPE_AT);
    const answer = type === TYPE.moreData ? this.#login?.continued(body) : this.#login?.switched(body);
    return answer === undefined ? NOTHING : this.#say(answer, sequence + 1);
  }

  #say(answer: LoginAnswer, sequence: number): readonly Step[] {
    switch (answer.kind) {
      case 'say':
        return [sending(mysqlPacket(sequence, answer.body))];
      case 'wait':
        return NOTHING;
      case 'refuse': {
        const last = answer.body === null ? NOTHING : [sending(mysqlPacket(sequence, answer.body))];
        return [...last, ...this.#refuse(answer.goodbye)];
      }
    }
  }

  /** A server that says no to a ping is alive, unless it says that it ends the connection. */
  #takeHeld(bytes: Uint8Array): readonly Step[] {
    const [, , , sequence, type] = bytes;
    if (type === TYPE.error) {
      const { goodbye, goodbyeCode } = readMysqlError(bytes.subarray(TYPE_AT));
      const isAnswer = this.#isAsked && sequence === ANSWER && !ENDING.includes(goodbye);
      if (!isAnswer) {
        this.#state = 'saidGoodbye';
        return [{ kind: 'goodbye', goodbye, ...codeOf(goodbyeCode), then: 'peerCloses' }];
      }
    }
    if (!this.#isAsked) return NOTHING;
    this.#isAsked = false;
    return [{ kind: 'answered' }];
  }

  #refusedBy(body: Uint8Array): readonly Step[] {
    const { goodbye, goodbyeCode } = readMysqlError(body);
    return this.#refuse(goodbye, goodbyeCode);
  }

  #refuse(goodbye: Goodbye, code?: string): readonly Step[] {
    this.#end();
    return [{ kind: 'refused', goodbye, ...codeOf(code) }];
  }

  #broken(bytes: Uint8Array): readonly Step[] {
    this.#end();
    return [{ kind: 'broken', expected: notOurs(latin1(bytes.subarray(0, 8)), 'packets of MySQL') }];
  }

  #end(): void {
    this.#state = 'over';
    this.#context = null;
    this.#greeting = null;
    this.#login = null;
  }
}

function sending(bytes: Uint8Array): Step {
  return { kind: 'send', bytes };
}

function codeOf(code: string | undefined): { readonly code?: string } {
  return code === undefined ? {} : { code };
}

/** The length counts neither itself nor the number. */
function packetSize([a = 0, b = 0, c = 0]: Uint8Array): number {
  return 4 + a + b * 0x100 + c * 0x10000;
}
