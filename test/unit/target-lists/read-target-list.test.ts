import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/text/file-problem.ts';
import { readJson } from '../../../src/target-lists/json-reader.ts';
import { readTargetList } from '../../../src/target-lists/read-target-list.ts';
import type { TargetListResult } from '../../../src/target-lists/target-list.ts';
import { readYaml } from '../../../src/yaml/yaml-source.ts';

function read(syntax: 'json' | 'yaml', content: string | Uint8Array): TargetListResult {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const readSyntax =
    syntax === 'json' ? readJson : (yaml: string, f: string) => readYaml(yaml, f, { scalars: 'written' });
  return readTargetList({ bytes, syntax, file: 't' }, readSyntax);
}

/** The entries, or the problems as lines. */
function resultOf(syntax: 'json' | 'yaml', content: string | Uint8Array) {
  const result = read(syntax, content);
  return result.kind === 'list' ? result.entries : result.problems.map(formatProblem);
}

test.each(['json', 'yaml'] as const)('too many labels and too long names are refused (%s)', (syntax) => {
  const labelsOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'v']));
  const list = [{ labels: labelsOf(4000) }, { labels: labelsOf(4001) }, { labels: { ['n'.repeat(512)]: 'v' } }];
  const long = { labels: { ['n'.repeat(513)]: 'v' } };
  expect(read(syntax, JSON.stringify([...list.slice(0, 1), ...list.slice(2)])).kind).toBe('list');
  const problems = resultOf(syntax, JSON.stringify([...list, long]));
  expect(problems).toEqual([
    expect.stringMatching(/^t:1:\d+: \[1\]\.labels has 4001 labels; expected at most 4000$/),
    expect.stringMatching(/^t:1:\d+: label "n{60}\.\.\." has 513 characters; expected at most 512$/),
  ]);
});

const NONE = { targets: [], labels: {} };

describe('lists that are right', () => {
  test.each([
    ['json', '[]', []],
    ['json', ' null ', []],
    ['json', '[{}]', [NONE]],
    ['json', '[{"targets": null, "labels": null}]', [NONE]],
    [
      'json',
      '[{"targets": ["a:1", "b:2"], "labels": {"team": "x"}}]',
      [{ targets: ['a:1', 'b:2'], labels: { team: 'x' } }],
    ],
    ['json', '[{"labels": {"a": null, "b": "", "c": "\\u00e9\\n"}}]', [{ targets: [], labels: { c: 'é\n' } }]],
    ['json', '[{"targets": ["no port", null]}]', [{ targets: ['no port', ''], labels: {} }]],
    [
      'json',
      '[{"labels": {"__address__": "a:1", "__proto__": "x"}}]',
      [
        {
          targets: [],
          labels: Object.fromEntries([
            ['__address__', 'a:1'],
            ['__proto__', 'x'],
          ]),
        },
      ],
    ],
    ['yaml', '[]', []],
    ['yaml', '- targets:\n', [NONE]],
    ['yaml', '- targets: [a:1]\n  labels: {team: x}\n', [{ targets: ['a:1'], labels: { team: 'x' } }]],
    ['yaml', '- targets: [6379, 1.50, null]\n', [{ targets: ['6379', '1.50', ''], labels: {} }]],
    [
      'yaml',
      '- labels: {a: 1, b: true, c: 1.50, d: 0x10, e: on, f: 2026-01-01, g: ~, h: , i: "null", j: 1e3}\n',
      [
        {
          targets: [],
          labels: { a: '1', b: 'true', c: '1.50', d: '0x10', e: 'on', f: '2026-01-01', i: 'null', j: '1e3' },
        },
      ],
    ],
    [
      'yaml',
      '- &a {targets: [a:1], labels: {x: y}}\n- *a\n- {<<: *a, targets: [b:2]}\n',
      [
        { targets: ['a:1'], labels: { x: 'y' } },
        { targets: ['a:1'], labels: { x: 'y' } },
        { targets: ['b:2'], labels: { x: 'y' } },
      ],
    ],
    ['yaml', '\ufeff[]', []],
    ['yaml', '[{"targets": ["a:1"]}]', [{ targets: ['a:1'], labels: {} }]],
  ] as const)('%s %j', (syntax, content, expected) => {
    expect(resultOf(syntax, content)).toEqual(expected);
  });
});

describe('lists that are wrong, with the place', () => {
  const EXPECTED_LIST = 'expected a list; begin the file with "- targets:", or in JSON with [{"targets":';
  test.each([
    ['json', '', 't:1:1: is empty; write [] for no targets'],
    ['json', ' \n ', 't:1:1: is empty; write [] for no targets'],
    ['yaml', '', 't:1:1: is empty; write [] for no targets'],
    ['yaml', '# only a comment\n', 't:1:1: is empty; write [] for no targets'],
    ['yaml', '---\n', 't:1:1: is empty; write [] for no targets'],
    ['yaml', 'null', 't:1:1: is empty; write [] for no targets'],
    ['json', '\ufeff[]', 't:1:1: begins with a byte order mark; JSON has none'],
    ['json', '[] []', 't:1:4: not valid JSON: something stands behind the end of the list'],
    ['json', '[{"targets": ["a:1"]', 't:1:21: not valid JSON: expected , or }'],
    ['json', '[{"targets": ["a:1', 't:1:15: not valid JSON: the string that begins here has no end'],
    ['json', '[\n  {"targets": ["a:1",]}]', 't:2:22: not valid JSON: expected a value'],
    ['json', '[{"targets":', 't:1:13: not valid JSON: the text ends here; expected a value'],
    ['json', '[{targets: []}]', 't:1:3: not valid JSON: expected a key in double quotes'],
    ['json', '[{"targets" []}]', 't:1:13: not valid JSON: expected : behind the key'],
    ['json', '[{"targets": [] "labels"}]', 't:1:17: not valid JSON: expected , or }'],
    ['json', '["a\tb"]', 't:1:4: not valid JSON: a control character stands in a string; write it as an escape'],
    ['json', '["\\x"]', 't:1:2: not valid JSON: the string that begins here has an escape that JSON does not know'],
    ['json', '[01]', 't:1:3: not valid JSON: expected , or ]'],
    ['json', '[NaN]', 't:1:2: not valid JSON: expected a value'],
    ['json', '[.5]', 't:1:2: not valid JSON: expected a value'],
    ['json', `${'['.repeat(200)}`, 't:1:102: not valid JSON: nested more than 100 levels deep'],
    ['json', '[null]', 't:1:2: [0] is empty; expected a map with targets and labels'],
    ['yaml', '- targets: []\n-\n', 't:2:2: [1] is empty; expected a map with targets and labels'],
    ['yaml', '- a:1\n', 't:1:3: [0] is "a:1"; expected a map with targets and labels'],
    ['yaml', 'targets: [a:1]\n', `t:1:1: the text holds a map; ${EXPECTED_LIST}`],
    ['json', '{"targets": []}', `t:1:1: the text holds a map; ${EXPECTED_LIST}`],
    ['json', '"a:1"', `t:1:1: the text holds "a:1"; ${EXPECTED_LIST}`],
    ['json', '[{"target": []}]', 't:1:3: unknown key "target"; did you mean targets?'],
    ['json', '[{"Targets": []}]', 't:1:3: unknown key "Targets"; did you mean targets?'],
    ['json', '[{"source": "x"}]', 't:1:3: unknown key "source"; known here: targets, labels'],
    ['yaml', '- targets: []\n  extra: 1\n', 't:2:3: unknown key "extra"; known here: targets, labels'],
    [
      'json',
      '[{"targets": [], "targets": []}]',
      't:1:18: the key "targets" stands here a second time; the first is on line 1',
    ],
    [
      'yaml',
      '- targets: []\n  targets: []\n',
      't:2:3: the key "targets" stands here a second time; the first is on line 1',
    ],
    ['json', '[{"targets": "a:1"}]', 't:1:14: [0].targets is "a:1"; expected a list of HOST:PORT'],
    ['json', '[{"targets": [1]}]', 't:1:15: [0].targets[0] is the number 1; expected HOST:PORT; write it in quotes'],
    ['json', '[{"targets": [{}]}]', 't:1:15: [0].targets[0] is a map; expected HOST:PORT'],
    ['json', '[{"labels": []}]', 't:1:13: [0].labels is a list; expected a map of label names to strings'],
    ['json', '[{"labels": {"a": 1}}]', 't:1:19: [0].labels.a is the number 1; expected a string; write it in quotes'],
    [
      'json',
      '[{"labels": {"a": true}}]',
      't:1:19: [0].labels.a is the boolean true; expected a string; write it in quotes',
    ],
    ['yaml', '- labels: {a: [x]}\n', 't:1:15: [0].labels.a is a list; expected a string'],
    [
      'yaml',
      '- labels:\n    a-b: x\n',
      't:2:5: label "a-b" is no Prometheus label name; expected letters, digits and _, not beginning with a digit',
    ],
    ['yaml', '[]\n---\n[]\n', 't:2:1: a second YAML document begins here (---); expected one'],
  ] as const)('%s %j', (syntax, content, expected) => {
    expect(resultOf(syntax, content)).toEqual([expected]);
  });

  test.each(['json', 'yaml'] as const)('bytes that are no UTF-8 (%s)', (syntax) => {
    expect(resultOf(syntax, Uint8Array.of(0x5b, 0xff, 0x5d))).toEqual(['t:1:1: is not UTF-8 text']);
  });

  test('all problems come at once, and no more than a hundred', () => {
    expect(resultOf('json', '[{"target": []},\n{"labels": {"a": 1, "b": 2}}]')).toHaveLength(3);
    expect(resultOf('json', `[${'{"x": 1},'.repeat(200)}{}]`)).toHaveLength(100);
    expect(resultOf('json', `[{"targets": [${'1,'.repeat(200)}1]}]`)).toHaveLength(100);
    expect(resultOf('json', `[{${'"a": 1,'.repeat(200)}"a": 1}]`)).toHaveLength(100);
  });

  test('what a file repeats without end is refused', () => {
    expect(resultOf('json', `[${'1,'.repeat(1_000_000)}1]`)).toEqual([
      't:1:2000000: not valid JSON: more than 1000000 values stand here; split the list',
    ]);
  });
});
