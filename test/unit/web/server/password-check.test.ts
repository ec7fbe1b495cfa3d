import { afterEach, describe, expect, test } from 'vitest';
import bcrypt from 'bcryptjs';
import { bcryptCost } from '../../../../src/settings/bcrypt-cost.ts';
import type { Comparison } from '../../../../src/web/server/bcrypt-thread.ts';
import { createPasswordCheck } from '../../../../src/web/server/password-check.ts';

const users = { prometheus: bcrypt.hashSync('right', 4), grafana: bcrypt.hashSync('other', 4) };
const SOURCE = '192.0.2.1';

/** Compares at once, at a low cost, and keeps the costs of each comparison, that of the hash first. */
function countingThread() {
  const costs: (readonly number[])[] = [];
  return {
    costs,
    async compare({ password, hash, padding }: Comparison) {
      const equal = bcrypt.compareSync(password, hash.replace(/^\$2b\$\d\d/, '$2b$04'));
      costs.push([hash, ...(equal ? [] : padding)].map(bcryptCost));
      return equal;
    },
    async stop() {},
  };
}

describe('a password', () => {
  test.each([
    { user: 'prometheus', password: 'right', verdict: 'right' },
    { user: 'prometheus', password: 'other', verdict: 'wrong' },
    { user: 'grafana', password: 'other', verdict: 'right' },
    { user: 'unknown', password: 'right', verdict: 'wrong' },
    { user: '', password: '', verdict: 'wrong' },
    { user: 'toString', password: 'x', verdict: 'wrong' },
    { user: '__proto__', password: 'x', verdict: 'wrong' },
    { user: 'prometheus', password: 'x'.repeat(2000), verdict: 'wrong' },
  ])('of $user is $verdict', async ({ user, password, verdict }) => {
    expect(await createPasswordCheck(countingThread()).check(users, { user, password }, SOURCE)).toBe(verdict);
  });
});

test('a right password is recognised without bcrypt from then on, another hash makes it unknown again', async () => {
  const thread = countingThread();
  const passwords = createPasswordCheck(thread);
  const check = (password: string, among: Readonly<Record<string, string>> = users) =>
    passwords.check(among, { user: 'prometheus', password }, SOURCE);
  for (let i = 0; i < 3; i++) expect(await check('right')).toBe('right');
  expect(thread.costs).toHaveLength(1);
  expect(await check('wrong')).toBe('wrong');
  expect(await check('right', { prometheus: bcrypt.hashSync('changed', 4) })).toBe('wrong');
  expect(thread.costs).toHaveLength(3);
});

test.each([
  { user: 'costly', password: 'wrong', costs: [12] },
  { user: 'unknown', password: 'wrong', costs: [12] },
  { user: 'costly', password: 'x'.repeat(1025), costs: [12] },
  { user: 'cheap', password: 'x'.repeat(1025), costs: [12] },
  { user: 'cheap', password: 'wrong', costs: [4, 4, 5, 6, 7, 8, 9, 10, 11] },
  { user: 'between', password: 'wrong', costs: [11, 11] },
])('$user with a wrong password costs as much as the user with the highest cost', async ({ user, password, costs }) => {
  const thread = countingThread();
  const at = (cost: string) => users.grafana.replace('$04$', `$${cost}$`);
  const mixed = { cheap: users.prometheus, between: at('11'), costly: at('12') };
  expect(await createPasswordCheck(thread).check(mixed, { user, password }, SOURCE)).toBe('wrong');
  expect(thread.costs).toEqual([costs]);
  expect(costs.reduce((rounds, cost) => rounds + 2 ** cost, 0)).toBe(2 ** 12);
});

describe('in a thread of its own', () => {
  const passwords = createPasswordCheck();
  afterEach(() => passwords.stop());

  test('the event loop turns while bcrypt computes', async () => {
    let turns = 0;
    let running = true;
    const turn = (): void => {
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await passwords.check(
      { prometheus: bcrypt.hashSync('right', 8) },
      { user: 'prometheus', password: 'wrong' },
      SOURCE,
    );
    running = false;
    expect(turns).toBeGreaterThan(20);
  });

  const guess = (source: string, i: number) =>
    passwords.check(users, { user: 'prometheus', password: `guess-${i}` }, source);
  const login = (source: string) => passwords.check(users, { user: 'prometheus', password: 'right' }, source);

  test('more than a queue of unknown passwords at once is answered busy, and the others are answered', async () => {
    const verdicts = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(SOURCE, i)));
    expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(23);
    expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(17);
    expect(await login(SOURCE)).toBe('right');
  });

  test('a right password from another address gets in while one address guesses without end', async () => {
    let isBombed = true;
    let guesses = 0;
    const bomb = async (i: number): Promise<void> => {
      while (isBombed) {
        await guess(SOURCE, i + guesses++ * 100);
        await new Promise((resolve) => void setImmediate(resolve));
      }
    };
    const bombs = Array.from({ length: 100 }, (_, i) => bomb(i));
    await expect.poll(() => guesses).toBeGreaterThan(200);
    expect(await login('192.0.2.2')).toBe('right');
    isBombed = false;
    await Promise.all(bombs);
  });

  test('a stop answers all that wait', async () => {
    const verdicts = Promise.all(Array.from({ length: 5 }, (_, i) => guess(SOURCE, i)));
    await passwords.stop();
    expect(await verdicts).toEqual(['busy', 'busy', 'busy', 'busy', 'busy']);
    expect(await login(SOURCE)).toBe('right');
  });
});
