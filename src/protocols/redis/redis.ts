import type { RedisSettings } from '../../settings/protocol-settings.ts';
import { joinBytes } from '../join-bytes.ts';
import { latin1 } from '../latin1.ts';
import { LineReader } from '../line-reader.ts';
import { notOurs } from '../not-ours.ts';
import type { ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { readRedisError, REDIS_GOODBYES } from './redis-errors.ts';

/**
 * Redis and what speaks its protocol (Valkey, KeyDB, Sentinel, Dragonfly): RESP2, which all of them and their proxies know.
 * AUTH, CLIENT SETNAME and PING go out in one write. https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export const redis: ProtocolKind<'redis'> = {
  name: 'redis',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    goodbyes: { connect: REDIS_GOODBYES, held: REDIS_GOODBYES },
    open: (context) => new RedisSession(settings, context),
  }),
};

/** What the next reply answers: replies come in the order of the commands. */
type Asked = 'auth' | 'setname' | 'ping' | 'beat';

/** Shared by all sessions. */
const NONE: readonly Asked[] = [];
const BEAT: readonly Asked[] = ['beat'];

const NOTHING: readonly Step[] = [];

class RedisSession implements Session {
  readonly #settings: RedisSettings;
  /** Until the login goes out. */
  #password: string | null;
  readonly #lines = new LineReader();
  /** The replies that are due, in their order. */
  #asked: readonly Asked[] = NONE;
  #saidGoodbye = false;
  #state: 'opening' | 'held' | 'over' = 'opening';

  constructor(settings: RedisSettings, { password }: SessionContext) {
    this.#settings = settings;
    this.#password = password;
  }

  start(): readonly Step[] {
    const { username, clientName } = this.#settings;
    const commands: Uint8Array[] = [];
    const asked: Asked[] = [];
    if (this.#password !== null) {
      asked.push('auth');
      commands.push(command('AUTH', ...(username === null ? [] : [username]), this.#password));
    }
    if (clientName !== '') {
      asked.push('setname');
      commands.push(command('CLIENT', 'SETNAME', clientName));
    }
    this.#password = null;
    this.#asked = [...asked, 'ping'];
    return [{ kind: 'send', bytes: joinBytes(...commands, PING) }];
  }

  secured(): readonly Step[] {
    return NOTHING; // TLS comes first
  }

  derived(): readonly Step[] {
    return NOTHING; // nothing was asked for
  }

  received(bytes: Uint8Array): readonly Step[] {
    const steps: Step[] = [];
    this.#lines.feed(bytes);
    while (this.#state !== 'over') {
      const next = this.#lines.next();
      if (next.kind === 'more') break;
      if (next.kind === 'broken') steps.push(this.#broken('a line of Redis was longer than 8 KiB'));
      else if (/^[-+:]/.test(next.text)) this.#take(next.text, steps);
      else steps.push(this.#broken(notOurs(next.text, 'answers of Redis')));
    }
    // A peer that speaks another protocol may never send the end of a line.
    const begun = latin1(this.#lines.begun.subarray(0, 8));
    if (this.#state !== 'over' && begun !== '' && !/^[-+:]/.test(begun)) {
      steps.push(this.#broken(notOurs(begun, 'answers of Redis')));
    }
    return steps;
  }

  beat(): readonly Step[] {
    this.#asked = BEAT;
    return PINGING;
  }

  farewell(): null {
    return null; // QUIT is deprecated, and no server logs an end without it
  }

  #broken(expected: string): Step {
    this.#state = 'over';
    return { kind: 'broken', expected };
  }

  #take(line: string, steps: Step[]): void {
    const isError = line.startsWith('-');
    const [asked, ...later] = this.#asked;
    this.#asked = later.length === 0 ? NONE : later;
    if (asked === undefined) {
      if (isError && !this.#saidGoodbye) steps.push({ kind: 'goodbye', ...said(line), then: 'goesOn' });
      this.#saidGoodbye ||= isError;
    } else if (asked === 'beat') {
      steps.push({ kind: 'answered' }); // also -BUSY, -LOADING, -NOPERM: who says no is alive
    } else if (isError && !isHarmless(asked, line)) {
      this.#state = 'over';
      steps.push({ kind: 'refused', ...said(line) });
    } else if (asked === 'ping') {
      this.#state = 'held';
      steps.push({ kind: 'ready' });
    }
  }
}

/** A proxy may not know CLIENT, and a user that may not even PING is logged in all the same. */
function isHarmless(asked: Asked, line: string): boolean {
  return asked === 'setname' || (asked === 'ping' && line.startsWith('-NOPERM'));
}

function said(line: string) {
  const { goodbye, goodbyeCode } = readRedisError(line);
  return goodbyeCode === undefined ? { goodbye } : { goodbye, code: goodbyeCode };
}

/** An array of bulk strings, the form in which nothing has to be escaped. */
function command(...words: readonly string[]): Uint8Array {
  const encoded = words.map((word) => joinBytes(word));
  const parts = encoded.flatMap((word) => [`$${word.length}\r\n`, word, '\r\n']);
  return joinBytes(`*${words.length}\r\n`, ...parts);
}

const PING = command('PING');
const PINGING: readonly Step[] = [{ kind: 'send', bytes: PING }];
