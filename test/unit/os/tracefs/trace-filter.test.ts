import { expect, test } from 'vitest';
import { lineFilters } from '../../../../src/os/tracefs/trace-filter.ts';

const states = '(oldstate==1||oldstate==2||oldstate==3||oldstate==7||oldstate==8)';

test('lines of the ports that say something', () => {
  expect(lineFilters([5432, 6379], { hasReason: true })).toEqual({
    state: `(dport==5432||dport==6379)&&${states}`,
    error: '(dport==5432||dport==6379)&&error!=0',
    resetReceived: 'dport==5432||dport==6379',
    keepaliveReset: 'reason==15',
    retransmit: 'dport==5432||dport==6379',
  });
  expect(lineFilters([5432], { hasReason: false }).keepaliveReset).toBe('state==1');
});

test('too many ports are the range that they lie in; a filter holds under 4,096 characters', () => {
  const many = Array.from({ length: 300 }, (_, index) => 20_000 + index);
  expect(lineFilters(many, { hasReason: true }).state).toBe(`(dport>=20000&&dport<=20299)&&${states}`);
  const filters = Object.values(lineFilters(many.slice(0, 240), { hasReason: true }));
  expect(Math.max(...filters.map(({ length }) => length))).toBeLessThan(4096);
});
