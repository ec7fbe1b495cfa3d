import { afterEach, describe, expect, test } from 'vitest';
import bcrypt from 'bcryptjs';
import { createPasswordCheck } from '../../../../src/web/server/password-check.ts';

const users = { prometheus: bcrypt.hashSync('right', 4), grafana: bcrypt.hashSync('other', 4) };
/** Compares at once, at a low cost, and keeps the costs that were asked for. */
function countingThread() {
  const costs: string[] = [];
  return {
    costs,
    async compare(password: string, hash: string) {
      costs.push(hash.slice(0, 7));
      return bcrypt.compareSync(password, hash.replace(/^\$2b\$\d\d/, '$2b$04'));
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
    expect(await createPasswordCheck(countingThread()).check(users, user, password)).toBe(verdict);
  });
});

test('a right password is recognised without bcrypt from then on, another hash makes it unknown again', async () => {
  const thread = countingThread();
  const check = createPasswordCheck(thread);
  for (let i = 0; i < 3; i++) expect(await check.check(users, 'prometheus', 'right')).toBe('right');
  expect(thread.costs).toHaveLength(1);
  expect(await check.check(users, 'prometheus', 'wrong')).toBe('wrong');
  expect(await check.check({ prometheus: bcrypt.hashSync('changed', 4) }, 'prometheus', 'right')).toBe('wrong');
  expect(thread.costs).toHaveLength(3);
});

test('an unknown user costs one comparison, as high as that of a known one', async () => {
  const thread = countingThread();
  const costly = { a: users.prometheus, b: users.grafana.replace('$04$', '$12$') };
  const check = createPasswordCheck(thread);
  expect(await check.check(costly, 'b', 'wrong')).toBe('wrong');
  expect(await check.check(costly, 'unknown', 'wrong')).toBe('wrong');
  expect(thread.costs).toEqual(['$2b$12$', '$2b$12$']);
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
    await passwords.check({ prometheus: bcrypt.hashSync('right', 8) }, 'prometheus', 'wrong');
    running = false;
    expect(turns).toBeGreaterThan(20);
  });

  test('more than a queue of unknown passwords at once is answered busy, and the others are answered', async () => {
    const verdicts = await Promise.all(
      Array.from({ length: 40 }, (_, i) => passwords.check(users, 'prometheus', `guess-${i}`)),
    );
    expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(24);
    expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(16);
    expect(await passwords.check(users, 'prometheus', 'right')).toBe('right');
  });
});
