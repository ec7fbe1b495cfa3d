import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { ServerOptions } from 'node:http';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { WebTls } from '../../settings/web-protection.ts';

/** A client has this long for its handshake, then its descriptor is free again. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** An HTTPS server; `current` is asked at each connection who may connect. */
export function createTlsServer(
  tls: WebTls,
  { options, current }: { readonly options: ServerOptions; readonly current: () => WebTls },
): HttpsServer {
  const server = createHttpsServer({
    ...options,
    ...secureContext(tls),
    requestCert: tls.clientAuth !== 'NoClientCert',
    // Only this mode lets OpenSSL decide; the others are decided below, when the certificate is known.
    rejectUnauthorized: tls.clientAuth === 'RequireAndVerifyClientCert',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!mayConnect(socket, current())) socket.destroy();
  });
  return server;
}

/** What can change while the server runs: everything but whether a client certificate is asked for. */
export function secureContext(tls: WebTls): SecureContextOptions {
  const { cert, key, clientCa, minVersion, maxVersion, ciphers, ecdhCurve, honorCipherOrder } = tls;
  return {
    cert,
    key,
    minVersion,
    maxVersion,
    honorCipherOrder,
    ...(clientCa === null ? {} : { ca: clientCa }),
    ...(ciphers === null ? {} : { ciphers }),
    ...(ecdhCurve === null ? {} : { ecdhCurve }),
  };
}

/** Why OpenSSL refuses these settings; null: it takes them. */
export function tlsProblem(tls: WebTls): string | null {
  try {
    createSecureContext(secureContext(tls));
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.message;
    throw error;
  }
}

function mayConnect(socket: TLSSocket, tls: WebTls): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return !tls.clientAuth.startsWith('Require');
  // Asked here too: a file that changed may want more than the server was created with.
  if (tls.clientAuth.includes('Verify') && !socket.authorized) return false;
  return (
    tls.clientAllowedSans.length === 0 ||
    alternativeNames(certificate.subjectAltName).some((name) => tls.clientAllowedSans.includes(name))
  );
}

/** `DNS:a, IP Address:192.0.2.1, URI:spiffe://x` without the kinds. A name that needed quotes is not compared: it could hold a comma. */
function alternativeNames(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(', ')
    .filter((name) => !name.includes('"'))
    .map((name) => name.slice(name.indexOf(':') + 1));
}
