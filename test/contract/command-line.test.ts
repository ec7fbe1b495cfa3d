import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLineReference } from '../../scripts/command-line-reference.ts';
import { COMMANDS } from '../../src/commands/command-list.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8');

test('docs/command-line.md is what the flag tables in code give', () => {
  expect(page, 'run `npm run node scripts/generate-command-line.ts`').toBe(commandLineReference());
});

test('every flag of every command has a row in the section of its command', () => {
  const sections = new Map(page.split(/^## /m).map((text) => [text.split('\n')[0], text]));
  const missing = COMMANDS.flatMap(({ name, flags }) =>
    Object.keys(flags).filter((flag) => !sections.get(name)?.includes(`\n| \`--${flag}`)),
  );
  expect(missing).toEqual([]);
  expect(COMMANDS.flatMap(({ flags }) => Object.keys(flags)).length).toBeGreaterThan(20);
});
