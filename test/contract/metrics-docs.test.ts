import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { docsPart, docsParts } from '../support/metrics-docs.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const markdown = page('metrics.md');
const parts = await docsParts();

test.each(Object.keys(parts))('docs/metrics.md tells the truth about %s', (part) => {
  expect(docsPart(markdown, part)).toBe(parts[part]);
});

const names = new Set(METRIC_CATALOGUE.map(({ name }) => name));
/** Of metrics; a recording of the rules (`peer:finrst_peer_down:ratio5m`) is none. */
const namesIn = (text: string): ReadonlySet<string> => new Set(text.match(/(?<![:\w])finrst_\w+/g));

test.each(['metrics.md', 'upgrading.md'])('every finrst_ name in docs/%s is one that exists', (name) => {
  const known = (used: string): boolean => names.has(used) || names.has(used.replace(/_(bucket|sum|count)$/, ''));
  const used = namesIn(page(name));
  expect(used.size).toBeGreaterThan(2);
  expect([...used].filter((one) => !known(one))).toEqual([]);
});

test('every family is in docs/metrics.md', () => {
  expect([...names].filter((name) => !namesIn(markdown).has(name))).toEqual([]);
});

test('every query in the docs is PromQL', () => {
  // In docs/upgrading.md the old and the new query stand in one block, each below a comment.
  const blocks = [...`${markdown}\n${page('upgrading.md')}`.matchAll(/```promql\n([^`]+)```/g)].flatMap((match) =>
    (match[1] ?? '').split(/^#.*$/m),
  );
  const queries = blocks.filter((query) => query.trim() !== '');
  const broken = (query: string): boolean => {
    let found = false;
    parser.parse(query).iterate({ enter: (node) => void (found ||= node.type.isError) });
    return found;
  };
  expect(queries.length).toBeGreaterThan(5);
  expect(queries.filter(broken)).toEqual([]);
  expect(broken('sum by (group) (finrst_peer_up')).toBe(true);
});
