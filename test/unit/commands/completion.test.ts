import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/commands/command-list.ts';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { createFakeRuntime } from '../../support/fake-runtime.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function scriptFor(shell: string): Promise<string> {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['completion', shell])).toBe(0);
  return `${runtime.printed.join('\n')}\n`;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

test.each(['bash', 'zsh', 'fish'])('the script for %s knows every command and every flag', async (shell) => {
  const script = await scriptFor(shell);
  for (const { name, flags } of COMMANDS) {
    expect(script).toContain(name);
    for (const flag of Object.keys(flags)) expect(script).toContain(shell === 'fish' ? `-l ${flag} ` : `--${flag}`);
  }
});

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  const isHere = isInstalled(shell);
  test.skipIf(!isHere)(`is one that the shell can read${isHere ? '' : ` (needs ${shell})`}`, async () => {
    const file = join(temporaryFolder(), 'script');
    writeFileSync(file, await scriptFor(shell));
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

test.each([
  { args: ['tcsh'], line: 'finrst completion: no script for "tcsh"; expected one of bash, zsh, fish' },
  { args: ['constructor'], line: 'finrst completion: no script for "constructor"; expected one of bash, zsh, fish' },
  {
    args: [],
    line: 'finrst completion: nothing to do; usage: finrst completion bash|zsh|fish (see finrst completion --help)',
  },
  { args: ['bash', 'zsh'], line: 'finrst completion: unexpected argument "zsh" (see finrst completion --help)' },
])('$args is exit 2 and one line', async ({ args, line }) => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['completion', ...args])).toBe(2);
  expect(runtime.printedErrors).toEqual([line]);
});

/** `|` is where the cursor is. */
const CASES: readonly { readonly typed: string; readonly breaks?: string; readonly gives: readonly string[] }[] = [
  { typed: 'finrst |', gives: COMMANDS.map(({ name }) => name) },
  { typed: 'finrst wa|', gives: ['watch'] },
  { typed: 'finrst wa|tch --json', gives: ['watch'] },
  { typed: 'finrst watch a:1 --tls.c|', gives: ['--tls.ca-file=', '--tls.cert-file='] },
  { typed: 'finrst watch a:1 --js|', gives: ['--json'] },
  { typed: 'finrst --web.li|', gives: ['--web.listen-address='] },
  { typed: 'finrst watch --web.li|', gives: [] },
  { typed: 'finrst demo --|', gives: ['--for=', '--help', '--version'] },
  // bash replaces what follows its own word breaks only.
  { typed: 'finrst --log.level=w|', gives: ['warn'] },
  { typed: 'finrst --log.level=w|', breaks: ' \t\n', gives: ['--log.level=warn'] },
  { typed: 'finrst --log.level w|', gives: ['warn'] },
  { typed: 'finrst serve --log.format |', gives: ['logfmt', 'json'] },
  { typed: 'finrst watch x:1 --fail-on=error,n|', gives: ['error,never'] },
  { typed: 'finrst watch x:1 --keepalive=|', gives: ['off'] },
  { typed: 'finrst watch x:1 --heartbeat.send=|', gives: [] },
  { typed: 'finrst check fin|', gives: ['finrst one.yml', 'finrst.yml'] },
  { typed: 'finrst --config.file=fin|', gives: ['finrst one.yml', 'finrst.yml'] },
  { typed: 'finrst --config.file fin|', gives: ['finrst one.yml', 'finrst.yml'] },
  { typed: 'finrst explain tcp/re|', gives: ['tcp/refused'] },
  { typed: 'finrst explain reset keep|', gives: ['keepalive_timeout'] },
  { typed: 'finrst completion |', gives: ['bash', 'zsh', 'fish'] },
  { typed: 'finrst healthcheck |', gives: [] },
];

const hasBash = isInstalled('bash');

describe.skipIf(!hasBash)(`bash itself completes${hasBash ? '' : ' (needs bash)'}`, () => {
  let answers: readonly string[] = [];

  // One bash for all of them: each start costs more than the questions.
  test('without a word on stderr', async () => {
    const folder = temporaryFolder();
    for (const name of ['finrst.yml', 'finrst one.yml']) writeFileSync(join(folder, name), '');
    const tries = CASES.map(({ typed, breaks = ' \t\n"\'@><=;|&(:' }) => {
      const point = typed.indexOf('|');
      return `COMP_WORDBREAKS=${quoted(breaks)} COMP_POINT=${point} COMP_LINE=${quoted(typed.replace('|', ''))}
_finrst; printf '%s\\t' "\${COMPREPLY[@]}"; echo`;
    });
    const input = `${await scriptFor('bash')}\n${tries.join('\n')}\n`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '--noprofile'], { input, encoding: 'utf8', cwd: folder });
    answers = stdout.split('\n');
    expect(stderr).toBe('');
  });

  test.each(CASES.map(({ typed, gives }, at) => ({ typed, gives, at })))('$typed', ({ gives, at }) => {
    const found = (answers[at] ?? '').split('\t').filter((word) => word !== '');
    expect(found.toSorted()).toEqual([...gives].toSorted());
  });
});

function quoted(text: string): string {
  return `$'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`;
}
