import type { KafkaSettings } from '../../settings/protocol-settings.ts';
import { Scram } from '../scram.ts';
import type { Derivation, SessionContext } from '../session.ts';

/** The mechanisms by the names that brokers have for them. */
export const MECHANISM = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

/** What comes of an answer: it has to be derived, the login is done, or the broker did not prove itself. */
export type SaslNews =
  | { readonly kind: 'derive'; readonly derivation: Derivation }
  | { readonly kind: 'done' }
  | { readonly kind: 'refuse'; readonly goodbye: 'protocol_error' | 'auth_failed' };

/** What is said inside SaslAuthenticate. With SCRAM the broker has to prove that it knows the password, too. */
export class KafkaSasl {
  readonly #plain: string | null;
  readonly #scram: Scram | null;
  #isDerived = false;

  constructor(sasl: keyof typeof MECHANISM, { username }: KafkaSettings, { password, random }: SessionContext) {
    const isPlain = sasl === 'plain';
    this.#plain = isPlain ? `\0${username ?? ''}\0${password ?? ''}` : null;
    const digest = sasl === 'scram-sha-512' ? 'sha512' : 'sha256';
    const facts = { username: username ?? '', password: password ?? '', channelBinding: null, random, digest } as const;
    this.#scram = isPlain ? null : new Scram(facts);
  }

  first(): string {
    return this.#plain ?? this.#scram?.first() ?? '';
  }

  answered(text: string): SaslNews {
    if (this.#scram === null) return { kind: 'done' };
    if (this.#isDerived) return this.#scram.isProvedBy(text) ? { kind: 'done' } : refuse('auth_failed');
    const derivation = this.#scram.challenged(text);
    return derivation === null ? refuse('protocol_error') : { kind: 'derive', derivation };
  }

  derived(key: Uint8Array): string | null {
    if (this.#scram === null) return null;
    this.#isDerived = true;
    return this.#scram.answer(key);
  }
}

function refuse(goodbye: 'protocol_error' | 'auth_failed'): SaslNews {
  return { kind: 'refuse', goodbye };
}
