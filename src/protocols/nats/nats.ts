import type { Goodbye } from '../../domain/goodbye.ts';
import type { NatsSettings } from '../../settings/protocol-settings.ts';
import { joinBytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';
import { LineReader } from '../line-reader.ts';
import { notOurs } from '../not-ours.ts';
import type { AfterGoodbye, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { NATS_GOODBYES, NATS_REFUSALS, readNatsError } from './nats-errors.ts';

/**
 * Servers of NATS. Nothing is subscribed and nothing published.
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export const nats: ProtocolKind<'nats'> = {
  name: 'nats',
  create: (settings) => ({
    expectsAnswer: true,
    tls: settings.tlsFirst ? 'atOnce' : 'inBand',
    alpn: [],
    goodbyes: { connect: NATS_REFUSALS, held: NATS_GOODBYES },
    open: (context) => new NatsSession(settings, context),
  }),
};

const NOTHING: readonly Step[] = [];
const PING = joinBytes('PING\r\n');
const PINGING: readonly Step[] = [{ kind: 'send', bytes: PING }];
const EXPECTED = 'lines of NATS';
/** What a server says to somebody who subscribed to nothing. */
const WORDS = ['INFO', 'PING', 'PONG', '+OK', '-ERR'];

/** `greeting`: its INFO did not come yet; `securing`: the handshake of TLS goes on. */
type State = 'greeting' | 'securing' | 'opening' | 'held' | 'over';

/** What of an INFO matters here. */
type ServerInfo = { readonly wantsTls: boolean; readonly offersTls: boolean; readonly isLameDuck: boolean };

class NatsSession implements Session {
  readonly #settings: NatsSettings;
  /** Until the login goes out. */
  #context: SessionContext | null;
  readonly #lines = new LineReader();
  #isAsked = false;
  /** In the piece that is being read. */
  #pings = 0;
  #saidGoodbye = false;
  #state: State = 'greeting';

  constructor(settings: NatsSettings, context: SessionContext) {
    this.#settings = settings;
    this.#context = context;
  }

  start(): readonly Step[] {
    return NOTHING; // the server speaks first
  }

  secured(): readonly Step[] {
    return this.#state === 'securing' ? this.#logIn() : NOTHING;
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  /** All PONGs to one piece go out in one write: a peer decides how often it asks. */
  received(bytes: Uint8Array): readonly Step[] {
    // In the middle of a handshake bytes go to TLS; whoever gives them to us anyway has lost the order.
    if (this.#state === 'securing') return this.#refuse('protocol_error');
    const steps: Step[] = [];
    this.#pings = 0;
    this.#lines.feed(bytes);
    while (this.#state !== 'over') {
      const next = this.#lines.next();
      if (next.kind === 'more') break;
      if (next.kind === 'broken') steps.push(...this.#broken('a line of NATS was longer than 8 KiB'));
      else steps.push(...this.#take(next.text));
    }
    // A peer that speaks another protocol may never send the end of a line.
    const begun = latin1(this.#lines.begun.subarray(0, 8));
    if (this.#state !== 'over' && !mayBegin(begun)) steps.push(...this.#broken(notOurs(begun, EXPECTED)));
    // Behind our CONNECT, which comes first, and not into a handshake of TLS.
    if (this.#pings > 0 && (this.#state === 'opening' || this.#state === 'held'))
      steps.push({ kind: 'send', bytes: joinBytes('PONG\r\n'.repeat(this.#pings)) });
    return steps;
  }

  beat(): readonly Step[] {
    this.#isAsked = true;
    return PINGING;
  }

  farewell(): null {
    return null; // clients just close
  }

  #take(line: string): readonly Step[] {
    const [word = ''] = line.split(/[ \t]/, 1);
    const rest = line.slice(word.length).trim();
    switch (word.toUpperCase()) {
      case 'INFO':
        return this.#informed(rest);
      case 'PING':
        this.#pings += 1;
        return NOTHING;
      case 'PONG':
        return this.#answered();
      case '-ERR':
        return this.#failed(rest.replaceAll("'", ''));
      case '+OK':
        return NOTHING;
      default:
        return this.#broken(notOurs(line.slice(0, 8), EXPECTED));
    }
  }

  #informed(json: string): readonly Step[] {
    const info = readInfo(json);
    if (info === null) return this.#broken(`expected ${EXPECTED}, and an INFO came that is no JSON`);
    if (this.#state === 'greeting') return this.#greeted(info);
    if (this.#state !== 'held' || !info.isLameDuck) return NOTHING;
    return this.#leave('lame_duck', 'goesOn');
  }

  #greeted({ wantsTls, offersTls }: ServerInfo): readonly Step[] {
    const hasTls = this.#context?.tls ?? false;
    if (!hasTls && wantsTls) return this.#refuse('tls_mismatch');
    if (!hasTls || this.#settings.tlsFirst) return this.#logIn();
    if (!wantsTls && !offersTls) return this.#refuse('tls_mismatch');
    // Bytes behind the INFO could be an attacker's, put in before TLS.
    if (this.#lines.takeRest().length > 0) return this.#refuse('protocol_error');
    this.#state = 'securing';
    return [{ kind: 'startTls' }];
  }

  /** Once for each session. TLS stands by now where the group has it. */
  #logIn(): readonly Step[] {
    if (this.#context === null) return NOTHING;
    const { tls, password, userAgent } = this.#context;
    const { username } = this.#settings;
    this.#context = null;
    this.#state = 'opening';
    const connect = {
      verbose: false,
      pedantic: false,
      tls_required: tls,
      name: 'finrst',
      lang: 'finrst',
      version: userAgent.replace(/^.*\//, ''),
      protocol: 1, // INFO may come again: so a server says that it will go
      echo: false,
      ...(password === null ? {} : username === null ? { auth_token: password } : { user: username, pass: password }),
    };
    return [{ kind: 'send', bytes: joinBytes(`CONNECT ${JSON.stringify(connect)}\r\n`, PING) }];
  }

  #answered(): readonly Step[] {
    if (this.#state === 'opening') {
      this.#state = 'held';
      return [{ kind: 'ready' }];
    }
    if (!this.#isAsked) return NOTHING;
    this.#isAsked = false;
    return [{ kind: 'answered' }];
  }

  #failed(words: string): readonly Step[] {
    const goodbye = readNatsError(words);
    if (goodbye === null) return NOTHING;
    if (this.#state !== 'held') return this.#refuse(goodbye);
    return this.#leave(goodbye, 'peerCloses');
  }

  #leave(goodbye: Goodbye, then: AfterGoodbye): readonly Step[] {
    if (this.#saidGoodbye) return NOTHING;
    this.#saidGoodbye = true;
    return [{ kind: 'goodbye', goodbye, then }];
  }

  #refuse(goodbye: (typeof NATS_REFUSALS)[number]): readonly Step[] {
    this.#state = 'over';
    return [{ kind: 'refused', goodbye }];
  }

  #broken(expected: string): readonly Step[] {
    this.#state = 'over';
    return [{ kind: 'broken', expected }];
  }
}

/** Whether a line of NATS can begin so. */
function mayBegin(begun: string): boolean {
  const word = begun.toUpperCase();
  return WORDS.some((known) => known.startsWith(word.slice(0, known.length)));
}

/** Null: it is no JSON object. */
function readInfo(json: string): ServerInfo | null {
  let info: unknown;
  try {
    info = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof info !== 'object' || info === null) return null;
  const isTrue = (key: string): boolean => Object.hasOwn(info, key) && Reflect.get(info, key) === true;
  return { wantsTls: isTrue('tls_required'), offersTls: isTrue('tls_available'), isLameDuck: isTrue('ldm') };
}
