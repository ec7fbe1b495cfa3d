import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { script } from '../../../../src/protocols/script/script.ts';
import type { Session, Step } from '../../../../src/protocols/session.ts';
import type { ScriptSettings } from '../../../../src/settings/protocol-settings.ts';
import type { LineMeaning, ScriptStep } from '../../../../src/settings/script-settings.ts';
import { scriptSettings, sendParts } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const send = (text: string): ScriptStep => ({ kind: 'send', parts: sendParts(text) });
const line = (pattern: string, refuse: readonly LineMeaning[] = []): ScriptStep => ({
  kind: 'expect',
  expect: { kind: 'line', pattern },
  refuse,
  startTls: false,
});
const exactly = (text: string): ScriptStep => ({
  kind: 'expect',
  expect: { kind: 'bytes', bytes: bytes(text) },
  refuse: [],
  startTls: false,
});
const startTls: ScriptStep = { ...line('^go'), startTls: true } as ScriptStep;

function open(settings: Partial<ScriptSettings>, password: string | null = null): Session {
  return script.create(scriptSettings(settings)).open(sessionContext({ password }));
}

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind)).join('|');
const hear = (session: Session, text: string): string => sent(session.received(bytes(text)));

test('steps follow one another: what is to be sent goes out up to the next answer', () => {
  const session = open({ login: [send('a\\n'), send('b\\n'), line('^1'), send('c\\n'), line('^2'), send('d\\n')] });
  expect(sent(session.start())).toBe('a\n|b\n');
  expect(hear(session, 'x1\n0\n')).toBe('');
  expect(hear(session, '1\r\n2\n')).toBe('c\n|d\n|ready');
});

test('a login of nothing is ready at once, and needs no answer', () => {
  const settings = scriptSettings({ login: [send('hello\\n')] });
  expect(script.create(settings).expectsAnswer).toBe(false);
  expect(sent(script.create(settings).open(sessionContext()).start())).toBe('hello\n|ready');
});

test('values are sent as they are, in base64 and between quotes', () => {
  const login = [
    line('^hi (?<who>\\S+)'),
    send('${who} ${username} ${password} ${base64:${password}} ${quoted:${password}}'),
  ];
  const session = open({ login, username: 'me' }, 'p"ä');
  session.start();
  expect(hear(session, 'hi you there\n')).toBe(
    `you me p"\xc3\xa4 ${Buffer.from('p"ä').toString('base64')} "p\\"\xc3\xa4"|ready`,
  );
});

test.each([
  ['${password}', 'a\r\nDELETE', 'a value to be sent is missing or holds control characters'],
  ['${quoted:${password}}', 'a\nb', 'a value to be sent is missing or holds control characters'],
  ['${password}', null, 'a value to be sent is missing or holds control characters'],
])('a value cannot end its line: %s', (text, password, expected) => {
  expect(open({ login: [send(text)] }, password).start()).toEqual([{ kind: 'broken', expected }]);
});

test('in base64 a value may hold what it likes', () => {
  expect(sent(open({ login: [send('${base64:${password}}')] }, 'a\nb').start())).toBe('YQpi|ready');
});

test.each(['\x01', 'é', '', 'x'.repeat(257)])('a captured group has to be printable and short: %j', (text) => {
  const session = open({ login: [line('^<(?<x>.*)>$'), send('${x}')] });
  session.start();
  const expected = 'a captured group is empty, over 256 characters or not printable';
  expect(session.received(bytes(`<${text}>\n`))).toEqual([{ kind: 'broken', expected }]);
});

test('two captured groups that are wrong end the login once', () => {
  const session = open({ login: [line('^<(?<x>.*)>(?<y>.*)$'), send('${x}${y}')] });
  session.start();
  expect(session.received(bytes('<>\n')).map(({ kind }) => kind)).toEqual(['broken']);
});

test('a heartbeat whose value no group took ends the login: nothing could be sent, and the peer would be blamed', () => {
  const session = open({
    login: [line('^hello( (?<x>\\w+))?')],
    heartbeat: { send: sendParts('ping ${x}'), expect: { kind: 'line', pattern: '^pong' } },
  });
  session.start();
  const expected = 'a value to be sent is missing or holds control characters';
  expect(session.received(bytes('hello\n'))).toEqual([{ kind: 'broken', expected }]);
});

test('the lines of a step that refuse it count before the goodbyes of the script, and the awaited one before both', () => {
  const login = [line('^4 ok', [{ match: '^4', goodbye: 'auth_failed' }])];
  const goodbyes = [
    { match: '^4', goodbye: 'other' },
    { match: '^5', goodbye: 'max_age' },
  ];
  const hearFirst = (text: string) => {
    const session = open({ login, goodbyes });
    session.start();
    return session.received(bytes(text));
  };
  expect(hearFirst('4 no\n')).toEqual([{ kind: 'refused', goodbye: 'auth_failed' }]);
  expect(hearFirst('5\n')).toEqual([{ kind: 'refused', goodbye: 'max_age' }]);
  expect(hearFirst('4 ok\n')).toEqual([{ kind: 'ready' }]);
  expect(script.create(scriptSettings({ login, goodbyes })).goodbyes).toEqual({
    connect: ['auth_failed', 'other', 'max_age', 'protocol_error'],
    held: ['other', 'max_age'],
  });
});

test('held, a goodbye counts before an answer, and a goodbye behind the login in the same piece counts', () => {
  const goodbyes = [{ match: '^p.*bye', goodbye: 'lame_duck' }];
  const session = open({ goodbyes });
  session.start();
  expect(hear(session, 'hello\npong bye\n')).toBe('ready|goodbye');
  const other = open({ goodbyes });
  other.start();
  hear(other, 'hello\n');
  expect(sent(other.beat())).toBe('ping\n');
  expect(other.received(bytes('421 4.4.2 x\n'))).toEqual([]);
  expect(other.received(bytes('pong bye\n'))).toEqual([{ kind: 'goodbye', goodbye: 'lame_duck', then: 'peerCloses' }]);
});

test.each([
  ['421 bye', '421'],
  ['421-4.4.2 bye', '421-4.4.2'],
  ['421 4.4.2222 bye', '421'],
  ['4211 bye', undefined],
  ['999 bye', undefined],
  ['bye', undefined],
])('the code of %j is %s', (text, code) => {
  const session = open({ goodbyes: [{ match: 'bye', goodbye: 'other' }] });
  session.start();
  const [step] = session.received(bytes(`${text}\n`));
  expect(step).toEqual({ kind: 'refused', goodbye: 'other', ...(code !== undefined && { code }) });
});

test('awaited bytes may come anywhere and in any pieces, and lines go on behind them', () => {
  const login = [line('^hello'), exactly('o\xffk'), line('^done')];
  for (const pieces of [
    ['hello\nxo\xffkdone\n'],
    Array.from('hello\nxo\xffk\r\ndone\n'),
    ['hello\nxo', '\xffkdo', 'ne\n'],
  ]) {
    const session = open({ login });
    session.start();
    expect(pieces.map((piece) => hear(session, piece)).join(''), pieces.join('/')).toBe('ready');
  }
});

test('bytes that came before a heartbeat are no answer to it', () => {
  const heartbeat = { send: sendParts('ping'), expect: { kind: 'bytes', bytes: bytes('pong') } } as const;
  const session = open({ heartbeat });
  session.start();
  expect(hear(session, 'hello\npon')).toBe('ready');
  session.beat();
  expect(hear(session, 'g')).toBe('');
  expect(hear(session, 'pon')).toBe('');
  expect(hear(session, 'gpong')).toBe('answered');
  expect(hear(session, 'pong')).toBe('');
});

test('bytes without a line end are not kept while bytes are awaited', () => {
  const session = open({ login: [exactly('pong')] });
  session.start();
  for (let i = 0; i < 100; i++) expect(hear(session, 'x'.repeat(1000))).toBe('');
  expect(hear(session, 'pong')).toBe('ready');
});

test('TLS begins with the consent, and goes on with the next step', () => {
  const session = open({ login: [startTls, send('again\\n'), line('^ok')] });
  session.start();
  expect(hear(session, 'go\n')).toBe('startTls');
  expect(sent(session.secured(null))).toBe('again\n');
  expect(sent(session.secured(null))).toBe('');
  expect(hear(session, 'ok\n')).toBe('ready');
});

test.each(['go\nok\n', 'go\nx'])('bytes behind the consent to TLS are refused: %j', (text) => {
  const session = open({ login: [startTls, line('^ok')] });
  session.start();
  expect(session.received(bytes(text))).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('bytes in the middle of the handshake are refused', () => {
  const session = open({ login: [startTls, line('^ok')] });
  session.start();
  session.received(bytes('go\n'));
  expect(session.received(bytes('ok\n'))).toEqual([{ kind: 'refused', goodbye: 'protocol_error' }]);
});

test('heartbeats and farewells may hold what was captured, and nothing is sent before ready', () => {
  const session = open({
    login: [line('^hello (?<x>\\w+)')],
    heartbeat: { send: sendParts('ping ${x}'), expect: { kind: 'line', pattern: '^pong' } },
    farewell: sendParts('bye ${x}'),
  });
  session.start();
  expect(session.farewell()).toBeNull();
  hear(session, 'hello you\n');
  expect(sent(session.beat())).toBe('ping you');
  expect(session.farewell()).toEqual({ bytes: bytes('bye you'), awaited: false });
});

test.each([
  ['x'.repeat(8193), 'a line was longer than 8 KiB'],
  ['\n'.repeat(65_536), 'too many lines came that no pattern fits'],
])('a peer that floods is broken: %#', (text, expected) => {
  const goodbyes = Array.from({ length: 10 }, (_, i) => ({ match: `^bye${i}`, goodbye: 'other' }));
  const session = open({ goodbyes });
  session.start();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
  const held = open({ goodbyes });
  held.start();
  hear(held, 'hello\n');
  expect(held.received(bytes(text))).toEqual([{ kind: 'broken', expected }]);
});

test('lines are looked at for as long as a piece may take, by the size of the patterns', () => {
  const hear = (lines: number, goodbyes: readonly string[]) => {
    const session = open({ goodbyes: goodbyes.map((match) => ({ match, goodbye: 'other' as const })) });
    session.start();
    return session.received(bytes(`${'xa'.repeat(250)}y\n`.repeat(lines))).map(({ kind }) => kind);
  };
  // 64 instructions and those of the awaited line, 4 ns each, 533 characters with the begin of the line: 0.15 ms.
  expect(hear(60, ['z.{60}y'])).toEqual([]);
  expect(hear(90, ['z.{60}y'])).toEqual(['broken']);
  expect(hear(90, ['z.{6}y'])).toEqual([]);
});

test.each([
  { what: 'the awaited answer', login: 'z.{60}y', goodbye: '^bye', heartbeat: '^pong', breaks: ['opening'] },
  { what: 'a goodbye', login: '^hello', goodbye: 'z.{60}y', heartbeat: '^pong', breaks: ['opening', 'held'] },
  {
    what: 'the answer to a heartbeat',
    login: '^hello',
    goodbye: '^bye',
    heartbeat: 'z.{60}y',
    breaks: ['opening', 'held'],
  },
])('$what is in the price of a line', ({ login, goodbye, heartbeat, breaks }) => {
  const lines = bytes(`${'xa'.repeat(250)}y\n`.repeat(90));
  const begin = () => {
    const session = open({
      login: [{ kind: 'expect', expect: { kind: 'line', pattern: login }, refuse: [], startTls: false }],
      heartbeat: { send: sendParts('ping'), expect: { kind: 'line', pattern: heartbeat } },
      goodbyes: [{ match: goodbye, goodbye: 'other' }],
    });
    session.start();
    return session;
  };
  const opening = begin();
  expect(opening.received(lines).map(({ kind }) => kind)).toEqual(breaks.includes('opening') ? ['broken'] : []);
  if (!breaks.includes('held')) return;
  const held = begin();
  hear(held, 'hello\n');
  expect(held.received(lines).map(({ kind }) => kind)).toEqual(['broken']);
});

test('a long greeting is none of that', () => {
  const goodbyes = Array.from({ length: 20 }, (_, i) => ({ match: `^bye${i}`, goodbye: 'other' }));
  const session = open({ goodbyes });
  session.start();
  expect(
    hear(
      session,
      `${'220-a line of a greeting of usual length, about eighty characters, or so it is\r\n'.repeat(100)}hello\n`,
    ),
  ).toBe('ready');
});

test('patterns are compiled once for each group, and sessions share none of their state', () => {
  const settings = scriptSettings();
  const protocol = script.create(settings);
  expect(script.create(settings)).toBe(protocol);
  expect(script.create({ ...settings })).not.toBe(protocol);
  expect(protocol.open(sessionContext())).not.toBe(protocol.open(sessionContext()));
});

test('a held session keeps nothing that it logged in with', () => {
  const settings = scriptSettings({ login: [line('^hello (?<x>.*)'), send('${password}')] });
  const before = Number(queryObjects(Map));
  const held = Array.from({ length: 200 }, (_, i) => {
    const session = script.create(settings).open(sessionContext({ password: `secret ${i}` }));
    session.start();
    session.received(bytes('hello you\n'));
    return session;
  });
  expect(Number(queryObjects(Map)) - before).toBeLessThan(100);
  expect(held.map((session) => sent(session.beat())).at(-1)).toBe('ping\n');
}, 60_000);
