import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** Whether this user has this password. `busy`: too many unknown passwords are being computed already. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export type PasswordCheck = {
  /** Compares with the bcrypt hashes of these users. A password that was right once is recognised without bcrypt. */
  check(users: Readonly<Record<string, string>>, user: string, password: string): Promise<PasswordVerdict>;
  /** Ends the thread, if one runs. */
  stop(): Promise<void>;
};

/** Each waits behind the ones before it, at 60 ms or more; a scraper would give up behind a longer queue. */
const LONGEST_QUEUE = 16;
/** bcrypt reads no further than this, and RFC 7617 sets no limit: a longer one is a mistake or an attack. */
const LONGEST_PASSWORD = 1024;
/** A hash of cost 10 that no password is known for, so that an unknown user takes as long as a wrong password. */
const NOBODY = '$2b$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

/**
 * bcrypt is meant to be slow, and a slow event loop blames peers: the comparison runs in a thread that lives while there is
 * something to compare. What is remembered of a right password is a keyed hash under a key that this process alone has.
 */
export function createPasswordCheck(): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, Buffer>();
  const thread = createBcryptThread();
  return {
    async check(users, user, password) {
      if (password.length > LONGEST_PASSWORD) return 'wrong';
      const hash = Object.hasOwn(users, user) ? users[user] : undefined;
      const digest = createHmac('sha256', key)
        .update(`${hash ?? ''}\0${password}`)
        .digest();
      const remembered = known.get(user);
      if (hash !== undefined && remembered !== undefined && timingSafeEqual(remembered, digest)) return 'right';
      const equal = await thread.compare(password, hash ?? NOBODY);
      if (equal === null) return 'busy';
      if (!equal || hash === undefined) return 'wrong';
      known.set(user, digest);
      return 'right';
    },
    stop: () => thread.stop(),
  };
}

type BcryptThread = { compare(password: string, hash: string): Promise<boolean | null>; stop(): Promise<void> };

/** One comparison after the other; null when the queue is full or the thread could not do it. */
function createBcryptThread(): BcryptThread {
  let worker: Worker | null = null;
  const waiting: ((equal: boolean | null) => void)[] = [];
  const end = async (): Promise<void> => {
    const ending = worker;
    worker = null;
    for (const answer of waiting.splice(0)) answer(null);
    await ending?.terminate();
  };
  const begin = (): Worker => {
    // Sources run as .ts, the built package as .js: the worker is the file beside this one, of the same kind.
    const started = new Worker(new URL(import.meta.url.replace(/password-check(\.[jt]s)/, 'bcrypt-worker$1')));
    started.unref();
    started.on('message', (equal: boolean) => {
      waiting.shift()?.(equal);
      if (waiting.length === 0) void end();
    });
    started.on('error', () => void end());
    return started;
  };
  return {
    compare(password, hash) {
      if (waiting.length >= LONGEST_QUEUE) return Promise.resolve(null);
      worker ??= begin();
      const { promise, resolve } = Promise.withResolvers<boolean | null>();
      waiting.push(resolve);
      worker.postMessage({ password, hash });
      return promise;
    },
    stop: end,
  };
}
