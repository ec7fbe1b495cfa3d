import { expect, test } from 'vitest';
import { textTable } from '../../../src/text/text-table.ts';

test('columns are as wide as their widest cell, be it the header, and two spaces apart', () => {
  expect(
    textTable([
      ['PEER', 'STATE', 'SINCE'],
      ['redis-0:6379', 'up', '3 s'],
      ['h:1', 'connecting', '12.3 s'],
    ]),
  ).toEqual([
    'PEER          STATE       SINCE', //
    'redis-0:6379  up          3 s',
    'h:1           connecting  12.3 s',
  ]);
});

test('no line ends in spaces, where the last cells are empty too', () => {
  expect(
    textTable([
      ['A', 'B', 'C'],
      ['long', '', ''],
    ]),
  ).toEqual(['A     B  C', 'long']);
});

test('a row may have fewer cells than others, and its own last one is not padded', () => {
  expect(textTable([['a', 'bb', 'c'], ['x'], ['y', 'z']])).toEqual(['a  bb  c', 'x', 'y  z']);
});

test('a cell keeps the spaces that it begins with', () => {
  expect(textTable([['  a', 'b']])).toEqual(['  a  b']);
});

test('no rows give no lines', () => {
  expect(textTable([])).toEqual([]);
});
