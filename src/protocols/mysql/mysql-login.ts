import type { Goodbye } from '../../domain/goodbye.ts';
import { ByteReader } from '../byte-reader.ts';
import { joinBytes } from '../join-bytes.ts';
import { NONCE_BYTES } from './mysql-greeting.ts';
import { nativeScramble, sha2Scramble, xor } from './mysql-scrambles.ts';
import { encryptOaep } from './oaep.ts';

/** Who logs in, and what stands between us and the server. */
export type LoginFacts = {
  readonly password: string | null;
  /** For passwords without TLS, in PEM; null: none is configured. */
  readonly serverPublicKey: string | null;
  readonly random: (bytes: number) => Uint8Array;
  /** Whether the stream is encrypted. */
  readonly isSecure: boolean;
};

/** What to say next: the body of a packet, nothing, or that this login cannot go on. */
export type LoginAnswer =
  | { readonly kind: 'say'; readonly body: Uint8Array }
  | { readonly kind: 'wait' }
  /** `body`: makes it a wrong login for the server, and no broken one, of which it counts few before it blocks our host. */
  | { readonly kind: 'refuse'; readonly goodbye: Goodbye; readonly body: Uint8Array | null };

/** MariaDB tries the methods of an account one after the other. More would only serve to keep us busy. */
const MOST_SWITCHES = 4;
const FAST_OK = 3;
const FULL_WANTED = 4;
const NO_ANSWER = new Uint8Array();
/** client_ed25519 takes a signature of this length alone for a login, be it right or wrong. */
const ED25519_BYTES = 64;
const BROKEN: LoginAnswer = { kind: 'refuse', goodbye: 'protocol_error', body: null };

/**
 * The authentication of one session: answers by the method that the server names, and refuses what would give the password
 * away. Without a password it answers with nothing, as the methods want it; the server decides.
 */
export class MysqlLogin {
  readonly #facts: LoginFacts;
  #plugin: string;
  #nonce: Uint8Array;
  #switches = 0;
  /** caching_sha2_password: the server has the digest, and may ask for the password, once. */
  #isFullPossible = false;

  constructor(facts: LoginFacts, nonce: Uint8Array) {
    this.#facts = facts;
    this.#plugin = '';
    this.#nonce = nonce;
  }

  /** The first answer, and its method: the server's, where that sends a digest. The server names another one if it wants it. */
  begin(plugin: string): { readonly plugin: string; readonly answer: Uint8Array } {
    this.#plugin = plugin === 'caching_sha2_password' ? plugin : 'mysql_native_password';
    return { plugin: this.#plugin, answer: this.#digest() };
  }

  /** AuthSwitchRequest: another method, with a nonce of its own. Without a name it is the method before MySQL 4.1. */
  switched(body: Uint8Array): LoginAnswer {
    const reader = new ByteReader(body);
    reader.uint8(); // what it is
    const plugin = reader.text();
    if (plugin === null) return unspoken(NO_ANSWER);
    this.#switches += 1;
    this.#plugin = plugin;
    this.#isFullPossible = false;
    if (this.#switches > MOST_SWITCHES) return BROKEN;
    switch (plugin) {
      case 'mysql_native_password':
      case 'caching_sha2_password': {
        const nonce = reader.take(NONCE_BYTES);
        if (nonce === null) return BROKEN;
        this.#nonce = Uint8Array.from(nonce);
        return { kind: 'say', body: this.#digest() };
      }
      case 'mysql_clear_password':
      case 'sha256_password':
        return this.#facts.isSecure ? this.#cleartext() : unspoken(NO_ANSWER);
      case 'client_ed25519':
        return unspoken(new Uint8Array(ED25519_BYTES));
      default:
        return unspoken(NO_ANSWER); // GSSAPI, PAM
    }
  }

  /** AuthMoreData: caching_sha2_password took the digest, or does not know it and wants the password itself. */
  continued(body: Uint8Array): LoginAnswer {
    const [, word] = body;
    if (!this.#isFullPossible || body.length !== 2) return BROKEN;
    this.#isFullPossible = false;
    if (word === FAST_OK) return { kind: 'wait' };
    if (word !== FULL_WANTED) return BROKEN;
    return this.#facts.isSecure ? this.#cleartext() : this.#encrypted();
  }

  #digest(): Uint8Array {
    const { password } = this.#facts;
    if (password === null) return NO_ANSWER;
    this.#isFullPossible = this.#plugin === 'caching_sha2_password';
    return this.#isFullPossible ? sha2Scramble(password, this.#nonce) : nativeScramble(password, this.#nonce);
  }

  /** Only over TLS: without it everybody on the way could read the password. */
  #cleartext(): LoginAnswer {
    return { kind: 'say', body: joinBytes(this.#facts.password ?? '', [0]) };
  }

  /** With a key that we know already: one that the server sends over this stream could be anybody's. */
  #encrypted(): LoginAnswer {
    const { password, serverPublicKey: publicKey, random } = this.#facts;
    const message = xor(joinBytes(password ?? '', [0]), this.#nonce);
    const body = publicKey === null ? null : encryptOaep({ publicKey, message, random });
    return body === null ? { kind: 'refuse', goodbye: 'tls_mismatch', body: NO_ANSWER } : { kind: 'say', body };
  }
}

/** A method that we do not speak, or not without TLS. */
function unspoken(body: Uint8Array): LoginAnswer {
  return { kind: 'refuse', goodbye: 'auth_method', body };
}
