import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const BEATS = 'heartbeat: {interval: 1s, timeout: 900ms}';

/** Peers that speak just enough of a broker's or a directory's protocol to be held, and to say why they leave. */
export const BROKER_PEERS: readonly DemoPeer[] = [
  {
    group: 'mqtt-replaces',
    does: 'MQTT 5: takes the login, and after 4 s says that another client has our id (0x8e)',
    expected: 'eof/fin',
    settings: ['protocol: mqtt', 'mqtt: {version: 5}', BEATS],
    serve: mqttThatReplaces,
  },
  {
    group: 'nats-lame-duck',
    does: 'NATS: after 3 s says that it will go (lame duck mode), answers on, and closes 2 s later',
    expected: 'eof/fin',
    settings: ['protocol: nats', BEATS],
    serve: natsThatWillGo,
  },
  {
    group: 'kafka-wants-login',
    does: 'Kafka: answers the first request and closes at the second, as a listener with SASL does',
    expected: 'protocol/eof',
    settings: ['protocol: kafka'],
    serve: kafkaThatWantsLogin,
  },
  {
    group: 'ldap-stops',
    does: 'LDAP: takes the bind, and after 4 s sends a notice of disconnection (52, unavailable)',
    expected: 'eof/fin',
    settings: ['protocol: ldap', BEATS],
    serve: ldapThatStops,
  },
];

/** Packets of version 5, without properties: https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html */
const CONNACK = '\x20\x03\0\0\0';
const PINGRESP = '\xd0\0';
const TAKEN_OVER = '\xe0\x02\x8e\0';

function mqttThatReplaces({ socket, after }: DemoConnection): void {
  // Each packet of ours comes whole: it is short, and nothing else is on its way. The first is CONNECT, the others PINGREQ.
  socket.once('data', () => {
    socket.write(CONNACK, 'latin1');
    socket.on('data', () => void (socket.writableEnded || socket.write(PINGRESP, 'latin1')));
  });
  after(4000, () => socket.end(TAKEN_OVER, 'latin1'));
}

/** https://docs.nats.io/reference/reference-protocols/nats-protocol */
function natsThatWillGo({ socket, after }: DemoConnection): void {
  const info = (more: object): string =>
    `INFO ${JSON.stringify({ server_id: 'DEMO', version: '2.10.0', max_payload: 1_048_576, ...more })}\r\n`;
  socket.write(info({}));
  socket.on('data', (words) => void (words.includes('PING') && !socket.writableEnded && socket.write('PONG\r\n')));
  after(3000, () => socket.write(info({ ldm: true })));
  after(5000, () => socket.end());
}

/** ApiVersions v0 to the request 1: no error, one request that it knows. https://kafka.apache.org/protocol */
const VERSIONS = '\0\0\0\x10\0\0\0\x01\0\0\0\0\0\x01\0\x12\0\0\0\x04';

function kafkaThatWantsLogin({ socket }: DemoConnection): void {
  socket.once('data', () => {
    socket.write(VERSIONS, 'latin1');
    socket.once('data', () => socket.end());
  });
}

/** RFC 4511, 4.2.2, 4.5.2 and 4.4.1. */
const [BIND_RESPONSE, SEARCH_DONE, EXTENDED_RESPONSE] = [0x61, 0x65, 0x78];
const UNAVAILABLE = 52;
const NOTICE_NAME = `\x8a\x16${'1.3.6.1.4.1.1466.20036'}`;

function ldapThatStops({ socket, after }: DemoConnection): void {
  let isBound = false;
  socket.on('data', (request) => {
    // Behind the unbind nothing is said.
    if (socket.writableEnded || request.length < 10) return;
    const id = request[4] ?? 0;
    socket.write(ldapResult({ id, operation: isBound ? SEARCH_DONE : BIND_RESPONSE }), 'latin1');
    isBound = true;
  });
  const notice = ldapResult({ id: 0, operation: EXTENDED_RESPONSE, code: UNAVAILABLE, more: NOTICE_NAME });
  after(4000, () => socket.end(notice, 'latin1'));
}

type LdapResult = { readonly id: number; readonly operation: number; readonly code?: number; readonly more?: string };

/** A message less than 128 bytes long: its id, and a result with two empty texts. */
function ldapResult({ id, operation, code = 0, more = '' }: LdapResult): string {
  const result = `\x0a\x01${String.fromCharCode(code)}\x04\0\x04\0${more}`;
  const body = `\x02\x01${String.fromCharCode(id, operation, result.length)}${result}`;
  return `\x30${String.fromCharCode(body.length)}${body}`;
}
