import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/commands/command-list.ts';
import { runCommandLine } from '../../../src/commands/run-command-line.ts';
import { createFakeRuntime } from '../../support/fake-runtime.ts';

test('the overview names every command', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['--help'])).toBe(0);
  const page = runtime.printed.join('\n');
  for (const { usage, summary } of COMMANDS) {
    expect(page).toContain(usage);
    expect(page).toContain(summary);
  }
});

describe.each(COMMANDS)('the help of $name', ({ name, flags, about }) => {
  test('names every flag with its default, in lines that fit a terminal', async () => {
    const runtime = createFakeRuntime();
    expect(await runCommandLine(runtime, [name, '--help'])).toBe(0);
    const page = runtime.printed.join('\n');
    const told = Object.entries(flags).flatMap(([flag, { defaultText }]) => [
      `--${flag}`,
      ...(defaultText === '' ? [] : [`(default ${defaultText})`]),
    ]);
    for (const text of told) expect(page.replaceAll(/\s+/g, ' ')).toContain(text);
    expect(page.replaceAll(/\s+/g, ' ')).toContain(about.split('\n')[0]);
    expect(Math.max(...runtime.printed.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('is the same page as `help` and the name', async () => {
    const [one, other] = [createFakeRuntime(), createFakeRuntime()];
    await runCommandLine(one, [name, '--help']);
    await runCommandLine(other, ['help', name]);
    expect(other.printed).toEqual(one.printed);
  });
});

test('the version says which sources and which runtime', async () => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, ['--version'])).toBe(0);
  expect(runtime.printed).toEqual(['finrst 1.2.3 (revision abc), Node.js 24.0.0']);
});

test.each([
  { args: ['serv'], line: 'finrst: unknown command "serv"; did you mean serve?' },
  {
    args: ['fly'],
    line: 'finrst: unknown command "fly"; the commands are serve, check, watch, demo, measure, discover, explain, healthcheck, completion',
  },
  {
    args: ['--log.levl=info'],
    line: 'finrst serve: unknown flag --log.levl; did you mean --log.level? (see finrst serve --help)',
  },
  { args: ['serve', 'extra'], line: 'finrst serve: unexpected argument "extra" (see finrst serve --help)' },
  {
    args: ['watch'],
    line: 'finrst watch: nothing to do; name peers as HOST:PORT, or a running Finrst with --url',
  },
  {
    args: ['check'],
    line: 'finrst check: nothing to do; usage: finrst check FILE... [flags] (see finrst check --help)',
  },
  {
    args: ['watch', 'redis-0'],
    line: 'finrst watch: target "redis-0" has no port; a port is required, like redis-0:6379',
  },
  {
    args: ['watch', 'a:1', '--heartbeat.expect=x'],
    line: 'finrst watch: --heartbeat.expect is given without --heartbeat.send: nothing would be asked',
  },
  {
    args: ['watch', 'a:1', '--heartbeat.send=\\q'],
    line: 'finrst watch: --heartbeat.send has the unknown escape \\q; known are \\r \\n \\t \\\\ and \\xHH',
  },
  {
    args: ['--web.listen-address=10346'],
    line: 'finrst serve: --web.listen-address is "10346", expected :PORT, HOST:PORT or [IPV6]:PORT',
  },
  {
    args: ['--web.listen-address=:70000'],
    line: 'finrst serve: --web.listen-address is ":70000", expected :PORT, HOST:PORT or [IPV6]:PORT',
  },
  {
    args: ['--web.listen-address=[zz]:80'],
    line: 'finrst serve: --web.listen-address is "[zz]:80", expected :PORT, HOST:PORT or [IPV6]:PORT',
  },
  {
    args: ['--web.telemetry-path=metrics'],
    line: 'finrst serve: --web.telemetry-path is "metrics", expected a path that begins with /',
  },
  {
    args: ['--web.external-url=here'],
    line: 'finrst serve: --web.external-url is "here", expected an http:// or https:// URL',
  },
  {
    args: ['--observe=only', '--shard.total=2', '--shard.ordinal=0'],
    line: 'finrst serve: --observe=only holds no peers, so there is nothing to share: leave --shard.* out',
  },
  { args: ['--config.file=/nonexistent/f.yml'], line: '/nonexistent/f.yml: cannot be read: it does not exist' },
])('$args is exit 2 and one line', async ({ args, line }) => {
  const runtime = createFakeRuntime();
  expect(await runCommandLine(runtime, args)).toBe(2);
  expect(runtime.printedErrors).toEqual([line]);
  expect(runtime.asked).toEqual([]);
});

describe('what the contract names and is not built yet', () => {
  test.each([
    { command: 'serve', flag: '--shard.index' },
    { command: 'serve', flag: '--shard.count' },
  ])('$flag of $command is refused, and no other flag is guessed', async ({ command, flag }) => {
    const runtime = createFakeRuntime();
    expect(await runCommandLine(runtime, [command, `${flag}=1`])).toBe(2);
    expect(runtime.printedErrors).toEqual([`finrst ${command}: unknown flag ${flag} (see finrst ${command} --help)`]);
    expect(runtime.asked).toEqual([]);
  });
});
