import { describe, expect, test } from 'vitest';
import { choiceFlag, durationFlag, listFlag, switchFlag, textFlag } from '../../../../src/commands/flags/flag.ts';
import { parseFlags } from '../../../../src/commands/flags/parse-flags.ts';

const FLAGS = {
  'config.file': textFlag('finrst.yml', 'FILE', 'File.'),
  'web.listen-address': listFlag([':10346'], 'ADDRESS', 'Addresses.'),
  'web.enable-lifecycle': switchFlag('Lifecycle.'),
  'log.level': choiceFlag('info', ['debug', 'info'], 'Level.'),
  'shutdown.timeout': durationFlag(10_000, 'Timeout.'),
};

const DEFAULTS = {
  'config.file': 'finrst.yml',
  'web.listen-address': [':10346'],
  'web.enable-lifecycle': false,
  'log.level': 'info',
  'shutdown.timeout': 10_000,
};

describe('read as meant', () => {
  test.each([
    { args: [], changed: {} },
    { args: ['--config.file=a.yml'], changed: { 'config.file': 'a.yml' } },
    { args: ['--config.file', 'a.yml'], changed: { 'config.file': 'a.yml' } },
    { args: ['--config.file=-'], changed: { 'config.file': '-' } },
    { args: ['--config.file=-odd.yml'], changed: { 'config.file': '-odd.yml' } },
    { args: ['--config.file=a=b'], changed: { 'config.file': 'a=b' } },
    {
      args: ['--web.listen-address=:1', '--web.listen-address', ':2'],
      changed: { 'web.listen-address': [':1', ':2'] },
    },
    { args: ['--web.enable-lifecycle'], changed: { 'web.enable-lifecycle': true } },
    { args: ['--web.enable-lifecycle=true'], changed: { 'web.enable-lifecycle': true } },
    { args: ['--web.enable-lifecycle=false'], changed: {} },
    { args: ['--no-web.enable-lifecycle'], changed: {} },
    { args: ['--shutdown.timeout=1m30s'], changed: { 'shutdown.timeout': 90_000 } },
    { args: ['--log.level=debug'], changed: { 'log.level': 'debug' } },
  ])('$args', ({ args, changed }) => {
    expect(parseFlags(FLAGS, args)).toEqual({ kind: 'parsed', values: { ...DEFAULTS, ...changed }, operands: [] });
  });

  test('operands may stand between flags, and anything after --', () => {
    const parsed = parseFlags(FLAGS, ['a:1', '--log.level=debug', 'b:2', '--', '--c']);
    expect(parsed).toMatchObject({ kind: 'parsed', operands: ['a:1', 'b:2', '--c'] });
  });
});

describe('refused, saying what was expected', () => {
  test.each([
    [['--config.fil=x'], 'unknown flag --config.fil; did you mean --config.file?'],
    [['--web.listen_address=:1'], 'unknown flag --web.listen_address; did you mean --web.listen-address?'],
    [['--nothing.like.it'], 'unknown flag --nothing.like.it'],
    [['-c', 'x'], 'unknown flag -c'],
    [['--constructor'], 'unknown flag --constructor'],
    [['--no-config.file'], 'unknown flag --no-config.file; did you mean --config.file?'],
    [['--config.file'], '--config.file needs a value: --config.file=FILE'],
    [['--config.file', '--log.level=debug'], '--config.file needs a value: --config.file=FILE'],
    [['--config.file='], '--config.file is "", expected a file'],
    [['--config.file=a', '--config.file=b'], '--config.file is given more than once'],
    [['--web.enable-lifecycle=maybe'], '--web.enable-lifecycle is "maybe", expected true or false, or no value'],
    [['--no-web.enable-lifecycle=true'], '--no-web.enable-lifecycle takes no value'],
    [['--version=1'], '--version takes no value'],
    [['--log.level=loud'], '--log.level is "loud", expected one of debug, info'],
    [['--shutdown.timeout=10'], '--shutdown.timeout is "10", expected a duration like 500ms, 15s or 1h30m'],
  ])('%j', (args, message) => {
    expect(parseFlags(FLAGS, args)).toEqual({ kind: 'misused', message });
  });
});

test('help wins over whatever else is wrong', () => {
  expect(parseFlags(FLAGS, ['--nonsense', '--help'])).toEqual({ kind: 'help' });
  expect(parseFlags(FLAGS, ['-h'])).toEqual({ kind: 'help' });
});

test('the value of a flag is no request for help', () => {
  expect(parseFlags(FLAGS, ['--config.file=--help'])).toMatchObject({
    kind: 'parsed',
    values: { 'config.file': '--help' },
  });
});

test('the version is told where nothing is wrong', () => {
  expect(parseFlags(FLAGS, ['--version'])).toEqual({ kind: 'version' });
  expect(parseFlags(FLAGS, ['--version', '--nonsense'])).toMatchObject({ kind: 'misused' });
});
