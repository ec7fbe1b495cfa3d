import { expect, test } from 'vitest';
import { put } from '../../../../src/sinks/metrics/column-values.ts';
import { PeerTable, ROWS_PER_BLOCK } from '../../../../src/sinks/metrics/peer-table.ts';

const numbered = (id: number) => {
  return { id, group: 'g', peer: `p-${id}:1`, host: `p-${id}`, port: 1, isLiteral: false, labels: {} };
};

test('a block knows of each change in it, and of no other, also after the table has grown', () => {
  const table = new PeerTable();
  const [column, other] = [table.column(0), table.counter(0)];
  for (let id = 0; id < 2 * ROWS_PER_BLOCK; id++) table.add(numbered(id));
  let [first, second] = [table.changesOf(0, [column]), table.changesOf(1, [column])];
  const changed = (): readonly boolean[] => {
    const before = [first, second];
    [first, second] = [table.changesOf(0, [column]), table.changesOf(1, [column])];
    return [first !== before[0], second !== before[1]];
  };
  put(column, 3, 1);
  expect(changed()).toEqual([true, false]);
  put(column, 3, 1);
  put(other, 3, 1);
  expect(changed()).toEqual([false, false]);
  put(column, ROWS_PER_BLOCK, NaN);
  expect(changed()).toEqual([false, true]);
  put(column, ROWS_PER_BLOCK, NaN);
  expect(changed()).toEqual([false, false]);
  table.relabel(0, { ...numbered(0), labels: { team: 'a' } });
  expect(changed()).toEqual([true, false]);
  table.remove(numbered(1));
  expect(changed()).toEqual([true, false]);
  table.add(numbered(1000));
  expect(changed()).toEqual([true, false]);
  for (let id = 2000; id < 2000 + 4 * ROWS_PER_BLOCK; id++) table.add(numbered(id));
  expect(changed()).toEqual([false, false]);
  put(column, 4, 1);
  expect(changed()).toEqual([true, false]);
});
