import { expect, test } from 'vitest';
import { nearestWord } from '../../../src/text/nearest-word.ts';

const WORDS = ['idle_timeout', 'write_timeout', 'tls', 'name', 'keepalive'];

test.each([
  { word: 'idle_timeout', near: 'idle_timeout' },
  { word: 'idle-timeout', near: 'idle_timeout' },
  { word: 'idleTimeout', near: 'idle_timeout' },
  { word: 'idle_timout', near: 'idle_timeout' },
  { word: 'idl_timut', near: 'idle_timeout' },
  { word: 'idlexyz_timeout', near: 'idle_timeout' },
  { word: 'idlewxyz_timeout', near: null },
  { word: 'wirte_timeout', near: 'write_timeout' },
  { word: 'tlx', near: 'tls' },
  { word: 'txx', near: null },
  { word: 'nam', near: 'name' },
  { word: 'na', near: null },
  { word: 'kepalives', near: 'keepalive' },
  { word: 'x', near: null },
  { word: '', near: null },
  { word: 'k'.repeat(65), near: null },
])('$word is near to $near', ({ word, near }) => {
  expect(nearestWord(word, WORDS)).toBe(near);
});

test('of two that are equally near the first is meant', () => {
  expect(nearestWord('abcdeX', ['abcdef', 'abcdeg'])).toBe('abcdef');
  expect(nearestWord('abcdeg', ['abcdef', 'abcdeg'])).toBe('abcdeg');
});

test('there is none without words', () => {
  expect(nearestWord('tls', [])).toBeNull();
});

test('words of 64 letters are still compared', () => {
  const word = 'k'.repeat(64);
  expect(nearestWord(word, [`${word.slice(1)}x`])).toBe(`${word.slice(1)}x`);
});

test('longer ones are not, near as they may be', () => {
  const word = 'k'.repeat(65);
  expect(nearestWord(word, [word])).toBeNull();
});
