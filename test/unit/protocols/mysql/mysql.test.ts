import { createHash, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { mysql } from '../../../../src/protocols/mysql/mysql.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { MysqlSettings } from '../../../../src/settings/protocol-settings.ts';
import {
  MYSQL_NONCE,
  MYSQL_OTHER_NONCE,
  mysqlError,
  mysqlGreeting,
  mysqlOk,
  mysqlPacket,
  mysqlSettings,
  mysqlSwitch,
} from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const PING = hex('010000000e');
const PONG = bytes(mysqlOk(1));

function open(context: Partial<SessionContext> = {}, settings: Partial<MysqlSettings> = {}): Session {
  const session = mysql.create(mysqlSettings(settings)).open(sessionContext(context));
  session.start();
  return session;
}

/** A session that has sent its login. */
function opening(context: Partial<SessionContext> = {}, settings: Partial<MysqlSettings> = {}): Session {
  const session = open(context, settings);
  session.received(bytes(mysqlGreeting()));
  session.secured(null);
  return session;
}

function held(): Session {
  const session = opening();
  session.received(bytes(mysqlOk()));
  return session;
}

const sent = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('latin1') : step.kind));
const refused = (goodbye: Goodbye) => [{ kind: 'refused', goodbye }];
/** The login ends as a wrong one for the server, which counts those that break off against our host. */
const declined = (goodbye: Goodbye, packet: string) => [{ kind: 'send', bytes: bytes(packet) }, ...refused(goodbye)];

const digest = (algorithm: string, ...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i % b.length] ?? 0));

/** The server's side: it keeps the digest of the digest, and never learns the password. */
function isNativeAnswer(answer: string, nonce: string, password = 'secret'): boolean {
  const stored = digest('sha1', digest('sha1', bytes(password)));
  return digest('sha1', xor(bytes(answer), digest('sha1', bytes(nonce), stored))).equals(stored);
}

function isSha2Answer(answer: string, nonce: string, password = 'secret'): boolean {
  const stored = digest('sha256', digest('sha256', bytes(password)));
  return digest('sha256', xor(bytes(answer), digest('sha256', stored, bytes(nonce)))).equals(stored);
}

const HEAD = '\0\0\x04\0\x2d' + '\0'.repeat(23);
const ATTRIBUTES = '\x28\x0c_client_name\x06finrst\x0cprogram_name\x06finrst';

test('the server speaks first; without a password the answer is empty, and OK makes it ready', () => {
  const session = mysql.create(mysqlSettings()).open(sessionContext());
  expect(session.start()).toEqual([]);
  const login = `\x01\x82\x18\0${HEAD}finrst\0\0mysql_native_password\0${ATTRIBUTES}`;
  expect(sent(session.received(bytes(mysqlGreeting())))).toEqual([mysqlPacket(1, login)]);
  expect(session.received(bytes(mysqlOk()))).toEqual([{ kind: 'ready' }]);
});

test('a heartbeat is COM_PING, and OK its answer', () => {
  const session = held();
  expect(session.received(PONG)).toEqual([]); // of nothing
  expect(session.beat()).toEqual([{ kind: 'send', bytes: PING }]);
  expect(session.received(PONG)).toEqual([{ kind: 'answered' }]);
  expect(session.received(PONG)).toEqual([]);
});

test('its farewell is COM_QUIT, which nobody answers; before the login there is none', () => {
  expect(held().farewell()).toEqual({ bytes: hex('0100000001'), awaited: false });
  expect(opening().farewell()).toBeNull();
  expect(held().derived(new Uint8Array(32))).toEqual([]);
});

test.each([
  ['mysql_native_password', 20, isNativeAnswer],
  ['caching_sha2_password', 32, isSha2Answer],
] as const)('%s: a digest that the server can check', (plugin, length, isRight) => {
  const login = open({ password: 'secret' }).received(bytes(mysqlGreeting({ plugin })));
  const [, count = '', rest = ''] = /finrst\0(.)(.*)$/s.exec(sent(login)[0] ?? '') ?? [];
  expect(count.charCodeAt(0)).toBe(length);
  expect(isRight(rest.slice(0, length), MYSQL_NONCE)).toBe(true);
  expect(rest.slice(length)).toBe(`${plugin}\0${ATTRIBUTES}`);
  // And for an account with the other method, by its own nonce.
  const session = opening({ password: 'secret' });
  const [answer = ''] = sent(session.received(bytes(mysqlSwitch(plugin))));
  expect(answer.slice(0, 4)).toBe(String.fromCharCode(length, 0, 0, 3));
  expect(isRight(answer.slice(4), MYSQL_OTHER_NONCE)).toBe(true);
  expect(session.received(bytes(mysqlOk(4)))).toEqual([{ kind: 'ready' }]);
});

test('a server that prefers another method is answered by the native one, and may name the account’s', () => {
  const session = open({ password: 'secret' });
  const [login = ''] = sent(session.received(bytes(mysqlGreeting({ plugin: 'client_ed25519' }))));
  expect(login).toContain('mysql_native_password\0');
});

test('an old server that knows no methods and no attributes gets neither', () => {
  const session = open();
  const capabilities = '\x01\x82\x21\x02\0\0\0\0'; // LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION
  const old = `\x0a5.1.73\0\x07\0\0\0abcdefgh\0${capabilities}${'\0'.repeat(10)}ijklmnopqrst\0`;
  expect(sent(session.received(bytes(mysqlPacket(0, old))))).toEqual([mysqlPacket(1, `\x01\x82\0\0${HEAD}finrst\0\0`)]);
});

/** A session that was switched to caching_sha2_password and has sent the digest. */
function switched(context: Partial<SessionContext>, settings: Partial<MysqlSettings> = {}): Session {
  const session = opening({ password: 'secret', ...context }, settings);
  session.received(bytes(mysqlSwitch('caching_sha2_password')));
  return session;
}
const FAST_OK = bytes(mysqlPacket(4, '\x01\x03'));
const FULL = bytes(mysqlPacket(4, '\x01\x04'));

test('caching_sha2_password, fast: the server knows the digest, and OK follows', () => {
  const session = switched({});
  expect(session.received(FAST_OK)).toEqual([]);
  expect(session.received(bytes(mysqlOk(5)))).toEqual([{ kind: 'ready' }]);
});

test('caching_sha2_password, full: the password goes over TLS', () => {
  const session = switched({ tls: true });
  expect(sent(session.received(FULL))).toEqual([mysqlPacket(5, 'secret\0')]);
  expect(session.received(bytes(mysqlOk(6)))).toEqual([{ kind: 'ready' }]);
});

test('caching_sha2_password, full without TLS: encrypted with the key that is configured', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const serverPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const [answer = ''] = sent(switched({}, { serverPublicKey }).received(FULL));
  expect(answer.slice(0, 4)).toBe('\0\x01\0\x05');
  const opened = privateDecrypt(privateKey, bytes(answer.slice(4)));
  expect(Buffer.from(xor(opened, bytes(MYSQL_OTHER_NONCE))).toString()).toBe('secret\0');
});

test.each([
  ['no key', null],
  ['a key that is none', 'x'],
  ['a key too short for the password', generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey],
  ['a key of another kind', generateKeyPairSync('ed25519').publicKey],
])('caching_sha2_password, full without TLS and with %s: the password does not go', (_, key) => {
  const pem = key === null || typeof key === 'string' ? key : key.export({ type: 'spki', format: 'pem' }).toString();
  const password = 'a password of 24 letters';
  expect(switched({ password }, { serverPublicKey: pem }).received(FULL)).toEqual(
    declined('tls_mismatch', mysqlPacket(5, '')),
  );
});

test.each([
  ['before a digest was sent', () => opening({ password: 'secret' })],
  ['without a password', () => switched({ password: null })],
  [
    'a second time',
    () => {
      const session = switched({ tls: true });
      session.received(FULL);
      return session;
    },
  ],
  [
    'after another method was named',
    () => {
      const session = switched({ tls: true });
      session.received(bytes(mysqlSwitch('mysql_native_password')));
      return session;
    },
  ],
])('a server that asks for the password itself %s breaks the protocol', (_, session) => {
  expect(session().received(FULL)).toEqual(refused('protocol_error'));
});

test.each(['\x01', '\x01\x02', '\x01\x04\0', '\x01-----BEGIN PUBLIC KEY-----'])('so does one that says %j', (text) => {
  expect(switched({ tls: true }).received(bytes(mysqlPacket(4, text)))).toEqual(refused('protocol_error'));
});

test.each(['mysql_clear_password', 'sha256_password'])('%s gives the password over TLS alone', (plugin) => {
  const wish = bytes(mysqlSwitch(plugin));
  expect(opening({ password: 'secret' }).received(wish)).toEqual(declined('auth_method', mysqlPacket(3, '')));
  expect(sent(opening({ password: 'secret', tls: true }).received(wish))).toEqual([mysqlPacket(3, 'secret\0')]);
});

test.each([
  ['client_ed25519', mysqlSwitch('client_ed25519'), '\0'.repeat(64)],
  ['GSSAPI', mysqlSwitch('auth_gssapi_client'), ''],
  ['PAM', mysqlSwitch('dialog'), ''],
  ['the method before MySQL 4.1', mysqlPacket(2, '\xfe'), ''],
])('%s is not spoken, over TLS neither', (_, wish, last) => {
  const session = opening({ password: 'secret', tls: true });
  expect(session.received(bytes(wish))).toEqual(declined('auth_method', mysqlPacket(3, last)));
});

test('a nonce that is cut, and a server that names one method after the other, break the protocol', () => {
  const cut = bytes(mysqlPacket(2, '\xfemysql_native_password\0short\0'));
  expect(opening({ password: 'secret' }).received(cut)).toEqual(refused('protocol_error'));
  const session = opening({ password: 'secret' });
  const again = bytes(mysqlSwitch('mysql_native_password'));
  const steps = Array.from({ length: 5 }, () => session.received(again).map(({ kind }) => kind));
  expect(steps).toEqual([['send'], ['send'], ['send'], ['send'], ['refused']]);
});

test('TLS is asked for with the beginning of the login, which follows over TLS', () => {
  const session = open({ tls: true });
  const steps = session.received(bytes(mysqlGreeting()));
  expect(sent(steps)).toEqual([mysqlPacket(1, `\x01\x8a\x18\0${HEAD}`), 'startTls']);
  const [login = ''] = sent(session.secured(null));
  expect(login.slice(3, 8)).toBe('\x02\x01\x8a\x18\0');
  expect(login).toContain('finrst\0');
  expect(session.secured(null)).toEqual([]);
});

const NOBODY = `${HEAD}\0\0mysql_native_password\0${ATTRIBUTES}`;

test('a server without TLS is refused, and gets a login of nobody', () => {
  const login = mysqlPacket(1, `\x01\x82\x18\0${NOBODY}`) + mysqlPacket(3, '');
  const session = open({ tls: true, password: 'secret' });
  expect(session.received(bytes(mysqlGreeting({ tls: false })))).toEqual(declined('tls_mismatch', login));
  expect(session.farewell()).toBeNull();
});

test('so does one whose certificate is not to be trusted, over the TLS that stands', () => {
  const session = open({ tls: true, password: 'secret' });
  expect(session.farewell()).toBeNull();
  session.received(bytes(mysqlGreeting()));
  const login = mysqlPacket(2, `\x01\x8a\x18\0${NOBODY}`) + mysqlPacket(4, '');
  expect(session.farewell()).toEqual({ bytes: bytes(login), awaited: false });
  session.secured(null);
  expect(session.farewell()).toBeNull();
});

test('bytes behind the greeting could be an attacker’s: no login goes out', () => {
  expect(open({ tls: true }).received(bytes(`${mysqlGreeting()}\x07`))).toEqual(refused('protocol_error'));
});

test('bytes before the handshake of TLS is done are refused', () => {
  const session = open({ tls: true });
  session.received(bytes(mysqlGreeting()));
  expect(session.received(bytes(mysqlOk()))).toEqual(refused('protocol_error'));
  expect(session.secured(null)).toEqual([]);
});

const CODES: readonly (readonly [number, Goodbye])[] = [
  [1040, 'too_many_connections'],
  [1203, 'too_many_connections'],
  [1226, 'too_many_connections'],
  [1129, 'blocked'],
  [1130, 'forbidden'],
  [1044, 'forbidden'],
  [1042, 'forbidden'],
  [1045, 'auth_failed'],
  [1698, 'auth_failed'],
  [1820, 'auth_failed'],
  [1862, 'auth_failed'],
  [3118, 'auth_failed'],
  [3955, 'auth_failed'],
  [4150, 'auth_failed'],
  [4151, 'auth_failed'],
  [1251, 'auth_method'],
  [2012, 'auth_method'],
  [1049, 'not_found'],
  [3159, 'tls_mismatch'],
  [1053, 'admin_shutdown'],
  [1077, 'admin_shutdown'],
  [1078, 'admin_shutdown'],
  [1079, 'admin_shutdown'],
  [1080, 'admin_shutdown'],
  [1927, 'admin_shutdown'],
  [3032, 'admin_shutdown'],
  [3169, 'admin_shutdown'],
  [3168, 'not_ready'],
  [4031, 'idle_limit'],
  [1159, 'idle_limit'],
  [1043, 'protocol_error'],
  [1153, 'protocol_error'],
  [1156, 'protocol_error'],
  [1835, 'protocol_error'],
  [1037, 'overloaded'],
  [1038, 'overloaded'],
  [1041, 'overloaded'],
  [1105, 'other'],
];

test.each(CODES)('%i in place of the greeting, or of OK, refuses as %s; held it is a goodbye', (number, goodbye) => {
  const code = String(number);
  const refusal = [{ kind: 'refused', goodbye, code }];
  expect(open().received(bytes(mysqlError(number, 0, 'no SQLSTATE yet')))).toEqual(refusal);
  expect(opening().received(bytes(mysqlError(number)))).toEqual(refusal);
  const session = held();
  session.beat();
  expect(session.received(bytes(mysqlError(number, 0)))).toEqual([
    { kind: 'goodbye', goodbye, code, then: 'peerCloses' },
  ]);
  expect(session.received(PONG)).toEqual([]);
  expect(session.farewell()).toBeNull();
});

const ENDING: readonly Goodbye[] = ['admin_shutdown', 'idle_limit', 'protocol_error'];

test.each(CODES)('%i (%s) as the answer to a ping is one, unless the server ends it with that', (number, goodbye) => {
  const session = held();
  session.beat();
  const isEnd = ENDING.includes(goodbye);
  const steps = session.received(bytes(mysqlError(number, 1)));
  expect(steps.map(({ kind }) => kind)).toEqual([isEnd ? 'goodbye' : 'answered']);
  expect(session.farewell() === null).toBe(isEnd);
  // Nothing is asked any more.
  const again = session.received(bytes(mysqlError(number, 1)));
  expect(again.map(({ kind }) => kind)).toEqual(isEnd ? [] : ['goodbye']);
});

test('every meaning that is declared has a code, and no other', () => {
  const { connect, held: whileHeld } = mysql.create(mysqlSettings()).goodbyes;
  const known = [...new Set(CODES.map(([, goodbye]) => goodbye))].toSorted();
  expect([[...connect].toSorted(), [...whileHeld].toSorted()]).toEqual([known, known]);
});

test('an error without a code is other', () => {
  expect(opening().received(bytes(mysqlPacket(2, '\xff')))).toEqual(refused('other'));
});

test('an error of 100 kB is read to its end and not kept', () => {
  const session = held();
  expect(session.received(bytes(mysqlError(1927, 1, 'x'.repeat(100_000)))).map(({ kind }) => kind)).toEqual([
    'goodbye',
  ]);
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', '; the peer speaks HTTP'],
  ['SSH-2.0-OpenSSH_9.2\r\n', '; the peer speaks SSH'],
  ['220 mail ESMTP\r\n', '; the peer speaks SMTP or FTP'],
  ['\x15\x03\x03\x00\x02\x02\x16', '; the peer answered with a TLS alert: the port wants TLS'],
  ['-ERR unknown command\r\n', '; the peer speaks the protocol of Redis'],
  ['\0\0\0\0\x0a', ', and other bytes came'],
  ['\x4a\0\0\x01\x0a8.4.0\0', ', and other bytes came'], // a greeting comes first
])('%j in place of a greeting is broken', (text, rest) => {
  const session = open();
  expect(session.received(bytes(text))).toEqual([{ kind: 'broken', expected: `expected packets of MySQL${rest}` }]);
  expect(session.received(bytes(mysqlGreeting()))).toEqual([]);
});

test.each([
  ['while the login goes on', opening, '\x05\0\0\x02\x03'],
  ['a length that no answer to a login has', opening, '\xff\xff\xff\x02\0'],
  ['while it is held', held, 'HTTP/1.1 400 Bad Request\r\n'],
])('other bytes %s are broken at once', (_, session, text) => {
  expect(
    session()
      .received(bytes(text))
      .map(({ kind }) => kind),
  ).toEqual(['broken']);
});

test.each([
  ['cut', mysqlGreeting().slice(4, 40)],
  ['without an end of the version', `\x0a${'8'.repeat(60)}`],
  ['older than 4.1', `\x0a4.0.1\0\x07\0\0\0abcdefgh\0\x01\x02\x21\x02\0\0\0\0${'\0'.repeat(10)}ijklmnopqrst\0`],
  ['of a client of 4.1 alone', `\x0a4.1\0\x07\0\0\0abcdefgh\0\x01\x80\x21\x02\0\0\0\0${'\0'.repeat(10)}ijklmnopqrst\0`],
])('a greeting that is %s is refused as protocol_error', (_, body) => {
  expect(open().received(bytes(mysqlPacket(0, body)))).toEqual(refused('protocol_error'));
});

test('byte by byte the same steps come', () => {
  const session = open({ password: 'secret' });
  const words = mysqlGreeting() + mysqlSwitch('caching_sha2_password') + mysqlPacket(4, '\x01\x03') + mysqlOk(5);
  const kinds = [...bytes(words)].flatMap((byte) => session.received(Uint8Array.of(byte)).map(({ kind }) => kind));
  expect(kinds).toEqual(['send', 'send', 'ready']);
});
