import { describe, expect, test } from 'vitest';
import { HELP, PARTS, parseOptions, phasesOf } from '../../bench/options.ts';

const optionsOf = (...args: readonly string[]) => {
  const parsed = parseOptions(args);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed));
  return parsed.options;
};

test('without flags everything is measured', () => {
  expect(optionsOf()).toMatchObject({
    parts: Object.keys(PARTS),
    peers: [1000, 5000, 15_000],
    repeats: null,
    idleSeconds: 60,
    file: null,
    writesDocs: false,
  });
  expect(optionsOf().silences).toHaveLength(6);
});

test('one part with one number of peers', () => {
  const { parts, peers } = optionsOf('--only=storm', '--peers=5000');
  expect({ parts, peers }).toEqual({ parts: ['storm'], peers: [5000] });
});

test('one case of silence', () => {
  expect(optionsOf('--path=veth', '--keepalive=20s/2s/2').silences).toEqual([{ path: 'veth', keepalive: '20s/2s/2' }]);
});

test('phases keep their order, whatever the order they are asked for', () => {
  expect(phasesOf(['kill', 'reload', 'idle', 'storm'])).toEqual(['idle', 'storm', 'kill']);
});

describe('misuse', () => {
  test.each([
    ['--only=storms', '--only is "storms", expected one of idle, scrape'],
    ['--path=ipvlan', '--path is "ipvlan", expected one of loopback, veth'],
    ['--keepalive=5s', '--keepalive is "5s"'],
    ['--peers=many', '--peers is "many", expected a number above 0'],
    ['--seconds=0', '--seconds is "0", expected a number above 0'],
    ['--minutes=-1', '--minutes is "-1", expected a number above 0'],
    ['--quick', "Unknown option '--quick'"],
  ])('%s', (flag, problem) => {
    expect(parseOptions([flag])).toEqual({ kind: 'misused', problem: expect.stringContaining(problem) });
  });

  test('the second of two wrong numbers is found too', () => {
    expect(parseOptions(['--peers=1000', '--peers=0'])).toMatchObject({ kind: 'misused' });
  });
});

test('the help names every part', () => {
  expect(parseOptions(['--help'])).toEqual({ kind: 'help' });
  for (const [name, about] of Object.entries(PARTS)) expect(HELP).toMatch(new RegExp(`${name} +${about.slice(0, 20)}`));
});
