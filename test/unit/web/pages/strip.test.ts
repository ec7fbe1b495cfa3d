import { expect, test } from 'vitest';
import type { ChangeKind } from '../../../../src/sinks/status/peer-history.ts';
import { stripOf } from '../../../../src/web/pages/strip.ts';

const HOUR = 3_600_000;
const now = 100 * HOUR;
/** Changes by how many hours ago they were. */
const strip = (isUp: boolean, ...changes: readonly (readonly [hoursAgo: number, kind: ChangeKind])[]): string =>
  stripOf(
    { since: now - 50 * HOUR, changes: changes.map(([hoursAgo, kind]) => ({ at: now - hoursAgo * HOUR, kind })) },
    isUp,
    now,
  ).pieces.join('');
const pathOf = (name: string, text: string): string => new RegExp(`class="${name}" d="([^"]*)"`).exec(text)?.[1] ?? '';
const marksOf = (text: string): string[] =>
  [...text.matchAll(/<use href="#m-(\w+)"[^>]*x="([\d.]+)"/g)].map(([, mark, x]) => `${mark} ${x}`);

test('is one whole line for a connection that was there all the time', () => {
  const text = strip(true, [20, 'connected']);
  expect([pathOf('up', text), pathOf('down', text), marksOf(text)]).toEqual(['M0.0 10H192.0', '', []]);
});

test('is broken between an end and the next connection, with a mark at the end', () => {
  const text = strip(true, [20, 'connected'], [3, 'error'], [1.5, 'connected']);
  expect(pathOf('up', text)).toBe('M0.0 10H96.0M144.0 10H192.0');
  expect(pathOf('down', text)).toBe('M96.0 10H144.0');
  expect(marksOf(text)).toEqual(['error 96.0']);
  expect(text).toContain('Last 6 hours: 1 error; now connected');
});

test('of a peer that is down shows the broken line, however short that is, and no mark on it', () => {
  const text = strip(false, [20, 'connected'], [0.001, 'idle_timeout'], [0.0005, 'failed']);
  expect(marksOf(text)).toEqual(['idle 180.0']);
  expect(pathOf('down', text)).toMatch(/M180\.0 10H192\.0$/);
});

test('takes ends that are close to each other for one, of the worst class, with a bar below', () => {
  const text = strip(true, [20, 'connected'], [3, 'eof'], [2.95, 'connected'], [2.9, 'error'], [2.85, 'connected']);
  expect(marksOf(text)).toEqual(['error 96.0']);
  expect(text).toContain('class="many"');
});

test('has at most 24 marks, whatever happens', () => {
  const changes = Array.from({ length: 32 }, (_, index) => [5.9 - index * 0.18, 'error'] as const);
  expect(marksOf(strip(false, ...changes)).length).toBeLessThanOrEqual(24);
});
