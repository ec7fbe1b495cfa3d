import { expect, test } from 'vitest';
import { DescriptorBudget } from '../../../../src/connections/fleet/descriptor-budget.ts';

test.each([
  { openFileLimit: 20_000, maxConnections: 0, limit: 19_744 },
  { openFileLimit: 20_000, maxConnections: 500, limit: 500 },
  { openFileLimit: 1024, maxConnections: 5000, limit: 768 },
  { openFileLimit: 100, maxConnections: 0, limit: 50 },
  { openFileLimit: null, maxConnections: 0, limit: Infinity },
])(
  '$openFileLimit descriptors, max_connections $maxConnections: $limit',
  ({ openFileLimit, maxConnections, limit }) => {
    expect(new DescriptorBudget(openFileLimit, maxConnections, () => {}).limit).toBe(limit);
  },
);

test('running out is told once, and again only after a tenth came free', () => {
  const told: number[] = [];
  const budget = new DescriptorBudget(null, 20, (limit) => told.push(limit));
  for (let i = 0; i < 20; i++) expect(budget.take()).toBe(true);
  expect([budget.take(), budget.take()]).toEqual([false, false]);
  budget.giveBack();
  expect([budget.take(), budget.take()]).toEqual([true, false]);
  expect(told).toEqual([20]);
  for (let i = 0; i < 5; i++) budget.giveBack();
  for (let i = 0; i < 6; i++) budget.take();
  expect(told).toEqual([20, 20]);
});

test('a limit that was changed and runs out again is told again; the same limit is not', () => {
  const told: number[] = [];
  const budget = new DescriptorBudget(null, 2, (limit) => told.push(limit));
  for (let i = 0; i < 3; i++) budget.take();
  budget.setMaxConnections(2);
  budget.take();
  expect(told).toEqual([2]);
  budget.setMaxConnections(3);
  expect([budget.take(), budget.take()]).toEqual([true, false]);
  expect(told).toEqual([2, 3]);
});

test('a spare one is taken like any other, but being refused is no trouble to report', () => {
  const told: number[] = [];
  const budget = new DescriptorBudget(null, 1, (limit) => told.push(limit));
  expect([budget.takeSpare(), budget.takeSpare()]).toEqual([true, false]);
  expect(told).toEqual([]);
  expect(budget.take()).toBe(false);
  expect(told).toEqual([1]);
});

test('a limit below what is held refuses until enough came free', () => {
  const budget = new DescriptorBudget(null, 10, () => {});
  for (let i = 0; i < 10; i++) budget.take();
  budget.setMaxConnections(5);
  for (let i = 0; i < 5; i++) {
    expect(budget.take()).toBe(false);
    budget.giveBack();
  }
  expect(budget.take()).toBe(false);
  budget.giveBack();
  expect([budget.take(), budget.take()]).toEqual([true, false]);
});

test('a socket that only drains is released for an attempt, the oldest first, and never for a spare one', () => {
  const released: string[] = [];
  const told: number[] = [];
  const budget = new DescriptorBudget(null, 3, (limit) => told.push(limit));
  for (let i = 0; i < 3; i++) budget.take();
  const withdraw = budget.offer(() => released.push('drained meanwhile'));
  for (const name of ['older', 'newer']) budget.offer(() => released.push(name));
  withdraw();
  expect(budget.takeSpare()).toBe(false);
  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
  expect(released).toEqual(['older', 'newer']);
  expect(told).toEqual([3]);
  for (let i = 0; i < 2; i++) budget.giveBack(); // of the released ones
  expect(budget.take()).toBe(false);
});
