import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFile } from '../../support/read-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { check, printRbac } from '../../../src/commands/check.ts';

const here = join(import.meta.dirname, '..', 'config');

async function checked({ rbac }: { readonly rbac: boolean }, ...files: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const short = (line: string): string => line.replaceAll(`${here}/`, '');
  const run = rbac ? printRbac : check;
  const exitCode = await run(
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
  const { exitCode, out, err } = await checked({ rbac: false }, 'good/everything.yml');
  expect(exitCode).toBe(0);
  expect(out).toEqual(['good/everything.yml: ok, 1 group, 2 peers']);
  expect(err).toEqual([
    expect.stringMatching(/^good\/everything\.yml:19:1: warning: 2 peers are more than the 1 that the limit of 2 /),
    expect.stringMatching(/^good\/everything\.yml:19:1: warning: up to \d+ probes of the 2 peers /),
  ]);
});

test('every problem of every file is told, and one bad file makes the exit code 1', async () => {
  const { exitCode, out, err } = await checked(
    { rbac: false },
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

test('the rights that files need from Kubernetes are all that is on stdout, together', async () => {
  const { exitCode, out, err } = await checked({ rbac: true }, 'good/kubernetes.yml', 'good/everything.yml');
  expect(exitCode).toBe(0);
  expect(out.join('\n')).toMatch(/^# In the cluster that Finrst runs in\..*\napiVersion: rbac[^]*\[endpointslices\]/);
  expect(err[0]).toBe('good/kubernetes.yml: ok, 1 group, 0 peers');
});

test('a file with a problem gives no rights', async () => {
  const { exitCode, out } = await checked({ rbac: true }, 'good/kubernetes.yml', 'bad/group-twice.yml');
  expect(exitCode).toBe(1);
  expect(out).toEqual([]);
});

/** What `check` says of a configuration beside these files of targets. */
async function checkedWith(files: Readonly<Record<string, string>>, paths: string) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const config = join(folder, 'config');
  writeFileSync(config, `groups: [{name: a, file_sd_configs: [{files: [${paths}]}]}]`);
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line.replaceAll(`${folder}/`, ''));
  const exitCode = await check([config], { out: print, err: print, readFile, readOperand: readFile });
  return { exitCode, lines };
}

test('files of targets are read; a path that no file matches is a warning', async () => {
  const files = { 'a.json': '[{"targets": ["a:1", "b:2"]}]', 'b.yml': '- targets: [c:3]', 'c.txt': '?' };
  const { exitCode, lines } = await checkedWith(files, '"*.json", "*.yml", "x*.json", none.yaml');
  expect(exitCode).toBe(0);
  expect(lines).toEqual([
    'config: warning: file_sd_configs: no file matches "x*.json" now',
    'config: warning: file_sd_configs: no file matches "none.yaml" now',
    'config: ok, 1 group, 0 peers, 3 targets in 2 files',
  ]);
});

test('what is wrong in a file of targets is a problem, at its place', async () => {
  const files = { 'a.json': '[{"target": []}]', 'b.yml': '', 'c.yml': '- targets: [a:1]\n  labels: {a-b: c}\n' };
  const { exitCode, lines } = await checkedWith(files, '"*.json", "*.yml"');
  expect(exitCode).toBe(1);
  expect(lines).toEqual([
    'a.json:1:3: unknown key "target"; did you mean targets?',
    'b.yml:1:1: is empty; write [] for no targets',
    'c.yml:2:12: label "a-b" is no Prometheus label name; expected letters, digits and _, not beginning with a digit',
  ]);
});

test('a folder in the place of a file of targets is a problem', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a.json'));
  const { exitCode, lines } = await checkedWith({}, join(folder, '*.json'));
  expect(exitCode).toBe(1);
  expect(lines).toEqual([`${join(folder, 'a.json')}: cannot be read: it is a folder`]);
});
