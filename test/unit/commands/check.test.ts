import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFile } from '../../support/read-file.ts';
import { check } from '../../../src/commands/check.ts';

const here = join(import.meta.dirname, '..', 'config');

async function checked(...files: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const short = (line: string): string => line.replaceAll(`${here}/`, '');
  const exitCode = await check(
    files.map((file) => join(here, file)),
    {
      out: (line) => out.push(short(line)),
      err: (line) => err.push(short(line)),
      openFileLimit: 2,
      packetBacklog: 0,
      readFile,
      readOperand: readFile,
    },
  );
  return { exitCode, out, err };
}

test('a good file is one line on stdout, its warnings on stderr, exit code 0', async () => {
  const { exitCode, out, err } = await checked('good/everything.yml');
  expect(exitCode).toBe(0);
  expect(out).toEqual(['good/everything.yml: ok, 1 group, 2 peers']);
  expect(err).toEqual([
    expect.stringMatching(/^good\/everything\.yml:19:1: warning: 2 peers are more than the 1 that the limit of 2 /),
    expect.stringMatching(/^good\/everything\.yml:19:1: warning: up to \d+ probes of the 2 peers /),
  ]);
});

test('every problem of every file is told, and one bad file makes the exit code 1', async () => {
  const { exitCode, out, err } = await checked(
    'bad/key-twice-and-more.yml',
    'good/shared-by-anchors.yml',
    'bad/nowhere.yml',
  );
  expect(exitCode).toBe(1);
  expect(out).toEqual(['good/shared-by-anchors.yml: ok, 3 groups, 2 peers']);
  expect(err.filter((line) => !line.includes('warning'))).toEqual([
    'bad/key-twice-and-more.yml:3:3: the key "idle_timeout" stands here a second time; the first is on line 2',
    'bad/key-twice-and-more.yml:4:17: groups[0].name is "A"; expected a name of a-z, 0-9 and -',
    'bad/nowhere.yml: cannot be read: it does not exist',
  ]);
});
