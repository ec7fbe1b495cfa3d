import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { TrustedRoots } from './trusted-roots.ts';

/** A chain is verified to a depth of 100 at most (X509_STORE, OpenSSL); real ones have three or four. */
const LONGEST_CHAIN = 100;

/**
 * What the peer presented, its own certificate first, in the order in which it sent it; empty where it sent none. To be
 * called once for each connection: the runtime takes the first one out of its own list (Node.js 24.21).
 */
export function presentedCertificates(tls: TLSSocket): readonly X509Certificate[] {
  const presented: X509Certificate[] = [];
  let certificate = tls.getPeerX509Certificate();
  while (certificate !== undefined && presented.length < LONGEST_CHAIN) {
    presented.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return presented;
}

/** The earliest end of validity of these, wall-clock milliseconds; null where there are none. */
export function earliestExpiry(certificates: readonly X509Certificate[]): number | null {
  return certificates.length === 0 ? null : Math.min(...certificates.map(({ validToDate }) => validToDate.getTime()));
}

/**
 * The certificates that a successful verification used. OpenSSL looks for each issuer among the trusted ones first
 * (X509_V_FLAG_TRUSTED_FIRST), then among the presented ones, so an expired cross-signed root that is sent behind a good chain
 * is not in it.
 */
export function verifiedChain(presented: readonly X509Certificate[], roots: TrustedRoots): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let [certificate] = presented;
  while (certificate !== undefined && chain.length < LONGEST_CHAIN) {
    chain.push(certificate);
    if (isSelfIssued(certificate) || roots.holds(certificate)) break;
    certificate = roots.issuerOf(certificate) ?? presentedIssuer(certificate, presented);
  }
  return chain;
}

function presentedIssuer(
  certificate: X509Certificate,
  presented: readonly X509Certificate[],
): X509Certificate | undefined {
  return presented.find((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
}

function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer;
}
