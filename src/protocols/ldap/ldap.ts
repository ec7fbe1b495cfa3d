import type { Goodbye } from '../../domain/goodbye.ts';
import type { LdapSettings } from '../../settings/protocol-settings.ts';
import { Framer } from '../framer.ts';
import { latin1 } from '../latin1.ts';
import { notOurs } from '../not-ours.ts';
import type { Farewell, ProtocolKind, Session, SessionContext, Step } from '../session.ts';
import { stepsOfFrames } from '../steps-of-frames.ts';
import { elementSize, TAG } from './ber.ts';
import { LDAP_GOODBYES, LDAP_REFUSALS, noticeOf, refusalOf } from './ldap-codes.ts';
import {
  bindRequest,
  type LdapMessage,
  nextId,
  OPERATION,
  readMessage,
  rootSearch,
  startTlsRequest,
  unbindRequest,
} from './ldap-messages.ts';

/** Directories (OpenLDAP, Active Directory, 389 Directory Server), version 3. RFC 4511, 4513. */
export const ldap: ProtocolKind<'ldap'> = {
  name: 'ldap',
  create: (settings) => ({
    expectsAnswer: true,
    tls: settings.starttls ? 'inBand' : 'atOnce',
    alpn: [],
    goodbyes: { connect: LDAP_REFUSALS, held: LDAP_GOODBYES },
    open: (context) => new LdapSession(settings, context),
  }),
};

/** A tag and a length of one byte. */
const HEADER_BYTES = 2;
/** So many bytes tell the usual mistakes apart, where the first one is of no message. */
const BEGINNING_BYTES = 5;
/** The code of a result stands in front; what an operator wrote behind it can be long. */
const KEPT_BYTES = 4 * 1024;

const NOTHING: readonly Step[] = [];

/** `asking`: for TLS; `securing`: its handshake goes on; `opening`: the bind is out. */
type State = 'asking' | 'securing' | 'opening' | 'held' | 'saidGoodbye' | 'over';

class LdapSession implements Session {
  readonly #settings: LdapSettings;
  /** Until the login goes out. */
  #password: string;
  readonly #framer = new Framer({
    headerBytes: HEADER_BYTES,
    sizeOf: (header) => {
      if (header[0] === TAG.sequence) return elementSize(header);
      return header.length < BEGINNING_BYTES ? 'longer' : null;
    },
    keepAtMost: KEPT_BYTES,
  });
  #id = 0;
  /** The number of the heartbeat that is not answered yet; null: there is none. */
  #asked: number | null = null;
  #state: State;

  constructor(settings: LdapSettings, { password, tls }: SessionContext) {
    this.#settings = settings;
    this.#password = password ?? '';
    this.#state = settings.starttls && tls ? 'asking' : 'opening';
  }

  start(): readonly Step[] {
    return this.#state === 'asking' ? [this.#send(startTlsRequest)] : this.#logIn();
  }

  secured(): readonly Step[] {
    if (this.#state !== 'securing') return NOTHING;
    this.#state = 'opening';
    return this.#logIn();
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
    const step = this.#send(rootSearch);
    this.#asked = this.#id;
    return [step];
  }

  farewell(): Farewell | null {
    return this.#state === 'held' ? { bytes: unbindRequest(nextId(this.#id)), awaited: false } : null;
  }

  #send(request: (id: number) => Uint8Array): Step {
    this.#id = nextId(this.#id);
    return { kind: 'send', bytes: request(this.#id) };
  }

  #logIn(): readonly Step[] {
    const password = this.#password;
    this.#password = '';
    return [this.#send((id) => bindRequest(id, this.#settings.username ?? '', password))];
  }

  #take(bytes: Uint8Array): readonly Step[] {
    const message = readMessage(bytes);
    if (message === null) return this.#broken(bytes);
    if (message.isNotice) return this.#left(message.code);
    switch (this.#state) {
      case 'asking':
        return this.#answeredTls(message);
      case 'opening':
        return this.#answeredBind(message);
      case 'held':
      case 'saidGoodbye':
        return this.#answered(message);
      case 'securing':
      case 'over':
        return NOTHING;
    }
  }

  #answeredTls({ id, operation, code }: LdapMessage): readonly Step[] {
    if (id !== this.#id || operation !== OPERATION.extendedResponse || code === null) return NOTHING;
    if (code !== 0) return this.#refuse('tls_mismatch', code);
    // Bytes behind the consent could be an attacker's, put in before TLS.
    if (this.#framer.left > 0) return this.#refuse('protocol_error');
    this.#state = 'securing';
    return [{ kind: 'startTls' }];
  }

  #answeredBind({ id, operation, code }: LdapMessage): readonly Step[] {
    if (id !== this.#id || operation !== OPERATION.bindResponse || code === null) return NOTHING;
    if (code !== 0) return this.#refuse(refusalOf(code), code);
    this.#state = 'held';
    return [{ kind: 'ready' }];
  }

  /** A server that refuses the search is alive. */
  #answered({ id, operation }: LdapMessage): readonly Step[] {
    if (id !== this.#asked || operation !== OPERATION.searchDone) return NOTHING;
    this.#asked = null;
    return [{ kind: 'answered' }];
  }

  #left(code: number | null): readonly Step[] {
    if (this.#state === 'saidGoodbye') return NOTHING;
    if (this.#state !== 'held') return this.#refuse(code === null ? 'other' : refusalOf(code), code);
    this.#state = 'saidGoodbye';
    const goodbye = code === null ? 'other' : noticeOf(code);
    return [{ kind: 'goodbye', goodbye, ...codeOf(code), then: 'peerCloses' }];
  }

  #refuse(goodbye: Goodbye, code: number | null = null): readonly Step[] {
    this.#end();
    return [{ kind: 'refused', goodbye, ...codeOf(code) }];
  }

  #broken(beginning: Uint8Array): readonly Step[] {
    this.#end();
    return [{ kind: 'broken', expected: notOurs(latin1(beginning.subarray(0, 8)), 'messages of LDAP') }];
  }

  #end(): void {
    this.#state = 'over';
    this.#password = '';
  }
}

function codeOf(code: number | null): { readonly code?: string } {
  return code === null ? {} : { code: String(code) };
}
