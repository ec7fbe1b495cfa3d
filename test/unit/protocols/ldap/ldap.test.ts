import { describe, expect, test } from 'vitest';
import type { Goodbye } from '../../../../src/domain/goodbye.ts';
import { integer } from '../../../../src/protocols/ldap/ber.ts';
import { ldap } from '../../../../src/protocols/ldap/ldap.ts';
import { nextId } from '../../../../src/protocols/ldap/ldap-messages.ts';
import type { Session, SessionContext, Step } from '../../../../src/protocols/session.ts';
import type { LdapSettings } from '../../../../src/settings/protocol-settings.ts';
import { ldapNotice, ldapResult, ldapSettings } from '../../../support/protocol-samples.ts';
import { sessionContext } from '../../../support/session-context.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const open = (settings: Partial<LdapSettings> = {}, context: Partial<SessionContext> = {}): Session =>
  ldap.create(ldapSettings(settings)).open(sessionContext(context));

const sent = (steps: readonly Step[]): string =>
  steps.map((step) => (step.kind === 'send' ? Buffer.from(step.bytes).toString('hex') : step.kind)).join('|');
const text = (of: string): string => Buffer.from(of).toString('hex');

const [BIND, SEARCH_ENTRY, SEARCH_DONE, EXTENDED] = [0x61, 0x64, 0x65, 0x78];

/** A session whose bind was answered. */
function held(): Session {
  const session = open();
  session.start();
  session.received(bytes(ldapResult(1, BIND, 0)));
  return session;
}

describe('the bind', () => {
  test('without a name is anonymous', () => {
    const session = open();
    // As it stands in RFC 4511 and on the wire of ldapwhoami.
    expect(sent(session.start())).toBe('300c020101600702010304008000');
    expect(session.received(bytes(ldapResult(1, BIND, 0)))).toEqual([{ kind: 'ready' }]);
  });

  test('has name and password, in UTF-8', () => {
    const session = open({ username: 'cn=ü' }, { password: 'pä' });
    expect(sent(session.start())).toBe(
      `301402010160 0f 020103 0405${text('cn=ü')} 8003${text('pä')}`.replaceAll(' ', ''),
    );
  });

  test.each([
    [200, '3081d5020101 6081cf 020103 0481c7'],
    [300, '3082013b020101 60820134 020103 0482012b'],
  ])('lengths of %s bytes are written long', (length, beginning) => {
    const steps = open({ username: 'x'.repeat(length - 1) }).start();
    expect(sent(steps).startsWith(beginning.replaceAll(' ', ''))).toBe(true);
  });

  test('an answer to another number is none, and one of another kind is none', () => {
    const session = open();
    session.start();
    expect(session.received(bytes(ldapResult(2, BIND, 0) + ldapResult(1, SEARCH_DONE, 0)))).toEqual([]);
    expect(session.received(bytes(ldapResult(1, BIND, 0)))).toEqual([{ kind: 'ready' }]);
  });
});

test.each<[number, Goodbye]>([
  [1, 'server_error'],
  [2, 'protocol_error'],
  [7, 'auth_method'],
  [8, 'tls_mismatch'],
  [13, 'tls_mismatch'],
  [34, 'auth_failed'],
  [48, 'auth_failed'],
  [49, 'auth_failed'],
  [50, 'forbidden'],
  [51, 'overloaded'],
  [52, 'not_ready'],
  [53, 'forbidden'],
  [80, 'server_error'],
  [99, 'other'],
])('code %s refuses the bind as %s', (code, goodbye) => {
  const refused = [{ kind: 'refused', goodbye, code: `${code}` }];
  for (const answer of [ldapResult(1, BIND, code), ldapNotice(code)]) {
    const session = open();
    session.start();
    expect(session.received(bytes(answer))).toEqual(refused);
    expect(session.received(bytes(ldapResult(1, BIND, 0)))).toEqual([]);
  }
});

test.each<[number, Goodbye]>([
  [2, 'protocol_error'],
  [3, 'idle_limit'],
  [8, 'auth_failed'],
  [51, 'overloaded'],
  [52, 'admin_shutdown'],
  [80, 'other'],
])('held, a notice of disconnection with code %s is the goodbye %s, once', (code, goodbye) => {
  const said = { kind: 'goodbye', goodbye, code: `${code}`, then: 'peerCloses' };
  expect(held().received(bytes(ldapNotice(code) + ldapNotice(52)))).toEqual([said]);
});

test('a notice without a code is one of no known meaning', () => {
  const name = '1.3.6.1.4.1.1466.20036';
  const notice = `\x30\x1d\x02\x01\0\x78\x18\x8a\x16${name}`;
  expect(held().received(bytes(notice))).toEqual([{ kind: 'goodbye', goodbye: 'other', then: 'peerCloses' }]);
  const early = open();
  early.start();
  expect(early.received(bytes(notice))).toEqual([{ kind: 'refused', goodbye: 'other' }]);
});

test('another message that nobody asked for is no goodbye', () => {
  expect(held().received(bytes(ldapResult(0, EXTENDED, 52)))).toEqual([]);
  expect(held().received(bytes(ldapResult(0, EXTENDED, 52, '\x8a\x031.2')))).toEqual([]);
  expect(held().received(bytes(ldapNotice(52).replace('\x02\x01\0', '\x02\x01\x07')))).toEqual([]);
});

describe('a heartbeat', () => {
  test('searches the root of the server for no attribute, and is answered by the end of the search', () => {
    const session = held();
    const search = `302a0201026325 0400 0a0100 0a0100 020101 020100 010100 870b${text('objectClass')} 30050403${text('1.1')}`;
    expect(sent(session.beat())).toBe(search.replaceAll(' ', ''));
    expect(session.received(bytes(ldapResult(2, SEARCH_ENTRY, 0)))).toEqual([]);
    expect(session.received(bytes(ldapResult(1, SEARCH_DONE, 0)))).toEqual([]);
    expect(session.received(bytes(ldapResult(2, SEARCH_DONE, 0) + ldapResult(2, SEARCH_DONE, 0)))).toEqual([
      { kind: 'answered' },
    ]);
    session.beat();
    // Who says no is alive.
    expect(session.received(bytes(ldapResult(3, SEARCH_DONE, 50)))).toEqual([{ kind: 'answered' }]);
  });

  test('is answered behind an entry of any length, in whatever pieces', () => {
    const session = held();
    session.beat();
    const entry = `\x02\x01\x02\x64\x82\x40\0${'x'.repeat(0x4000)}`;
    const whole = `\x30\x84\0\0\x40\x07${entry}${ldapResult(2, SEARCH_DONE, 0)}`;
    const steps = Array.from({ length: Math.ceil(whole.length / 7) }, (_, at) =>
      session.received(bytes(whole.slice(at * 7, at * 7 + 7))),
    );
    expect(steps.flat()).toEqual([{ kind: 'answered' }]);
  });
});

describe('StartTLS', () => {
  const asking = (): Session => {
    const session = open({ starttls: true, username: 'cn=u' }, { tls: true, password: 'pw' });
    expect(sent(session.start())).toBe(`301d02010177188016${text('1.3.6.1.4.1.1466.20037')}`);
    return session;
  };

  test('comes first, then the bind', () => {
    const session = asking();
    expect(session.received(bytes(ldapResult(1, EXTENDED, 0)))).toEqual([{ kind: 'startTls' }]);
    expect(sent(session.secured(null))).toBe(
      `301202010260 0d 020103 0404${text('cn=u')} 8002${text('pw')}`.replaceAll(' ', ''),
    );
    expect(session.secured(null)).toEqual([]);
    expect(session.received(bytes(ldapResult(2, BIND, 0)))).toEqual([{ kind: 'ready' }]);
  });

  test.each([2, 52])('refused with %s, no password leaves', (code) => {
    const session = asking();
    const refused = { kind: 'refused', goodbye: 'tls_mismatch', code: `${code}` };
    expect(session.received(bytes(ldapResult(1, EXTENDED, code)))).toEqual([refused]);
    expect(session.secured(null)).toEqual([]);
  });

  test('bytes behind the consent are refused, and so are bytes in the middle of the handshake', () => {
    const refused = [{ kind: 'refused', goodbye: 'protocol_error' }];
    expect(asking().received(bytes(`${ldapResult(1, EXTENDED, 0)}0`))).toEqual(refused);
    const late = asking();
    late.received(bytes(ldapResult(1, EXTENDED, 0)));
    expect(late.received(bytes('0'))).toEqual(refused);
  });

  test('an answer to something else is none', () => {
    expect(asking().received(bytes(ldapResult(2, EXTENDED, 0) + ldapResult(1, BIND, 0)))).toEqual([]);
  });

  test('is for groups that ask for it; the others begin TLS with the first byte', () => {
    expect(ldap.create(ldapSettings({ starttls: true })).tls).toBe('inBand');
    expect(ldap.create(ldapSettings()).tls).toBe('atOnce');
    expect(sent(open({}, { tls: true }).start())).toBe('300c020101600702010304008000');
  });
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n', 'expected messages of LDAP; the peer speaks HTTP'],
  ['\x15\x03\x03\x00\x02', 'expected messages of LDAP; the peer answered with a TLS alert: the port wants TLS'],
  ['SSH-2.0', 'expected messages of LDAP; the peer speaks SSH'],
  ['\x30\x80\x02\x01\x01', 'expected messages of LDAP, and other bytes came'],
  ['\x30\x85\0\0\0\0\x01', 'expected messages of LDAP, and other bytes came'],
  ['\x30\0', 'expected messages of LDAP, and other bytes came'],
  ['\x30\x03\x04\x01\x01', 'expected messages of LDAP, and other bytes came'],
  ['\x30\x03\x02\x01\x01', 'expected messages of LDAP, and other bytes came'],
  ['\x30\x04\x02\0\x61\0', 'expected messages of LDAP, and other bytes came'],
  ['\x30\x0a\x02\x06\0\0\0\0\0\x01\x61\0', 'expected messages of LDAP, and other bytes came'],
])('what is not LDAP is called by its name, whatever pieces it comes in: %#', (words, expected) => {
  for (const pieces of [[words], Array.from(words)]) {
    const session = open();
    session.start();
    const steps = pieces.flatMap((piece) => session.received(bytes(piece)));
    expect(steps).toEqual([{ kind: 'broken', expected }]);
    expect(session.received(bytes(ldapResult(1, BIND, 0)))).toEqual([]);
  }
});

test('it leaves with an unbind of its own number', () => {
  expect(open().farewell()).toBeNull();
  const session = held();
  session.beat();
  const farewell = session.farewell();
  expect(Buffer.from(farewell?.bytes ?? []).toString('hex')).toBe('30050201034200');
  expect(farewell?.awaited).toBe(false);
});

test('numbers are written as short as they may be, and begin anew before they are too long', () => {
  const written = [0, 1, 127, 128, 255, 256, 65_535, 0x7fff_ffff].map((value) =>
    Buffer.from(integer(value)).toString('hex'),
  );
  expect(written).toEqual([
    '020100',
    '020101',
    '02017f',
    '02020080',
    '020200ff',
    '02020100',
    '020300ffff',
    '02047fffffff',
  ]);
  expect([nextId(0), nextId(0x7fff_fffe), nextId(0x7fff_ffff)]).toEqual([1, 0x7fff_ffff, 1]);
});

test('it asks for no hash', () => {
  expect(held().derived(new Uint8Array(32))).toEqual([]);
});
