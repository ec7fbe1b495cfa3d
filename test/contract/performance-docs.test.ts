import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Results } from '../bench/results/results.ts';
import { RECORDED, withFigures } from '../bench/results/write-docs.ts';

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** After a change of a title or a bar: `npm run bench -- --add=test/bench/results/recorded-run.json --write-docs`. */
test('the figures of the page are those of the recorded run', () => {
  const page = readFileSync(PAGE, 'utf8');
  const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Results;
  expect(withFigures(page, recorded)).toBe(page);
});
