import { describe, expect, test } from 'vitest';
import { fieldSelectorProblem, labelSelectorProblem } from '../../../../src/config/kubernetes/selector-problem.ts';

describe('label selectors', () => {
  test.each(
    [
      '',
      'app',
      '!app',
      'app=redis',
      'app==redis',
      'app!=redis',
      'app=',
      'app = redis',
      'kubernetes.io/service-name in (redis,amqp)',
      'app in ( redis , amqp )',
      'app in(redis)',
      'app notin (redis)',
      'app in ()',
      'a,b!=c,!d',
      'a=b, c in (d,e) ,f',
      'size>3',
      'size < 10',
    ].map((each) => [each]),
  )('%j is one', (selector) => {
    expect(labelSelectorProblem(selector)).toBeNull();
  });

  test.each(
    [
      'A_b.c-d/x_y=Z.1',
      'app=a=b',
      'app in redis',
      'app in (redis',
      'app redis',
      ',',
      'app,',
      ',app',
      '=redis',
      '-app',
      'app-',
      'app=re dis',
      'app=-redis',
      `app=${'x'.repeat(64)}`,
      `${'x'.repeat(64)}=a`,
      'a/b/c',
      '/b',
      'size>x',
      'app in (a))',
      'app=a\nb',
      '(app)',
      `a=${'b,c='.repeat(2000)}`,
    ].map((each) => [each]),
  )('%j is none', (selector) => {
    expect(labelSelectorProblem(selector)).not.toBeNull();
  });

  test('the part that is wrong is named', () => {
    expect(labelSelectorProblem('app=redis,tier in front')).toBe(
      'is no label selector: "tier in front"; expected KEY=VALUE, KEY!=VALUE, KEY in (A,B), KEY notin (A,B), KEY or !KEY, with commas between',
    );
  });
});

describe('field selectors', () => {
  test.each(
    [
      '',
      'metadata.name=redis-0',
      'status.phase==Running',
      'status.phase!=Running,spec.nodeName=a',
      'metadata.name=',
      String.raw`metadata.name=a\,b`,
      String.raw`metadata.name=a\=b\\`,
      'spec.nodeName=a.b.c',
    ].map((each) => [each]),
  )('%j is one', (selector) => {
    expect(fieldSelectorProblem(selector)).toBeNull();
  });

  test.each(
    [
      'metadata.status-Running',
      'metadata.name',
      '=a',
      'metadata.name=a=b',
      String.raw`metadata.name=a\b`,
      String.raw`metadata.name=a` + '\\',
      'metadata.name in (a,b)',
      ',',
      `metadata.name=${'x'.repeat(5000)}`,
    ].map((each) => [each]),
  )('%j is none', (selector) => {
    expect(fieldSelectorProblem(selector)).not.toBeNull();
  });
});
