import type { Protocol, ProtocolKind, Session, Step } from '../session.ts';
import { type AnswerMatcher, createAnswerMatcher } from '../answer-matcher.ts';

/** Bytes to send and bytes to expect, as the configuration has them: the peer's words mean nothing else to us. */
export const sendExpect: ProtocolKind<'send_expect'> = {
  name: 'send_expect',
  create({ send, expect }): Protocol {
    const sending = [{ kind: 'send', bytes: send }] as const;
    return {
      expectsAnswer: expect !== null,
      tls: 'atOnce',
      alpn: [],
      goodbyes: { connect: [], held: [] },
      open: () => (expect === null ? new OneWaySession(sending) : new AnsweredSession(sending, expect)),
    };
  },
};

const NOTHING: readonly Step[] = [];
const READY: readonly Step[] = [{ kind: 'ready' }];
const ANSWERED: readonly Step[] = [{ kind: 'answered' }];

/** No answer is needed: it is ready at once. */
class OneWaySession implements Session {
  readonly #sending: readonly Step[];

  constructor(sending: readonly Step[]) {
    this.#sending = sending;
  }

  start(): readonly Step[] {
    return READY;
  }

  received(): readonly Step[] {
    return NOTHING;
  }

  secured(): readonly Step[] {
    return NOTHING;
  }

  derived(): readonly Step[] {
    return NOTHING;
  }

  farewell(): null {
    return null;
  }

  beat(): readonly Step[] {
    return this.#sending;
  }
}

/** It sends at once, and is ready with the first answer. */
class AnsweredSession implements Session {
  readonly #sending: readonly Step[];
  readonly #matcher: AnswerMatcher;
  #isReady = false;
  #isOutstanding = false;

  constructor(sending: readonly Step[], expect: Uint8Array) {
    this.#sending = sending;
    this.#matcher = createAnswerMatcher(expect);
  }

  start(): readonly Step[] {
    return this.beat();
  }

  received(bytes: Uint8Array): readonly Step[] {
    if (!this.#isOutstanding || !this.#matcher.feed(bytes)) return NOTHING;
    this.#isOutstanding = false;
    if (this.#isReady) return ANSWERED;
    this.#isReady = true;
    return READY;
  }

  secured(): readonly Step[] {
    return NOTHING;
  }

  derived(): readonly Step[] {
    return NOTHING;
  }

  farewell(): null {
    return null;
  }

  beat(): readonly Step[] {
    this.#isOutstanding = true;
    this.#matcher.reset(); // bytes that came before are no answer to this heartbeat
    return this.#sending;
  }
}
