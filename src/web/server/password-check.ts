import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { bcryptCost, bcryptCosts } from '../../settings/bcrypt-cost.ts';
import { type BcryptThread, type Comparison, createBcryptThread } from './bcrypt-thread.ts';

/** Whether this user has this password. `busy`: too many unknown passwords are being computed already. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export type Credentials = { readonly user: string; readonly password: string };

export type PasswordCheck = {
  /**
   * Compares with the bcrypt hashes of these users. A password that was right once is recognised without bcrypt. Sources,
   * the addresses that ask, take turns: one that guesses does not keep another from logging in.
   */
  check(users: Readonly<Record<string, string>>, given: Credentials, source: string): Promise<PasswordVerdict>;
  /** Ends the thread, if one runs. */
  stop(): Promise<void>;
};

/** RFC 7617 sets no limit, and bcrypt reads the first 72 bytes: a longer password is a mistake or an attack. */
const LONGEST_PASSWORD = 1024;
/** A bcrypt hash behind `$2b$COST`, of a password that is not known. */
const UNKNOWN_PASSWORD = '$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

/**
 * What is remembered of a right password is a keyed hash under a key that this process alone has. Every wrong password, for
 * a known user or not, costs as much as one of the user with the highest cost: the time of an answer does not tell who is
 * known.
 */
export function createPasswordCheck(thread: BcryptThread = createBcryptThread()): PasswordCheck {
  const key = randomBytes(32);
  const known = new Map<string, Buffer>();
  return {
    async check(users, { user, password }, source) {
      const isPossible = password.length <= LONGEST_PASSWORD && Object.hasOwn(users, user);
      const hash = isPossible ? users[user] : undefined;
      const digest = createHmac('sha256', key)
        .update(`${hash ?? ''}\0${password}`)
        .digest();
      const remembered = known.get(user);
      if (hash !== undefined && remembered !== undefined && timingSafeEqual(remembered, digest)) return 'right';
      const equal = await thread.compare(comparison({ users, hash, password }), source);
      if (equal === null) return 'busy';
      if (!equal || hash === undefined) return 'wrong';
      known.set(user, digest);
      return 'right';
    },
    stop: () => thread.stop(),
  };
}

type Asked = {
  readonly users: Readonly<Record<string, string>>;
  /** Undefined: the user is not known. */
  readonly hash: string | undefined;
  readonly password: string;
};

/**
 * Work of one size, whichever user is named. Cost c takes 2^c rounds, so one at c and one each at c, c + 1, ... below the
 * highest take together exactly as many rounds as one at the highest.
 */
function comparison({ users, hash, password }: Asked): Comparison {
  const highest = bcryptCosts(users).at(-1) ?? 0;
  const cost = hash === undefined ? highest : bcryptCost(hash);
  const padding = Array.from({ length: highest - cost }, (_, step) => unknownPassword(cost + step));
  return { password: password.slice(0, LONGEST_PASSWORD), hash: hash ?? unknownPassword(highest), padding };
}

function unknownPassword(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}${UNKNOWN_PASSWORD}`;
}
