import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GOODBYE_GROUP } from '../../../src/explanations/goodbye-words.ts';
import { WORD_GROUPS } from '../../../src/explanations/explained-words.ts';
import { findWord, knownWords } from '../../../src/explanations/find-word.ts';
import { readReasonsPage } from '../../../src/explanations/reasons-page.ts';

const page = readReasonsPage(readFileSync(new URL('../../../docs/reasons.md', import.meta.url), 'utf8'));
const termsOf = (word: string) => {
  const found = findWord(word, page);
  return 'words' in found ? found.words.map(({ term }) => term) : found;
};

describe('every outcome is found', () => {
  test.each([...WORD_GROUPS, GOODBYE_GROUP].flatMap(({ words }) => words))(
    '$term, by its term and by the anchor of its section',
    ({ term, anchor, reason }) => {
      expect(termsOf(term)).toEqual([term]);
      expect(termsOf(anchor)).toContain(term);
      expect(termsOf(reason)).toContain(term);
      expect(page.sections.map((section) => section.anchor)).toContain(anchor);
    },
  );
});

test.each([
  { word: 'reset', terms: ['error/reset', 'tls/reset', 'protocol/reset'] },
  { word: 'eof/fin', terms: ['eof/fin'] },
  { word: 'No-Data', terms: ['idle_timeout/no_data'] },
  { word: 'TCP/Fd-Limit', terms: ['tcp/fd_limit'] },
  { word: 'connect-tls-reset', terms: ['tls/reset'] },
  { word: 'max_age', terms: ['local/max_age', 'goodbye/max_age'] },
])('$word is $terms', ({ word, terms }) => {
  expect(termsOf(word)).toEqual(terms);
});

test.each([
  { word: 'eof', group: 'eof', terms: ['tls/eof', 'protocol/eof'] },
  { word: 'tcp', group: 'tcp', terms: [] },
  { word: 'idle-timeout', group: 'idle_timeout', terms: [] },
  { word: 'local', group: 'local', terms: [] },
  { word: 'protocol', group: 'protocol', terms: ['error/protocol'] },
])('$word is the group $group, and $terms', ({ word, group, terms }) => {
  expect(findWord(word, page)).toMatchObject({ kind: 'words', group: { name: group } });
  expect(termsOf(word)).toEqual(terms);
});

test('codes of proxies are found in their own capitals', () => {
  expect(findWord('UF', page)).toMatchObject({ kind: 'proxyCode', proxy: 'Envoy' });
  expect(termsOf('UF')).toContain('tcp/refused');
  expect(termsOf('sC')).toEqual(['tcp/timeout', 'tls/timeout']);
  expect(termsOf('--')).toEqual(['eof/fin', 'eof/close_notify', 'error/tls_truncated']);
  expect(findWord('uf', page).kind).toBe('unknown');
});

test('an errno leads to the sections that name it', () => {
  expect(findWord('econnreset', page)).toMatchObject({ kind: 'mentioned' });
  expect(termsOf('ECONNRESET')).toEqual(['error/reset']);
  expect(termsOf('ETIMEDOUT')).toEqual(['error/keepalive_timeout', 'error/timeout']);
});

test.each([
  { word: 'envoy', heading: 'In the words of Envoy and HAProxy' },
  { word: 'read-this-first', heading: 'Read this first' },
  { word: 'what-a-socket-cannot-tell', heading: 'What a socket cannot tell' },
])('$word is a chapter', ({ word, heading }) => {
  expect(findWord(word, page)).toMatchObject({ kind: 'chapter', section: { heading } });
});

test.each([
  { word: 'resset', meant: 'reset' },
  { word: 'keepalive-timeot', meant: 'keepalive_timeout' },
  { word: 'tcp/refusd', meant: 'tcp/refused' },
  { word: 'banana', meant: null },
  { word: '', meant: null },
  { word: '__proto__', meant: null },
])('$word is unknown; meant was $meant', ({ word, meant }) => {
  expect(findWord(word, page)).toEqual({ kind: 'unknown', meant });
});

test('the limits of time are a word', () => {
  expect(findWord('idle-limits', page)).toEqual({ kind: 'limits' });
});

test('each word that is offered is found without the page', () => {
  const empty = readReasonsPage('');
  expect(knownWords().length).toBeGreaterThan(80);
  expect(knownWords().filter((word) => findWord(word, empty).kind === 'unknown')).toEqual([]);
});
