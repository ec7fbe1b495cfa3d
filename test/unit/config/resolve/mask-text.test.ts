import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../src/config/load-config.ts';

function masked(text: string): string {
  const result = parseConfig(text, 'f.yml', () => ({ kind: 'read', bytes: Buffer.from('k=v') }));
  return result.kind === 'loaded' ? result.config.maskedText : JSON.stringify(result.problems);
}

const group = (send: string, more = ''): string =>
  `groups:\n  - name: a # first\n    heartbeat:\n      send: ${send}\n${more}`;

describe('what is sent is not shown, whatever way it is written', () => {
  test.each([
    ['in single quotes', `'AUTH hunter2\\r\\n'`],
    ['in double quotes', `"AUTH hunter2\\r\\n"`],
    ['plain', 'AUTH hunter2'],
    ['over several lines', `"AUTH\n        hunter2"`],
    ['with an anchor', `&secret 'AUTH hunter2'`],
  ])('%s', (_how, send) => {
    const text = masked(group(send, '      interval: 5s # kept\n'));
    expect(text).not.toContain('hunter2');
    expect(text).toMatch(
      /^groups:\n {2}- name: a # first\n {4}heartbeat:\n {6}send: .*<secret>\n {6}interval: 5s # kept\n$/,
    );
  });

  test('as a block', () => {
    const text = masked(group('|\n        AUTH hunter2\n        AGAIN hunter2', '      interval: 5s\n'));
    expect(text).toBe(group('<secret>', '      interval: 5s\n'));
  });

  test('behind an alias', () => {
    const text = masked(`groups: [{name: &s hunter2, heartbeat: {send: *s}}]`);
    expect(text).toBe('groups: [{name: &s <secret>, heartbeat: {send: *s}}]');
  });

  test('behind two aliases', () => {
    const groups = (send: string): string =>
      `groups:\n- {name: a, heartbeat: {send: &s ${send}}}\n- {name: b, heartbeat: {send: *s}}\n- {name: c, heartbeat: {send: *s}}\n`;
    expect(masked(groups('hunter2'))).toBe(groups('<secret>'));
  });

  test('in a merged map', () => {
    const text = masked(
      `groups:\n- {name: a, heartbeat: &h {send: hunter2}}\n- {name: b, heartbeat: {<<: *h, interval: 5s}}\n`,
    );
    expect(text).not.toContain('hunter2');
  });

  test('in a comment', () => {
    expect(masked(`# send: 'hunter2'\ngroups: [] # was send: hunter2\n`)).toBe(
      '# send: <secret>\ngroups: [] # was send: <secret>\n',
    );
  });
});

describe('a comment that may hold what was sent is masked', () => {
  const [before, after] = ['groups:\n  - name: a # first\n    heartbeat:\n', '      interval: 5s # kept\n'];
  test.each([
    ['beside it', "      send: 'x' # was AUTH hunter2\n", '      send: <secret> # <secret>\n'],
    [
      'between key and value',
      "      send: # AUTH hunter2\n        'x'\n",
      '      send: # <secret>\n        <secret>\n',
    ],
    [
      'before it',
      "      # AUTH hunter2\n      # or\n      send: 'x'\n",
      '      # <secret>\n      # <secret>\n      send: <secret>\n',
    ],
    ['after it', "      send: 'x'\n      # AUTH hunter2\n", '      send: <secret>\n      # <secret>\n'],
    [
      'as a block of its own',
      '      send: x\n      # send: |\n      #   AUTH hunter2\n',
      '      send: <secret>\n      # send: <secret>\n      # <secret>\n',
    ],
    ['in quotes', `      send: x\n      # "send" : 'hunter2'\n`, '      send: <secret>\n      # "send" : <secret>\n'],
  ])('%s', (_where, lines, shown) => {
    expect(masked(before + lines + after)).toBe(before + shown + after);
  });

  test('and one further away is not', () => {
    const text =
      '# Held by the payments team.\n\ngroups:\n# The first.\n- name: a # send_file stands below\n  heartbeat: {send_file: x}\n';
    expect(masked(text)).toBe(text);
  });
});

test.each([
  'http://me:hunter2@otel',
  "HTTP://me:hunt'er2@otel",
  'http://me:a/hunter2@otel',
  'http://me:a@hunter2@otel',
])('the user part of a URL in a comment is not shown: %s', (url) => {
  const shown = `groups: [] # was ${url.slice(0, 7)}<secret>@otel for a@b.example\n`;
  expect(masked(`groups: [] # was ${url} for a@b.example\n`)).toBe(shown);
});

test('everything else is shown as it was loaded', () => {
  const text = 'global: {idle_timeout: 5s}   # as written\n\ngroups: [ ]\n';
  expect(masked(text)).toBe(text);
});

describe('of what is said to HTTP servers', () => {
  const entry = (url: string, more = '') => `groups: [{name: a, http_sd_configs: [{url: ${url}${more}}]}]`;

  test.each([
    ['https://i/t?token=hunter2', 'https://i/t?<secret>'],
    ['"https://i/t?token=hunter2"', '"https://i/t?<secret>"'],
    ["'https://i/t?token=hunter2'", "'https://i/t?<secret>'"],
    ['https://i/t', 'https://i/t'],
  ])('the query of %s is masked', (url, expected) => {
    expect(masked(entry(url))).toBe(entry(expected));
  });

  test('values of headers are masked, in a list of either form', () => {
    const headers = (one: string, two: string) => `, http_headers: {X: {values: [${one}, ${two}]}}`;
    expect(masked(entry('http://i/t', headers('hunter2', '"b"')))).toBe(
      entry('http://i/t', headers('<secret>', '<secret>')),
    );
    const block = (value: string) =>
      `groups:\n- name: a\n  http_sd_configs:\n  - url: http://i/t\n    http_headers:\n      X:\n        values:\n        - ${value}\n        - ${value}\n`;
    expect(masked(block('hunter2'))).toBe(block('<secret>'));
  });
});

test('the query of a path is masked', () => {
  const text = (path: string): string => `groups: [{name: a, protocol: http2, http2: {path: ${path}}}]`;
  expect(masked(text('/up'))).toBe(text('/up'));
  expect(masked(text('"/up?key=hunter2"'))).toBe(text('"/up?<secret>"'));
});
