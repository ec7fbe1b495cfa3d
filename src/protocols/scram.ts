import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { joinBytes } from './join-bytes.ts';
import type { Derivation } from './session.ts';

/** More would only serve to keep us busy. PostgreSQL's default is 4,096. */
const MOST_ITERATIONS = 1_000_000;
/** 18 bytes are 24 characters of Base64, what libpq sends. */
const NONCE_BYTES = 18;

/** What the channel binding is made of (RFC 5929 4.1); null: none. */
export type ChannelBinding = Uint8Array | null;

/** What a client proves, and to whom. */
export type ScramOptions = {
  readonly password: string;
  readonly channelBinding: ChannelBinding;
  readonly random: (bytes: number) => Uint8Array;
};

/**
 * A SCRAM-SHA-256 client (RFC 5802, RFC 7677), with `tls-server-end-point` where there is a channel binding. The user name is
 * empty: PostgreSQL takes it from its own message. In the order: `first`, `challenged`, `answer`, `isProvedBy`.
 */
export class Scram {
  readonly #password: string;
  readonly #nonce: string;
  readonly #header: string;
  readonly #binding: Uint8Array;
  #serverFirst = '';
  #bothNonces = '';
  #serverSignature: Uint8Array | null = null;

  constructor({ password, channelBinding, random }: ScramOptions) {
    this.#password = password;
    this.#nonce = base64(random(NONCE_BYTES));
    this.#header = channelBinding === null ? 'n,,' : 'p=tls-server-end-point,,';
    this.#binding = channelBinding ?? new Uint8Array();
  }

  /** client-first-message. */
  first(): string {
    return `${this.#header}${this.#firstBare()}`;
  }

  /** Reads server-first-message; null: it is none that we answer, or the second one. */
  challenged(text: string): Derivation | null {
    if (this.#serverFirst !== '') return null; // one slow hash for each login
    const [nonce = '', salt = '', iterations = ''] = text.split(',');
    const isNonceOurs = nonce.startsWith(`r=${this.#nonce}`) && nonce.length > this.#nonce.length + 2;
    const count = /^i=[1-9]\d{0,9}$/.test(iterations) ? Number(iterations.slice(2)) : 0;
    if (!isNonceOurs || !/^s=[\w+/]+=*$/.test(salt) || count < 1 || count > MOST_ITERATIONS) return null;
    this.#serverFirst = text;
    this.#bothNonces = nonce;
    return {
      password: this.#password.normalize('NFKC'), // what SASLprep does to the characters that people use
      salt: Uint8Array.from(Buffer.from(salt.slice(2), 'base64')),
      iterations: count,
      keyBytes: 32,
      digest: 'sha256',
    };
  }

  /** client-final-message, with the salted password that was derived. */
  answer(saltedPassword: Uint8Array): string {
    const withoutProof = `c=${base64(joinBytes(this.#header, this.#binding))},${this.#bothNonces}`;
    const signed = `${this.#firstBare()},${this.#serverFirst},${withoutProof}`;
    const clientKey = hmac(saltedPassword, 'Client Key');
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
    this.#serverSignature = hmac(hmac(saltedPassword, 'Server Key'), signed);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return `${withoutProof},p=${base64(proof)}`;
  }

  /** Whether server-final-message proves that the server knows the password, too. */
  isProvedBy(text: string): boolean {
    const [verifier = ''] = text.split(',');
    const expected = this.#serverSignature;
    const given = Buffer.from(verifier.startsWith('v=') ? verifier.slice(2) : '', 'base64');
    return expected !== null && given.length === expected.length && timingSafeEqual(given, expected);
  }

  #firstBare(): string {
    return `n=,r=${this.#nonce}`;
  }
}

function hmac(key: Uint8Array, text: string): Uint8Array {
  return createHmac('sha256', key).update(text).digest();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
