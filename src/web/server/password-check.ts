import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type BcryptThread, createBcryptThread } from './bcrypt-thread.ts';

/** Whether this user has this password. `busy`: too many unknown passwords are being computed already. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export type PasswordCheck = {
  /** Compares with the bcrypt hashes of these users. A password that was right once is recognised without bcrypt. */
  check(users: Readonly<Record<string, string>>, user: string, password: string): Promise<PasswordVerdict>;
  /** Ends the thread, if one runs. */
  stop(): Promise<void>;
};

/** bcrypt reads no further than this, and RFC 7617 sets no limit: a longer one is a mistake or an attack. */
const LONGEST_PASSWORD = 1024;
/** A bcrypt hash behind `$2b$COST`, of a password that is not known. */
const UNKNOWN_PASSWORD = '$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

/**
 * What is remembered of a right password is a keyed hash under a key that this process alone has. An unknown user costs as
 * much as a wrong password of the known user with the highest cost: where all have one cost, the time of an answer does
 * not tell who is known.
 */
export function createPasswordCheck(thread: BcryptThread = createBcryptThread()): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, Buffer>();
  return {
    async check(users, user, password) {
      if (password.length > LONGEST_PASSWORD) return 'wrong';
      const hash = Object.hasOwn(users, user) ? users[user] : undefined;
      const digest = createHmac('sha256', key)
        .update(`${hash ?? ''}\0${password}`)
        .digest();
      const remembered = known.get(user);
      if (hash !== undefined && remembered !== undefined && timingSafeEqual(remembered, digest)) return 'right';
      const equal = await thread.compare(password, hash ?? unknownUserHash(users));
      if (equal === null) return 'busy';
      if (!equal || hash === undefined) return 'wrong';
      known.set(user, digest);
      return 'right';
    },
    stop: () => thread.stop(),
  };
}

/** A hash of the highest cost in use. */
function unknownUserHash(users: Readonly<Record<string, string>>): string {
  const costs = Object.values(users).map((hash) => Number(/^\$2[abxy]\$(\d\d)\$/.exec(hash)?.[1] ?? 0));
  return `$2b$${String(Math.max(...costs)).padStart(2, '0')}${UNKNOWN_PASSWORD}`;
}
