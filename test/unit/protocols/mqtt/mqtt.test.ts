import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { mqtt } from '../../../../src/protocols/mqtt/mqtt.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { MqttSettings } from '../../../../src/settings/protocol-settings.ts';
import { mqttConnAck, mqttSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<MqttSettings> = {}, context: Partial<SessionContext> = {}): Session =>
  mqtt.create(mqttSettings(settings)).open(sessionContext(context));

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('hex') : step.kind)).join('|');
const text = (of: string): string => Buffer.from(of).toString('hex');

const ACCEPTED = '\x20\x02\0\0';
const PINGRESP = '\xd0\0';

/** A session that is logged in. */
function held(settings: Partial<MqttSettings> = {}): Session {
  const session = open(settings);
  session.start();
  session.received(bytes(settings.version === '5' ? mqttConnAck(0) : ACCEPTED));
  return session;
}

describe('CONNECT', () => {
  test('of 3.1.1: a clean session, twice the interval as keepalive, an id of its own', () => {
    const id = 'finrst-010203040506';
    expect(sent(open().start())).toBe(`101f0004${text('MQTT')}0402003c0013${text(id)}`);
  });

  test('of 5: the same, without properties', () => {
    const id = 'finrst-010203040506';
    expect(sent(open({ version: '5' }).start())).toBe(`10200004${text('MQTT')}0502003c000013${text(id)}`);
  });

  test('user and password, in UTF-8', () => {
    const session = open({ username: 'ü', clientId: 'c' }, { password: 'pä' });
    const credentials = `0002${text('ü')}0003${text('pä')}`;
    expect(sent(session.start())).toBe(`10160004${text('MQTT')}04c2003c0001${text('c')}${credentials}`);
    expect(sent(session.start())).toBe('');
  });

  test('of more than 127 bytes has a length of two', () => {
    const clientId = 'x'.repeat(120);
    expect(sent(open({ clientId }).start())).toBe(`1084010004${text('MQTT')}0402003c0078${text(clientId)}`);
  });

  test.each([
    [null, '0000'],
    [1, '0001'],
    [1500, '0003'],
    [600, '0002'],
    [40_000_000, 'ffff'],
  ])('a heartbeat every %s ms asks for a keepalive of 0x%s s', (beatEveryMs, expected) => {
    expect(sent(open({ clientId: 'c' }, { beatEveryMs }).start())).toBe(
      `100d0004${text('MQTT')}0402${expected}0001${text('c')}`,
    );
  });
});

describe('CONNACK', () => {
  const answer = (connAck: string, settings: Partial<MqttSettings> = {}, context: Partial<SessionContext> = {}) => {
    const session = open(settings, context);
    session.start();
    return session.received(bytes(connAck));
  };

  test('0 is a login; the server waits for what we asked for, and we do not wait that long', () => {
    expect(answer(ACCEPTED)).toEqual([{ kind: 'ready', beatWithinMs: 48_000 }]);
    expect(answer('\x20\x02\x01\0')).toEqual([{ kind: 'ready', beatWithinMs: 48_000 }]);
    expect(answer(ACCEPTED, {}, { beatEveryMs: null })).toEqual([{ kind: 'ready' }]);
  });

  test.each([
    ['the keepalive of the server counts', '\x13\0\x0a', 8000],
    [
      'behind every other property',
      '\x11\0\0\0\x01\x21\0\x14\x24\x01\x25\x01\x27\0\0\x10\0\x12\0\x02id\x22\0\x0a\x1f\0\x01r\x26\0\x01a\0\x02bc\x28\x01\x29\x01\x2a\x01\x1a\0\x01i\x1c\0\x01s\x15\0\x01m\x16\0\x01\xff\x13\0\x05',
      4000,
    ],
    ['without it ours does', '\x21\0\x14', 48_000],
    ['what is no property ends the reading', '\x7e\x13\0\x05', 48_000],
    ['a text that is cut does, too', '\x12\0\xff\x13\0\x05', 48_000],
    ['and a number that is cut', '\x11\0', 48_000],
    ['and a second text', '\x26\0\x01a\0\x09', 48_000],
    ['and the keepalive itself', '\x13\0', 48_000],
  ])('of 5: %s', (_, properties, beatWithinMs) => {
    expect(answer(mqttConnAck(0, properties), { version: '5' })).toEqual([{ kind: 'ready', beatWithinMs }]);
  });

  test('of 5: properties of more than 127 bytes', () => {
    const comment = 'x'.repeat(130);
    const properties = `\x1f\0\x82${comment}\x13\0\x0a`;
    const connAck = `\x20\x8c\x01\0\0\x88\x01${properties}`;
    expect(answer(connAck, { version: '5' })).toEqual([{ kind: 'ready', beatWithinMs: 8000 }]);
  });

  test('of 5: a keepalive of 0 is none', () => {
    expect(answer(mqttConnAck(0, '\x13\0\0'), { version: '5' })).toEqual([{ kind: 'ready' }]);
  });

  test('of 3.1.1: what would be properties is none', () => {
    expect(answer('\x20\x06\0\0\x03\x13\0\x0a')).toEqual([{ kind: 'ready', beatWithinMs: 48_000 }]);
  });

  test.each<[number, Goodbye]>([
    [1, 'protocol_error'],
    [2, 'protocol_error'],
    [3, 'not_ready'],
    [4, 'auth_failed'],
    [5, 'auth_failed'],
    [6, 'other'],
  ])('of 3.1.1: %s refuses the login as %s', (code, goodbye) => {
    const refused = [{ kind: 'refused', goodbye, code: `${code}` }];
    expect(answer(`\x20\x02\0${String.fromCharCode(code)}`)).toEqual(refused);
    // A broker that has no version 5 answers so.
    expect(answer(`\x20\x02\0${String.fromCharCode(code)}`, { version: '5' })).toEqual(refused);
  });

  test('is broken without a code', () => {
    const broken = [{ kind: 'broken', expected: 'expected packets of MQTT, and other bytes came' }];
    expect(answer('\x20\x01\0')).toEqual(broken);
    expect(answer('\x20\0')).toEqual(broken);
  });
});

const CODES_OF_5: readonly (readonly [number, Goodbye])[] = [
  [0x80, 'other'],
  [0x81, 'protocol_error'],
  [0x82, 'protocol_error'],
  [0x83, 'other'],
  [0x84, 'protocol_error'],
  [0x85, 'protocol_error'],
  [0x86, 'auth_failed'],
  [0x87, 'forbidden'],
  [0x88, 'not_ready'],
  [0x89, 'overloaded'],
  [0x8a, 'blocked'],
  [0x8b, 'admin_shutdown'],
  [0x8c, 'auth_method'],
  [0x8d, 'idle_limit'],
  [0x8e, 'replaced'],
  [0x93, 'protocol_error'],
  [0x95, 'protocol_error'],
  [0x96, 'slow_down'],
  [0x97, 'overloaded'],
  [0x98, 'admin_shutdown'],
  [0x9c, 'going_away'],
  [0x9d, 'going_away'],
  [0x9f, 'slow_down'],
  [0xa0, 'max_age'],
  [0xff, 'other'],
];

test.each(CODES_OF_5)('of 5: code 0x%s means %s, of a login and of an end', (number, goodbye) => {
  const code = `0x${number.toString(16)}`;
  const byte = String.fromCharCode(number);
  const opening = open({ version: '5' });
  opening.start();
  expect(opening.received(bytes(mqttConnAck(number)))).toEqual([{ kind: 'refused', goodbye, code }]);
  const early = open({ version: '5' });
  early.start();
  expect(early.received(bytes(`\xe0\x02${byte}\0`))).toEqual([{ kind: 'refused', goodbye, code }]);
  const said = { kind: 'goodbye', goodbye, code, then: 'peerCloses' };
  expect(held({ version: '5' }).received(bytes(`\xe0\x02${byte}\0`))).toEqual([said]);
});

test('of 5: a DISCONNECT without a code, or with 0, moves us on', () => {
  const said = { kind: 'goodbye', goodbye: 'going_away', code: '0', then: 'peerCloses' };
  expect(held({ version: '5' }).received(bytes('\xe0\0'))).toEqual([said]);
  expect(held({ version: '5' }).received(bytes('\xe0\x02\0\0'))).toEqual([said]);
});

describe('held', () => {
  test('PINGRESP answers a heartbeat, once', () => {
    const session = held();
    expect(sent(session.beat())).toBe('c000');
    expect(session.received(bytes(PINGRESP + PINGRESP))).toEqual([{ kind: 'answered' }]);
    expect(session.received(bytes(PINGRESP))).toEqual([]);
  });

  test('what a topic sends is skipped, however long', () => {
    const session = held();
    session.beat();
    const publish = `\x30\x80\x80\x01${'x'.repeat(16_384)}`;
    expect(session.received(bytes(`${publish}\x90\x03\0\x01\0${PINGRESP}`))).toEqual([{ kind: 'answered' }]);
  });

  test('it leaves with a DISCONNECT', () => {
    expect(held().farewell()).toEqual({ bytes: Uint8Array.of(0xe0, 0), awaited: false });
    expect(open().farewell()).toBeNull();
  });

  test.each(['\xe0\0', '\xd1\0', '\x20\x02\0\0', '\x10\0', '\x82\0', '\xa2\0', '\xc0\0', '\0\0'])(
    'broken by what no server says: %#',
    (packet) => {
      expect(held().received(bytes(`${packet}${'\0'.repeat(5)}`))).toEqual([
        { kind: 'broken', expected: 'expected packets of MQTT, and other bytes came' },
      ]);
    },
  );

  test('a length without an end is broken', () => {
    expect(held().received(bytes('\x30\xff\xff\xff\xff\x01'))).toEqual([
      { kind: 'broken', expected: 'expected packets of MQTT, and other bytes came' },
    ]);
  });
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'expected packets of MQTT; the peer speaks HTTP'],
  ['\x15\x03\x03\x00\x02\x02\x16', 'expected packets of MQTT; the peer answered with a TLS alert: the port wants TLS'],
  ['SSH-2.0-OpenSSH_9.2\r\n', 'expected packets of MQTT; the peer speaks SSH'],
  ['\xd0\0\0\0\0', 'expected packets of MQTT, and other bytes came'],
  ['\x21\x02\0\0\0', 'expected packets of MQTT, and other bytes came'],
])('what is not MQTT is called by its name, whatever pieces it comes in: %#', (words, expected) => {
  const whole = open();
  whole.start();
  expect(whole.received(bytes(words))).toEqual([{ kind: 'broken', expected }]);
  expect(whole.received(bytes(ACCEPTED))).toEqual([]);
  const inPieces = open();
  inPieces.start();
  const steps = Array.from(words, bytes).flatMap((byte) => inPieces.received(byte));
  expect(steps).toEqual([{ kind: 'broken', expected }]);
});

test('3.1.1 has no words for an end, 5 has all', () => {
  expect(mqtt.create(mqttSettings()).goodbyes.held).toEqual([]);
  const { connect, held: ofEnds } = mqtt.create(mqttSettings({ version: '5' })).goodbyes;
  expect(new Set(ofEnds)).toEqual(new Set(CODES_OF_5.map(([, goodbye]) => goodbye)));
  expect(connect).toEqual(ofEnds);
});

test('it asks for no TLS and no hash', () => {
  expect([held().secured(null), held().derived(new Uint8Array(32))]).toEqual([[], []]);
});
