import { describe, expect, test } from 'vitest';
import { expandTemplate, misreadReferences, parseTemplate } from '../../../src/relabel/template.ts';

const NAMES = { n: 2, '1x': 1, é: 2, '01': 2 };
const MATCH = ['whole', 'one', 'two', undefined];

test.each([
  ['$1', 'one'],
  ['${1}', 'one'],
  ['$0', 'whole'],
  ['${0}', 'whole'],
  ['$2$1', 'twoone'],
  ['a$1b', 'a'],
  ['a${1}b', 'aoneb'],
  ['$1-$2', 'one-two'],
  ['$n', 'two'],
  ['${n}x', 'twox'],
  ['$nx', ''],
  ['$1x', 'one'],
  ['$01', 'two'],
  ['$02', ''],
  ['$00', ''],
  ['$é', 'two'],
  ['$3', ''],
  ['$4', ''],
  ['$10', ''],
  ['$999999999', ''],
  ['$1234567890', ''],
  ['$none', ''],
  ['$constructor', ''],
  ['$$', '$'],
  ['$$1', '$1'],
  ['$$$1', '$one'],
  ['$', '$'],
  ['a$', 'a$'],
  ['${', '${'],
  ['${}', '${}'],
  ['${1', '${1'],
  ['${1 }', '${1 }'],
  ['$ 1', '$ 1'],
  ['$-', '$-'],
  ['', ''],
  ['text', 'text'],
])('%j becomes %j', (text, expanded) => {
  expect(expandTemplate(parseTemplate(text, NAMES), MATCH)).toBe(expanded);
});

test.each(['', 'a', '$$', '$none', '$'])('%j is the same text for every match', (text) => {
  expect(parseTemplate(text, NAMES).isConstant).toBe(true);
});

test.each(['$1', 'a${n}', '$4'])('%j is not', (text) => {
  expect(parseTemplate(text, NAMES).isConstant).toBe(false);
});

describe('references that are read as names', () => {
  test.each([
    ['$1x', ['1x']],
    ['$1_$2:$2b', ['1_', '2b']],
    ['${1}x$1', []],
    ['$$1x', []],
    ['$$$1x', ['1x']],
    ['$x1', []],
    ['$10', []],
  ])('%j: %j', (text, names) => {
    expect(misreadReferences(text)).toEqual(names);
  });
});
