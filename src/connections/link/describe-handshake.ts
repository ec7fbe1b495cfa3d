import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PresentedCertificate, TlsHandshake } from '../../domain/tls-handshake.ts';
import { safeText } from '../../text/safe-text.ts';

/** A distinguished name of a service has a few dozen characters; a peer may write kilobytes. */
const LONGEST_NAME = 256;

/** What a handshake agreed on. `presented` is the peer's own certificate, `isVerified` what came of looking at it. */
export function describeHandshake(
  tls: TLSSocket,
  presented: X509Certificate | undefined,
  isVerified: boolean,
): TlsHandshake {
  const version = tls.getProtocol();
  return {
    ...(version === null ? {} : { version }),
    cipher: tls.getCipher().standardName,
    isResumed: tls.isSessionReused(),
    isVerified,
    ...(presented === undefined ? {} : { server: describeCertificate(presented) }),
  };
}

function describeCertificate({ subject, issuer, validFromDate, validToDate }: X509Certificate): PresentedCertificate {
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  };
}

/** The runtime writes one part a line, as they stand in the certificate; RFC 4514 begins with the last. None has no name at all. */
function distinguishedName(lines: string | undefined): string {
  const name = (lines ?? '').split('\n').toReversed().join(', ');
  return safeText(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}...` : name);
}
