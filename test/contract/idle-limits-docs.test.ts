import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KNOWN_LIMITS } from '../../src/explanations/known-limits.ts';
import { LIFETIME_BUCKETS_SECONDS } from '../../src/sinks/metrics/bucket-bounds.ts';

const page = readFileSync(new URL('../../docs/idle-limits.md', import.meta.url), 'utf8');

test('the table of docs/idle-limits.md is the one that conclusions have their suspects from', () => {
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
  const expected = KNOWN_LIMITS.map(({ seconds, endsAt, hasBucket, who, seen }) => {
    const later = endsAt === undefined ? '' : ` (${endsAt} s)`;
    return `| ${seconds} s${later}${hasBucket ? ' \\*' : ''} | ${who} | ${seen} |`;
  });
  expect(rows).toEqual(expected);
});

test('each limit with a star lies inside a bucket that is at most a fifth as wide', () => {
  const isNarrow = (seconds: number) => {
    const edge = LIFETIME_BUCKETS_SECONDS.findIndex((each) => each >= seconds);
    const [below = 0, above = 0] = LIFETIME_BUCKETS_SECONDS.slice(edge - 1, edge + 1);
    return above - below <= seconds / 5;
  };
  const starred = KNOWN_LIMITS.filter(({ seconds, endsAt }) => isNarrow(endsAt ?? seconds));
  expect(KNOWN_LIMITS.filter(({ hasBucket }) => hasBucket)).toEqual(starred);
});
