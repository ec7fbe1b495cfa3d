import type { Protocol, ProtocolKind, Session, Step } from '../session.ts';
import { type AnswerMatcher, createAnswerMatcher } from './answer-matcher.ts';

/** What is sent, and what must come back. */
export type SendExpectOptions = {
  /** Written at each heartbeat. */
  readonly send: Uint8Array;
  /** What an answer must contain, at least one byte; null: no answer is needed. */
  readonly expect: Uint8Array | null;
};

/** Bytes to send and bytes to expect, as the configuration has them: the peer's words mean nothing else to us. */
export const sendExpect: ProtocolKind<SendExpectOptions> = {
  name: 'send_expect',
  create({ send, expect }): Protocol {
    return { open: () => new SendExpectSession(send, expect) };
  },
};

const NOTHING: readonly Step[] = [];
const READY: readonly Step[] = [{ kind: 'ready' }];
const ANSWERED: readonly Step[] = [{ kind: 'answered' }];

class SendExpectSession implements Session {
  readonly #beat: readonly Step[];
  readonly #matcher: AnswerMatcher | null;
  #isOutstanding = false;

  constructor(send: Uint8Array, expect: Uint8Array | null) {
    this.#beat = [{ kind: 'send', bytes: send }];
    this.#matcher = expect === null ? null : createAnswerMatcher(expect);
  }

  start(): readonly Step[] {
    return READY;
  }

  received(bytes: Uint8Array): readonly Step[] {
    if (!this.#isOutstanding || this.#matcher?.feed(bytes) !== true) return NOTHING;
    this.#isOutstanding = false;
    return ANSWERED;
  }

  beat(): readonly Step[] {
    this.#isOutstanding = true;
    this.#matcher?.reset(); // bytes that came before are no answer to this heartbeat
    return this.#beat;
  }
}
