import { createHash, pbkdf2 } from 'node:crypto';
import type { Derivation } from '../../protocols/session.ts';

/** More salts than servers usually have; each key is at most 64 bytes. */
const REMEMBERED = 1024;
/** Each keeps a thread and a core busy, for half a second where a server asks for a million iterations. */
const MOST_AT_ONCE = 2;

type Entry = { key: Uint8Array | null; readonly waiting: ((key: Uint8Array) => void)[] };

/**
 * Works out slow hashes in threads of the runtime, so that no server can hold the event loop by the iterations that it asks
 * for, and remembers them: a server sends the same salt each time.
 */
export class KeyDerivation {
  readonly #known = new Map<string, Entry>();
  readonly #queue: (() => void)[] = [];
  #underWay = 0;

  /** Calls back with the key: at once where it is known. */
  derive(derivation: Derivation, done: (key: Uint8Array) => void): void {
    const id = idOf(derivation);
    const known = this.#known.get(id);
    if (known?.key === null) known.waiting.push(done);
    else if (known !== undefined) done(known.key);
    else this.#begin(id, derivation, done);
  }

  #begin(id: string, derivation: Derivation, done: (key: Uint8Array) => void): void {
    const entry: Entry = { key: null, waiting: [done] };
    this.#known.set(id, entry);
    const oldest = this.#known.keys().next();
    if (this.#known.size > REMEMBERED && oldest.done !== true) this.#known.delete(oldest.value);
    this.#queue.push(() => this.#workOut(entry, derivation));
    this.#goOn();
  }

  #goOn(): void {
    if (this.#underWay >= MOST_AT_ONCE) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#underWay += 1;
    next();
  }

  #workOut(entry: Entry, { password, salt, iterations, keyBytes, digest }: Derivation): void {
    pbkdf2(password, salt, iterations, keyBytes, digest, (error, key) => {
      if (error !== null) throw error; // its parameters are within our bounds: it has no other way to fail
      this.#underWay -= 1;
      entry.key = key;
      this.#goOn();
      for (const done of entry.waiting.splice(0)) done(key);
    });
  }
}

/** Holds no password. */
function idOf({ password, salt, iterations, keyBytes, digest }: Derivation): string {
  const hashed = createHash('sha256').update(password).digest('base64');
  return [hashed, digest, Buffer.from(salt).toString('base64'), iterations, keyBytes].join(' ');
}
