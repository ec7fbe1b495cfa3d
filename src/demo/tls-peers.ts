import { randomBytes } from 'node:crypto';
import { duplexPair } from 'node:stream';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { DemoCertificate } from './demo-certificate.ts';
import type { DemoConnection, DemoPeer } from './demo-peer.ts';

const UNCHECKED = 'tls: {insecure_skip_verify: true}';
/** A TLS 1.2 or 1.3 record of application data that holds 64 random bytes: no key opens it. */
const RECORD_HEADER = Buffer.from([0x17, 0x03, 0x03, 0x00, 0x40]);

/** Peers that speak TLS, or should. */
export function createTlsPeers(certificate: DemoCertificate): readonly DemoPeer[] {
  return [...peersThatEnd(certificate), ...peersThatFailTheHandshake(certificate)];
}

function peersThatEnd(certificate: DemoCertificate): readonly DemoPeer[] {
  return [
    {
      group: 'tls-closes',
      does: 'closes TLS in order (close_notify) after 3 s',
      expected: 'eof/close_notify',
      settings: [UNCHECKED],
      serve: (connection) => {
        const { tls } = secure(connection, certificate);
        connection.after(3000, () => tls.end());
      },
    },
    {
      group: 'tls-truncates',
      does: 'closes TCP but not TLS after 4 s (expect_close_notify)',
      expected: 'error/tls_truncated',
      settings: ['tls: {insecure_skip_verify: true, expect_close_notify: true}'],
      serve: (connection) => {
        const { cut } = secure(connection, certificate);
        connection.after(4000, () => {
          cut();
          connection.socket.end();
        });
      },
    },
    {
      group: 'tls-breaks',
      does: 'sends a TLS record that nobody can read after 3 s',
      expected: 'error/tls_error',
      settings: [UNCHECKED],
      serve: (connection) => {
        const { cut } = secure(connection, certificate);
        connection.after(3000, () => {
          cut();
          connection.socket.write(Buffer.concat([RECORD_HEADER, randomBytes(64)]));
        });
      },
    },
  ];
}

function peersThatFailTheHandshake(certificate: DemoCertificate): readonly DemoPeer[] {
  return [
    {
      group: 'tls-wants-certificate',
      does: 'TLS 1.3, refuses us for want of a client certificate',
      expected: 'error/tls_alert',
      settings: [UNCHECKED],
      serve: (connection) => {
        secure(connection, certificate, { requestCert: true, rejectUnauthorized: true });
      },
    },
    {
      group: 'tls-untrusted',
      does: 'has a certificate that nobody signed',
      expected: 'tls/certificate',
      settings: ['tls: {}'],
      serve: (connection) => {
        secure(connection, certificate);
      },
    },
    {
      group: 'not-tls',
      does: 'answers a TLS handshake with plain text',
      expected: 'tls/not_tls',
      settings: [UNCHECKED],
      serve: ({ socket }) => void socket.write('220 mail.demo.invalid ESMTP\r\n'),
    },
    {
      group: 'tls-hangs',
      does: 'never answers the TLS handshake (connect_timeout 2s)',
      expected: 'tls/timeout',
      settings: ['connect_timeout: 2s', UNCHECKED],
      serve: () => undefined,
    },
  ];
}

type Secured = {
  readonly tls: TLSSocket;
  /** From here on TLS sends nothing more, and the TCP connection below can be broken by hand. */
  readonly cut: () => void;
};

/** TLS on top of a connection that stays in our hands: a TLS server of the runtime always closes in order. */
function secure({ socket }: DemoConnection, certificate: DemoCertificate, options: TLSSocketOptions = {}): Secured {
  const [outside, inside] = duplexPair();
  const tls = new TLSSocket(inside, { isServer: true, ...certificate, ...options });
  socket.pipe(outside).pipe(socket);
  // What goes wrong here is intended; the connection below brings it to the other side.
  tls.on('error', () => tls.destroy());
  outside.on('error', () => socket.destroy());
  tls.resume();
  socket.on('close', () => tls.destroy());
  return { tls, cut: () => void outside.unpipe(socket) };
}
