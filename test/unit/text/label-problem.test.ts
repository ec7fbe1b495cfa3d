import { expect, test } from 'vitest';
import { labelProblem } from '../../../src/text/label-problem.ts';

test.each(['a', '_', '_a', 'zone', 'Zone9', 'groups'])('%s is a label', (name) => {
  expect(labelProblem(name)).toBeNull();
});

test.each(['group', 'peer', 'address', 'le', 'job', 'instance'])('%s is taken', (name) => {
  const problem = `label ${name} is given by Finrst or Prometheus itself; choose another name`;
  expect(labelProblem(name)).toBe(problem);
});

test.each(['__a', '__meta_x', '__'])('%s belongs to Prometheus', (name) => {
  const problem = `label ${name} begins with __, which Prometheus keeps to itself; choose another name`;
  expect(labelProblem(name)).toBe(problem);
});

test.each(['', '9a', 'a-b', 'a b', 'a:b', 'é', 'a\n'])('%j is no label name', (name) => {
  const expected = 'expected letters, digits and _, not beginning with a digit';
  expect(labelProblem(name)).toBe(`label ${JSON.stringify(name)} is no Prometheus label name; ${expected}`);
});
