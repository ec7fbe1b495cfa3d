import { expect, test } from 'vitest';
import { SharedValues } from '../../../src/observe/shared-values.ts';

const owner = { pid: 7, executable: 'java', pod: null };

test('what is equal is kept once', () => {
  const shared = new SharedValues();
  expect(shared.owner({ ...owner })).toBe(shared.owner({ ...owner }));
  expect(shared.endpoint('192.0.2.7', 5432)).toBe(shared.endpoint('192.0.2.7', 5432));
});

test('what differs in anything is not', () => {
  const shared = new SharedValues();
  const others = [owner, { ...owner, pid: 8 }, { ...owner, executable: 'psql' }, { ...owner, pod: 'ns/one' }];
  expect(others.map((one) => shared.owner(one))).toEqual(others);
  const ends = [
    { address: '192.0.2.7', port: 5432 },
    { address: '192.0.2.7', port: 5433 },
    { address: '192.0.2.8', port: 5432 },
  ];
  expect(ends.map(({ address, port }) => shared.endpoint(address, port))).toEqual(ends);
});
