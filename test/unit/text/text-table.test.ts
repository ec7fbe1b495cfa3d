import { describe, expect, test } from 'vitest';
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

describe('a table that does not fit', () => {
  const rows = [
    ['GROUP', 'WHAT THE PEER DOES', 'SEEN'],
    ['stops-reading', 'accepts and never reads what it is sent', 'idle_timeout/write_stalled 3'],
    ['closes', 'closes after 2 s', 'eof/fin 5'],
  ];

  test('breaks its cells between words while every column can hold its longest one', () => {
    expect(textTable(rows, 70)).toEqual([
      'GROUP          WHAT THE PEER DOES         SEEN',
      'stops-reading  accepts and never reads    idle_timeout/write_stalled 3',
      '               what it is sent',
      'closes         closes after 2 s           eof/fin 5',
    ]);
  });

  test('is a paragraph for each row where words are too long for that', () => {
    expect(textTable(rows, 45)).toEqual([
      'stops-reading',
      '  what the peer does: accepts and never reads',
      '  what it is sent; seen:',
      '  idle_timeout/write_stalled 3',
      'closes',
      '  what the peer does: closes after 2 s; seen:',
      '  eof/fin 5',
    ]);
  });

  test.each([44, 50, 60, 62, 63, 64, 70, 85, 86, 87, 120])('fits %i columns and keeps every word', (width) => {
    const lines = textTable(rows, width);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    const words = rows.slice(1).flatMap((row) => row.flatMap((cell) => cell.split(' ')));
    for (const word of words) expect(lines.join(' ')).toContain(word);
  });
});
