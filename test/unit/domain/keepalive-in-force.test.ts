import { describe, expect, test } from 'vitest';
import { keepaliveInForce } from '../../../src/domain/keepalive-in-force.ts';

const draw = (idleSeconds: number, random: number): number =>
  keepaliveInForce({ idleSeconds, intervalSeconds: 10, count: 3 }, random).idleSeconds;

describe('the idle time in force', () => {
  test.each([
    { idle: 1, random: 0, drawn: 1 },
    { idle: 4, random: 0, drawn: 4 },
    { idle: 4, random: 0.999, drawn: 4 },
    { idle: 5, random: 0, drawn: 4 },
    { idle: 5, random: 0.499, drawn: 4 },
    { idle: 5, random: 0.5, drawn: 5 },
    { idle: 5, random: 0.999, drawn: 5 },
    { idle: 7, random: 0, drawn: 6 },
    { idle: 60, random: 0, drawn: 48 },
    { idle: 60, random: 0.5, drawn: 54 },
    { idle: 60, random: 0.999, drawn: 60 },
    { idle: 32_767, random: 0, drawn: 26_214 },
    { idle: 32_767, random: 0.9999999, drawn: 32_767 },
  ])('of $idle s at chance $random is $drawn s', ({ idle, random, drawn }) => {
    expect(draw(idle, random)).toBe(drawn);
  });

  test('never exceeds the configured one, whatever stands for chance', () => {
    expect(draw(60, 1)).toBe(60);
  });

  test('takes each whole second from ceil(0.8 x idle) to idle equally often', () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 13_000; i++) {
      const drawn = draw(60, i / 13_000);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    expect([...counts]).toEqual(Array.from({ length: 13 }, (_, index) => [48 + index, 1000]));
  });
});

test('interval and count are as configured', () => {
  expect(keepaliveInForce({ idleSeconds: 60, intervalSeconds: 7, count: 5 }, 0)).toEqual({
    idleSeconds: 48,
    intervalSeconds: 7,
    count: 5,
  });
});
