import { createHash } from 'node:crypto';
import type { Goodbye } from '../../domain/goodbye.ts';
import { ByteReader, utf8 } from '../byte-reader.ts';
import { Scram } from '../scram.ts';
import { serverEndPoint } from '../server-end-point.ts';
import type { Step } from '../session.ts';
import { passwordMessage, saslInitialResponse, saslResponse } from './postgres-messages.ts';

/** Who logs in, and what stands between us and the server. */
export type LoginFacts = {
  readonly username: string;
  readonly password: string | null;
  readonly random: (bytes: number) => Uint8Array;
  /** Whether the stream is encrypted. */
  readonly isSecure: boolean;
  /** The server's, in DER; null: none is known. */
  readonly certificate: Uint8Array | null;
};

const NOTHING: readonly Step[] = [];

/**
 * The authentication of one session: answers each request of the server, and refuses what would give the password away. The
 * server has to prove that it knows the password, too, where the method lets it.
 */
export class PostgresLogin {
  readonly #facts: LoginFacts;
  #scram: Scram | null = null;
  /** A password was asked for, and given: nobody asks twice. */
  #isGiven = false;
  #isProved = false;
  #isDone = false;

  constructor(facts: LoginFacts) {
    this.#facts = facts;
  }

  /** Whether the server took the login. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** An Authentication message without its header. */
  requested(body: Uint8Array): readonly Step[] {
    const reader = new ByteReader(body);
    switch (reader.uint32()) {
      case 0:
        // A server that skips its own proof may be another one.
        this.#isDone = this.#scram === null || this.#isProved;
        return this.#isDone ? NOTHING : refused('auth_failed');
      case 3:
        return this.#cleartext();
      case 5:
        return this.#md5(reader.rest());
      case 10:
        return this.#beginScram(mechanismsIn(reader));
      case 11:
        return this.#challenged(utf8(reader.rest()));
      case 12:
        this.#isProved = this.#scram?.isProvedBy(utf8(reader.rest())) ?? false;
        return this.#isProved ? NOTHING : refused('auth_failed');
      case null:
        return refused('protocol_error');
      default:
        return refused('auth_method'); // Kerberos, GSSAPI, SSPI
    }
  }

  derived(key: Uint8Array): readonly Step[] {
    return this.#scram === null ? NOTHING : sending(saslResponse(this.#scram.answer(key)));
  }

  /** Only over TLS: without it everybody on the way could read the password. */
  #cleartext(): readonly Step[] {
    const { password, isSecure } = this.#facts;
    return password === null || !isSecure ? refused('auth_method') : this.#give(password);
  }

  #md5(salt: Uint8Array): readonly Step[] {
    const { password, username } = this.#facts;
    if (password === null) return refused('auth_method');
    if (salt.length !== 4) return refused('protocol_error');
    const inner = createHash('md5').update(`${password}${username}`).digest('hex');
    const outer = createHash('md5').update(inner).update(salt).digest('hex');
    return this.#give(`md5${outer}`);
  }

  #give(words: string): readonly Step[] {
    if (this.#isGiven) return refused('protocol_error');
    this.#isGiven = true;
    return sending(passwordMessage(words));
  }

  #beginScram(mechanisms: readonly string[]): readonly Step[] {
    const { password, random, certificate } = this.#facts;
    if (password === null || this.#scram !== null) return refused('auth_method');
    const isBindable = certificate !== null && mechanisms.includes('SCRAM-SHA-256-PLUS');
    const channelBinding = isBindable ? serverEndPoint(certificate) : null;
    if (channelBinding === null && !mechanisms.includes('SCRAM-SHA-256')) return refused('auth_method');
    // PostgreSQL takes the name from its own message.
    this.#scram = new Scram({ username: '', password, channelBinding, random, digest: 'sha256' });
    const mechanism = channelBinding === null ? 'SCRAM-SHA-256' : 'SCRAM-SHA-256-PLUS';
    return sending(saslInitialResponse(mechanism, this.#scram.first()));
  }

  #challenged(text: string): readonly Step[] {
    const derivation = this.#scram?.challenged(text) ?? null;
    return derivation === null ? refused('protocol_error') : [{ kind: 'derive', derivation }];
  }
}

function mechanismsIn(reader: ByteReader): readonly string[] {
  const found: string[] = [];
  for (let name = reader.text(); name !== null && name !== ''; name = reader.text()) found.push(name);
  return found;
}

function sending(bytes: Uint8Array): readonly Step[] {
  return [{ kind: 'send', bytes }];
}

function refused(goodbye: Goodbye): readonly Step[] {
  return [{ kind: 'refused', goodbye }];
}
