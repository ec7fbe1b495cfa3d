import { expect, test } from 'vitest';
import { compileRelabelRules } from '../../../src/relabel/compile-relabel-rules.ts';
import { describeDrop } from '../../../src/relabel/describe-drop.ts';
import { DEFAULT_RELABEL_RULE, type RelabelRule } from '../../../src/settings/relabel-rule.ts';

const LABELS = { __meta_app: 'redis', __meta_port: '6379', a: 'redis' };

test.each<{ rule: Partial<RelabelRule>; why: string }>([
  {
    rule: { action: 'keep', regex: 'true', sourceLabels: ['__meta_scrape'] },
    why: '(keep, regex "true"): __meta_scrape is not set',
  },
  {
    rule: { action: 'keep', regex: 'true;.+', sourceLabels: ['__meta_scrape', '__meta_team'] },
    why: '(keep, regex "true;.+"): __meta_scrape, __meta_team are not set',
  },
  {
    rule: { action: 'keep', regex: 'redis;80', sourceLabels: ['__meta_app', '__meta_port'] },
    why: '(keep, regex "redis;80"): __meta_app;__meta_port is "redis;6379", which does not match',
  },
  {
    rule: { action: 'drop', regex: 're.*', sourceLabels: ['__meta_app'] },
    why: '(drop, regex "re.*"): __meta_app is "redis", which matches',
  },
  {
    rule: { action: 'drop', regex: '', sourceLabels: ['none'] },
    why: '(drop, regex ""): none is not set, which matches',
  },
  { rule: { action: 'drop' }, why: '(drop, regex "(.*)"): it has no source_labels, and "" matches' },
  {
    rule: { action: 'keepequal', sourceLabels: ['__meta_app'], targetLabel: '__meta_port' },
    why: '(keepequal): __meta_app is "redis", __meta_port is "6379"',
  },
  {
    rule: { action: 'dropequal', sourceLabels: ['__meta_app'], targetLabel: 'a' },
    why: '(dropequal): __meta_app and a are both "redis"',
  },
])('dropped by $why', ({ rule, why }) => {
  const first = { ...DEFAULT_RELABEL_RULE, targetLabel: 'x', replacement: 'y' };
  const drop = compileRelabelRules([first, { ...DEFAULT_RELABEL_RULE, ...rule }]).findDrop(LABELS);
  expect(drop === null ? null : describeDrop(drop)).toBe(`dropped by relabel_configs[1] ${why}`);
});

test('long values and patterns are there whole, up to 1,000 characters', () => {
  const regex = `x{3}${'y'.repeat(500)}`;
  const rule: RelabelRule = { ...DEFAULT_RELABEL_RULE, action: 'keep', regex, sourceLabels: ['a'] };
  const drop = compileRelabelRules([rule]).findDrop({ a: 'z'.repeat(1001) });
  expect(drop === null ? null : describeDrop(drop)).toBe(
    `dropped by relabel_configs[0] (keep, regex "${regex}"): a is "${'z'.repeat(1000)}...", which does not match`,
  );
});

test('what is kept has no drop to describe', () => {
  const rules = compileRelabelRules([{ ...DEFAULT_RELABEL_RULE, action: 'keep', regex: 'redis', sourceLabels: ['a'] }]);
  expect(rules.findDrop(LABELS)).toBeNull();
  expect(rules.findDrop({ a: `redis${'x'.repeat(5000)}` })?.rule).toBe(0);
});
