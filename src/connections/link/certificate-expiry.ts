import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/**
 * The earliest end of validity in the peer's chain, wall-clock milliseconds; null when it presented none. The chain is the
 * one the runtime built: what was presented, completed by the trusted root where that is known.
 */
export function certificateExpiry(tls: TLSSocket): number | null {
  let earliest: number | null = null;
  const seen = new Set<string>();
  let certificate: DetailedPeerCertificate | undefined = tls.getPeerCertificate(true);
  while (certificate?.valid_to !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256); // a self-signed root is its own issuer
    const expiry = Date.parse(certificate.valid_to);
    if (!Number.isNaN(expiry)) earliest = earliest === null ? expiry : Math.min(earliest, expiry);
    certificate = certificate.issuerCertificate;
  }
  return earliest;
}
