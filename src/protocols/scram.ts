import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { joinBytes } from './join-bytes.ts';
import type { Derivation } from './session.ts';

/** More would only serve to keep us busy. PostgreSQL's default is 4,096. */
const MOST_ITERATIONS = 1_000_000;
/** Up to 384 bytes of Base64: what comes of it is remembered by its salt, and servers have 16 to 32 bytes. */
const SALT = /^s=(?=.{1,512}$)[\w+/]+=*$/;
/** 18 bytes are 24 characters of Base64, what libpq sends. */
const NONCE_BYTES = 18;

/** What the channel binding is made of (RFC 5929 4.1); null: none. */
export type ChannelBinding = Uint8Array | null;

/** The hash of a mechanism, and how long its keys are. */
const KEY_BYTES = { sha256: 32, sha512: 64 } as const;

/** What a client proves, and to whom. */
export type ScramOptions = {
  /** Empty where the protocol says it beside. */
  readonly username: string;
  readonly password: string;
  readonly channelBinding: ChannelBinding;
  readonly random: (bytes: number) => Uint8Array;
  readonly digest: keyof typeof KEY_BYTES;
};

/**
 * A client of SCRAM-SHA-256 or -512 (RFC 5802, RFC 7677), with `tls-server-end-point` where there is a channel binding. In the
 * order: `first`, `challenged`, `answer`, `isProvedBy`.
 */
export class Scram {
  readonly #username: string;
  readonly #password: string;
  readonly #digest: keyof typeof KEY_BYTES;
  readonly #nonce: string;
  readonly #header: string;
  readonly #binding: Uint8Array;
  #serverFirst = '';
  #bothNonces = '';
  #serverSignature: Uint8Array | null = null;

  constructor({ username, password, channelBinding, random, digest }: ScramOptions) {
    this.#username = username;
    this.#digest = digest;
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
    if (!isNonceOurs || !SALT.test(salt) || count < 1 || count > MOST_ITERATIONS) return null;
    this.#serverFirst = text;
    this.#bothNonces = nonce;
    return {
      password: this.#password.normalize('NFKC'), // what SASLprep does to the characters that people use
      salt: Uint8Array.from(Buffer.from(salt.slice(2), 'base64')),
      iterations: count,
      keyBytes: KEY_BYTES[this.#digest],
      digest: this.#digest,
    };
  }

  /** client-final-message, with the salted password that was derived. */
  answer(saltedPassword: Uint8Array): string {
    const withoutProof = `c=${base64(joinBytes(this.#header, this.#binding))},${this.#bothNonces}`;
    const signed = `${this.#firstBare()},${this.#serverFirst},${withoutProof}`;
    const digest = this.#digest;
    const clientKey = hmac(digest, saltedPassword, 'Client Key');
    const signature = hmac(digest, createHash(digest).update(clientKey).digest(), signed);
    this.#serverSignature = hmac(digest, hmac(digest, saltedPassword, 'Server Key'), signed);
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
    // Commas and equals signs would end a part of the message.
    const name = this.#username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
    return `n=${name},r=${this.#nonce}`;
  }
}

function hmac(digest: string, key: Uint8Array, text: string): Uint8Array {
  return createHmac(digest, key).update(text).digest();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
