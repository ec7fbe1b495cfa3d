import type { Goodbye } from '../../domain/goodbye.ts';
import type { ZookeeperSettings } from '../../settings/protocol-settings.ts';
import { ByteReader } from '../byte-reader.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import {
  CLOSE_REQUEST,
  connectRequest,
  LENGTH_BYTES,
  PING_REQUEST,
  readConnectResponse,
  readPingReply,
  SHORTEST_REPLY,
} from './zookeeper-records.ts';

/**
 * Servers of ZooKeeper. A session of its own for each connection; no node is read, written or watched.
 * https://zookeeper.apache.org/doc/current/zookeeperProgrammers.html#ch_zkSessions
 */
export const zookeeper: ProtocolKind<'zookeeper'> = {
  name: 'zookeeper',
  create: (settings) => ({
    expectsAnswer: true,
    tls: 'atOnce',
    alpn: [],
    // The protocol has no words for an end.
    goodbyes: { connect: ['auth_method', 'other'], held: [] },
    open: (context) => new ZookeeperSession(settings, context),
  }),
};

/** The length, and one byte behind it: enough to know other protocols by. */
const HEADER_BYTES = 5;
/** Nothing is asked for that is longer than a few bytes. */
const LONGEST = 64 * 1024;
/** Where we are silent and nothing is written: what our heartbeats ask for by default. */
const SILENT_TIMEOUT_MS = 30_000;
/** A session lives for three intervals, so that one heartbeat may be lost and another be late. */
const BEATS_PER_TIMEOUT = 3;
const MOST_MS = 0x7fffffff;
/** SESSIONCLOSEDREQUIRESASLAUTH of KeeperException.Code: whoever does not log in may ask for nothing. */
const WANTS_LOGIN = -124;

const NOTHING: readonly Step[] = [];
const PINGING: readonly Step[] = [{ kind: 'send', bytes: PING_REQUEST }];

/** `checking`: there is a session, and its first ping is out: a server that wants a login refuses only that. */
type State = 'opening' | 'checking' | 'held';

class ZookeeperSession implements Session {
  readonly #framer = new Framer({ headerBytes: HEADER_BYTES, sizeOf, keepAtMost: LONGEST });
  /** What we ask for, then what the server gives. */
  #timeoutMs: number;
  #isAsked = false;
  #state: State = 'opening';

  constructor({ sessionTimeoutMs }: ZookeeperSettings, { beatEveryMs }: SessionContext) {
    const ofBeats = beatEveryMs === null ? SILENT_TIMEOUT_MS : BEATS_PER_TIMEOUT * beatEveryMs;
    this.#timeoutMs = Math.min(sessionTimeoutMs ?? ofBeats, MOST_MS);
  }

  start(): readonly Step[] {
    return [{ kind: 'send', bytes: connectRequest(this.#timeoutMs) }];
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
    this.#isAsked = true;
    return PINGING;
  }

  farewell(): Farewell | null {
    return this.#state === 'opening' ? null : { bytes: CLOSE_REQUEST, awaited: false };
  }

  #take(bytes: Uint8Array): readonly Step[] {
    if (this.#state === 'opening') return this.#opened(bytes);
    const error = readPingReply(bytes);
    if (error === null) return NOTHING; // a change of something that we never asked about
    if (this.#state === 'checking') return this.#checked(error);
    if (!this.#isAsked) return NOTHING;
    this.#isAsked = false;
    return [{ kind: 'answered' }]; // an error is life, too
  }

  #opened(bytes: Uint8Array): readonly Step[] {
    const timeoutMs = readConnectResponse(bytes);
    if (timeoutMs === null) return broken(bytes);
    if (timeoutMs === 0) return refuse('other');
    this.#timeoutMs = timeoutMs;
    this.#state = 'checking';
    return PINGING;
  }

  #checked(error: number): readonly Step[] {
    if (error !== 0) return refuse(error === WANTS_LOGIN ? 'auth_method' : 'other', error);
    this.#state = 'held';
    return [{ kind: 'ready', beatWithinMs: this.#timeoutMs / BEATS_PER_TIMEOUT }];
  }
}

function refuse(goodbye: Goodbye, error?: number): readonly Step[] {
  return [{ kind: 'refused', goodbye, ...(error !== undefined && { code: String(error) }) }];
}

function broken(beginning: Uint8Array): readonly Step[] {
  return [{ kind: 'broken', expected: notOurs(latin1(beginning.subarray(0, 8)), 'answers of ZooKeeper') }];
}

/** The length does not count itself. */
function sizeOf(header: Uint8Array): number | null {
  const size = LENGTH_BYTES + (new ByteReader(header).uint32() ?? LONGEST);
  return size < SHORTEST_REPLY || size > LONGEST ? null : size;
}
