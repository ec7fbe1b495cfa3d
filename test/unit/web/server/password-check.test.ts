import { afterEach, describe, expect, test } from 'vitest';
import bcrypt from 'bcryptjs';
import { createPasswordCheck } from '../../../../src/web/server/password-check.ts';

const users = { prometheus: bcrypt.hashSync('right', 4), grafana: bcrypt.hashSync('other', 4) };
const passwords = createPasswordCheck();
afterEach(() => passwords.stop());

describe('a password', () => {
  test.each([
    { user: 'prometheus', password: 'right', verdict: 'right' },
    { user: 'prometheus', password: 'other', verdict: 'wrong' },
    { user: 'grafana', password: 'other', verdict: 'right' },
    { user: 'nobody', password: 'right', verdict: 'wrong' },
    { user: '', password: '', verdict: 'wrong' },
    { user: 'toString', password: 'x', verdict: 'wrong' },
    { user: '__proto__', password: 'x', verdict: 'wrong' },
    { user: 'prometheus', password: 'x'.repeat(2000), verdict: 'wrong' },
  ])('of $user is $verdict', async ({ user, password, verdict }) => {
    expect(await passwords.check(users, user, password)).toBe(verdict);
  });
});

test('a right password is recognised at once from then on, another hash makes it unknown again', async () => {
  const slow = { prometheus: bcrypt.hashSync('right', 11) };
  const check = createPasswordCheck();
  const firstBegan = performance.now();
  expect(await check.check(slow, 'prometheus', 'right')).toBe('right');
  const first = performance.now() - firstBegan;
  const againBegan = performance.now();
  expect(await check.check(slow, 'prometheus', 'right')).toBe('right');
  expect(performance.now() - againBegan).toBeLessThan(first / 5);
  expect(await check.check({ prometheus: bcrypt.hashSync('changed', 4) }, 'prometheus', 'right')).toBe('wrong');
  await check.stop();
});

test('the event loop turns while bcrypt computes', async () => {
  const slow = { prometheus: bcrypt.hashSync('right', 11) };
  const check = createPasswordCheck();
  let turns = 0;
  let running = true;
  const turn = (): void => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await check.check(slow, 'prometheus', 'wrong');
  running = false;
  await check.stop();
  expect(turns).toBeGreaterThan(20);
});

test('more than a queue of unknown passwords at once is told busy, and the others are answered', async () => {
  const verdicts = await Promise.all(
    Array.from({ length: 40 }, (_, i) => passwords.check(users, 'prometheus', `guess-${i}`)),
  );
  expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(24);
  expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(16);
  expect(await passwords.check(users, 'prometheus', 'right')).toBe('right');
});
