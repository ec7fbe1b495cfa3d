import { expect, test } from 'vitest';
import type { LoginTools, PasswordAnswer } from '../../../../src/connections/dial/login-tools.ts';
import { LoginTurns } from '../../../../src/connections/fleet/login-turns.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const LOGIN = { group: 'cache', file: '/run/pw' };
const RECONNECT = { initialMs: 1000, maxMs: 60_000 };
/** Longer than a password file is left alone, and than any wait of the group. */
const LONG_MS = 3_600_000;

/** Turns of a group whose password can be changed, and peers that count how often they are to try soon. */
function turnsOf() {
  const clock = createFakeClock();
  let answer: PasswordAnswer = { kind: 'password', password: 'old' };
  const logins: Pick<LoginTools, 'password'> = { password: (_, done) => done(answer) };
  const turns = new LoginTurns({ clock, random: () => 0.5, logins: logins as LoginTools });
  const restarts = new Map<string, number>();
  const createPeer = (name: string) => {
    restarts.set(name, 0);
    return { restartDelay: () => void restarts.set(name, (restarts.get(name) ?? 0) + 1) };
  };
  /** Waits for a turn and has it refused. */
  const refuse = (peer: { restartDelay(): void }): void => {
    let isGranted = false;
    const turn = turns.request(LOGIN, () => (isGranted = true));
    if (!isGranted) clock.advance(LONG_MS);
    expect(isGranted).toBe(true);
    turn.refused({ retryInMs: 60_000, reconnect: RECONNECT, peer });
  };
  const changePassword = (): void => {
    answer = { kind: 'password', password: 'new' };
    clock.advance(LONG_MS);
  };
  return { clock, restarts, createPeer, refuse, changePassword, turns };
}

test('a changed password file lets each peer try soon, once however often it was refused', () => {
  const { restarts, createPeer, refuse, changePassword } = turnsOf();
  const [one, other] = [createPeer('one'), createPeer('other')];
  for (let times = 0; times < 3; times++) refuse(one);
  refuse(other);
  changePassword();
  expect(Object.fromEntries(restarts)).toEqual({ one: 1, other: 1 });
});

test('a peer that is gone is not held, nor called', () => {
  const { restarts, createPeer, refuse, changePassword, turns } = turnsOf();
  const [gone, left] = [createPeer('gone'), createPeer('left')];
  refuse(gone);
  refuse(left);
  turns.withdraw(LOGIN.group, gone);
  changePassword();
  expect(Object.fromEntries(restarts)).toEqual({ gone: 0, left: 1 });
});

test('refusals of two peers make all wait, and longer each time; those of one peer alone nobody', () => {
  const { clock, createPeer, turns } = turnsOf();
  const [one, other] = [createPeer('one'), createPeer('other')];
  /** How long a login that is asked for now waits for its turn, which is refused. */
  const waitMs = (peer: { restartDelay(): void }): number => {
    const from = clock.monotonic();
    let grantedAt: number | null = null;
    const turn = turns.request(LOGIN, () => (grantedAt = clock.monotonic()));
    for (let steps = 0; grantedAt === null && steps < 1000; steps++) clock.advance(1000);
    turn.refused({ retryInMs: 1000, reconnect: RECONNECT, peer });
    return (grantedAt ?? Number.NaN) - from;
  };
  expect([one, one, one, one, other].map(waitMs)).toEqual([0, 0, 0, 0, 0]);
  expect([one, other, one].map(waitMs)).toEqual([45_000, 90_000, 180_000]);
});
