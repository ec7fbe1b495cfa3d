import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatProblem } from '../../src/text/file-problem.ts';
import { readFile } from '../support/read-file.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

type Example = { readonly page: string; readonly line: number; readonly text: string };

/** Every YAML block of the page that is a whole configuration: it begins with one of the top-level keys. */
function examplesOf(page: string): readonly Example[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)]
    .map((match) => ({ page, line: text.slice(0, match.index).split('\n').length, text: match[1] ?? '' }))
    .filter((example) => /^(?:#[^\n]*\n)*(?:global|groups|tracing):/.test(example.text));
}

const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const EXAMPLES = PAGES.flatMap(examplesOf);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finrst-documented-'));
  // Files that the examples name.
  await copyFile(join(ROOT, 'test/support/tls/ca.pem'), join(folder, 'ca.pem'));
  for (const name of [
    'redis.password',
    'pg.password',
    'pop3.password',
    'mqtt.password',
    'ldap.password',
    'shop.token',
    'amqp.password',
    'chat.token',
    'kafka.password',
    'nats.password',
    'mongodb.password',
  ])
    await writeFile(join(folder, name), 'secret\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the README and the page about servers show configurations', () => {
  expect(EXAMPLES.map(({ page }) => page)).toEqual(expect.arrayContaining(['README.md', 'docs/servers.md']));
});

test.each(EXAMPLES)('the configuration in $page, line $line, is accepted as it stands', async ({ text }) => {
  const file = join(folder, 'finrst.yml');
  await writeFile(file, text);
  const result = await loadConfig({ file, readFile });
  expect(result.kind === 'loaded' ? [] : result.problems.map(formatProblem)).toEqual([]);
});
