import type { Session, Step } from '../session.ts';
import { type AnswerHead, AnswerReader } from './answer-reader.ts';
import { goodbyeOf, isNoAnswer, refusalOf } from './statuses.ts';

/** What is asked again and again. */
export type HttpRequest = {
  /** Null: it cannot be written. */
  readonly request: Uint8Array | null;
  readonly hasCredentials: boolean;
};

const WANTED: ReadonlySet<string> = new Set(['connection', 'keep-alive']);
const SWITCHING_PROTOCOLS = 101;
/** Of the time that a server keeps a silent connection. */
const BEAT_SHARE = 0.8;

const NOTHING: readonly Step[] = [];

/**
 * HTTP/1.1 over a connection that stays: the same request as login and as each heartbeat. Any answer is a sign of life but
 * those by which a proxy says that there is none; the last one, and one that nobody asked for, are goodbyes.
 */
export class HttpSession implements Session {
  readonly #request: HttpRequest;
  readonly #answers = new AnswerReader(WANTED);
  /** An answer is due. */
  #isAsked = false;
  #state: 'opening' | 'held' | 'saidGoodbye' | 'over' = 'opening';

  constructor(request: HttpRequest) {
    this.#request = request;
  }

  start(): readonly Step[] {
    const { request } = this.#request;
    if (request !== null) return this.#ask(request);
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
    if (!this.#isListening()) return NOTHING; // the body of a last answer
    const steps: Step[] = [];
    this.#answers.feed(bytes);
    while (this.#isListening()) {
      const next = this.#answers.next();
      if (next.kind === 'more') break;
      if (next.kind === 'broken') this.#break(next.expected, steps);
      else this.#take(next.head, steps);
    }
    return steps;
  }

  beat(): readonly Step[] {
    const { request } = this.#request;
    return request === null ? NOTHING : this.#ask(request);
  }

  farewell(): null {
    return null; // a client closes as it likes
  }

  #isListening(): boolean {
    return this.#state === 'opening' || this.#state === 'held';
  }

  #ask(bytes: Uint8Array): readonly Step[] {
    this.#isAsked = true;
    return [{ kind: 'send', bytes }];
  }

  #take(head: AnswerHead, steps: Step[]): void {
    if (head.status === SWITCHING_PROTOCOLS) {
      this.#break('expected answers of HTTP; the peer goes over to another protocol, which nobody asked for', steps);
    } else if (this.#state === 'opening') {
      this.#takeFirst(head, steps);
    } else {
      this.#takeNext(head, steps);
    }
  }

  /** A server that closes at once leaves nothing to be held. */
  #takeFirst({ status, isLast, headers }: AnswerHead, steps: Step[]): void {
    this.#isAsked = false;
    if (isLast || isNoAnswer(status)) {
      const goodbye = refusalOf(status, this.#request.hasCredentials) ?? 'protocol_error';
      this.#state = 'over';
      steps.push({ kind: 'refused', goodbye, code: `${status}` });
      return;
    }
    this.#state = 'held';
    const keptMs = 1000 * keptSeconds(headers.get('keep-alive'));
    steps.push(keptMs === 0 ? { kind: 'ready' } : { kind: 'ready', beatWithinMs: BEAT_SHARE * keptMs });
  }

  #takeNext({ status, isLast }: AnswerHead, steps: Step[]): void {
    const isAnswer = this.#isAsked && !isNoAnswer(status);
    if (isAnswer) steps.push({ kind: 'answered' });
    const isAskedFor = this.#isAsked;
    this.#isAsked = false;
    if (isAnswer && !isLast) return;
    this.#state = 'saidGoodbye';
    const goodbye = goodbyeOf(status) ?? (isAskedFor ? 'going_away' : 'other');
    steps.push({ kind: 'goodbye', goodbye, code: `${status}`, then: 'peerCloses' });
  }

  #break(expected: string, steps: Step[]): void {
    this.#state = 'over';
    steps.push({ kind: 'broken', expected });
  }
}

/** How long the server keeps a silent connection, by `Keep-Alive: timeout=N`; 0: it does not say. */
function keptSeconds(value: string | undefined): number {
  const [, seconds = '0'] = /(?:^|[,;\s])timeout\s*=\s*"?([0-9]{1,6})(?![0-9])/i.exec(value ?? '') ?? [];
  return Number(seconds);
}
