import { expect, test } from 'vitest';
import type { Reading } from '../../bench/results/readings.ts';
import { sizingOf } from '../../bench/results/sizing.ts';
import { asMarkdown, asText, tablesOf } from '../../bench/results/tables.ts';

const plain = { setting: 'plain', peers: 1000 } as const;
const readings: readonly Reading[] = [
  { ...plain, run: 'a', holder: 'finrst', row: 'scrape_cpu', value: 20 },
  { ...plain, run: 'a', holder: 'go', row: 'scrape_cpu', value: 400 },
  { ...plain, run: 'b', holder: 'finrst', row: 'scrape_cpu', value: 40 },
  { ...plain, run: 'b', holder: 'go', row: 'scrape_cpu', value: 400 },
  { ...plain, run: 'a', holder: 'finrst', row: 'idle_cpu', value: 2 },
  { ...plain, run: 'a', holder: 'go', row: 'idle_cpu', value: 0 },
  { setting: 'tls', peers: 2000, run: 'c', holder: 'finrst', row: 'ramp_cpu', value: 1600 },
];

test('a table for each setting, rows in the order of the catalogue, repeats with their spread', () => {
  const [table, tls] = tablesOf(readings);
  expect(table).toEqual({
    title: '1000 peers, plain',
    head: ['', 'Finrst', 'Go', '/ Go'],
    rows: [
      ['idle, share of one core', '2.00 %', '0.00 %', ''],
      ['scrape, CPU, mean of ten', '30 ms [20..40]', '400 ms [400..400]', '0.08x'],
    ],
  });
  expect(tls).toMatchObject({ title: '2000 peers, tls', rows: [['connecting, CPU of each peer', '1600 us']] });
});

test('the same table for a terminal and for the documentation', () => {
  const [, tls] = tablesOf(readings);
  if (tls === undefined) throw new Error('no table');
  expect(asText(tls)).toBe(
    ['2000 peers, tls', '                               Finrst', 'connecting, CPU of each peer  1600 us', ''].join(
      '\n',
    ),
  );
  expect(asMarkdown(tls)).toBe('|  | Finrst |\n| --- | --- |\n| connecting, CPU of each peer | 1600 us |\n');
});

test('limits of a core come from CPU times', () => {
  expect(sizingOf(readings).rows).toEqual([
    ['silent peers, sampled every 15 s', '50,000', '1000 peers'],
    ['connects with TLS a second', '630', '2000 peers'],
    ['a scrape every 15 s', 'takes 0.20 % of it', '1000 peers'],
  ]);
});
