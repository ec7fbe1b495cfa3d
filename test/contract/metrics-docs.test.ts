import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { METRIC_CATALOGUE } from '../../src/sinks/metrics/metric-catalogue.ts';
import { docsPart, docsParts } from '../support/metrics-docs.ts';

const markdown = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const parts = await docsParts();

test.each(Object.keys(parts))('docs/metrics.md tells the truth about %s', (part) => {
  expect(docsPart(markdown, part)).toBe(parts[part]);
});

test('every finrst_ name in the docs is one that exists', () => {
  const names = new Set(METRIC_CATALOGUE.map(({ name }) => name));
  const known = (name: string): boolean => names.has(name) || names.has(name.replace(/_(bucket|sum|count)$/, ''));
  const used = new Set(markdown.match(/\bfinrst_\w+/g));
  expect([...used].filter((name) => !known(name))).toEqual([]);
  expect(used.size).toBeGreaterThanOrEqual(names.size);
});

test('every query in the docs is PromQL', () => {
  const queries = [...markdown.matchAll(/```promql\n([^`]+)```/g)].map((match) => match[1] ?? '');
  const broken = (query: string): boolean => {
    let found = false;
    parser.parse(query).iterate({ enter: (node) => void (found ||= node.type.isError) });
    return found;
  };
  expect(queries.length).toBeGreaterThan(5);
  expect(queries.filter(broken)).toEqual([]);
  expect(broken('sum by (group) (finrst_peer_up')).toBe(true);
});
