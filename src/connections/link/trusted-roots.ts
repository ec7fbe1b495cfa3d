import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates that a verification trusts, found by their subject. They are parsed when the first one is looked for. */
export class TrustedRoots {
  readonly #texts: () => readonly string[];
  #bySubject: ReadonlyMap<string, readonly string[]> | null = null;

  /** @param caFile the contents of a `ca_file`; null: what the runtime trusts by itself */
  constructor(caFile: Uint8Array | null) {
    const bundled = () => getCACertificates('default');
    this.#texts = caFile === null ? bundled : () => Buffer.from(caFile).toString('latin1').match(PEM_CERTIFICATE) ?? [];
  }

  /** Whether this very certificate is trusted, so that a chain ends with it. */
  holds(certificate: X509Certificate): boolean {
    return this.#ofSubject(certificate.subject).some((root) => root.fingerprint256 === certificate.fingerprint256);
  }

  /** The trusted certificate that issued this one; of several with one key the one that is valid longest. Null: none. */
  issuerOf(certificate: X509Certificate): X509Certificate | null {
    return this.#ofSubject(certificate.issuer)
      .filter((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey))
      .reduce<X509Certificate | null>(
        (best, root) => (best === null || root.validToDate > best.validToDate ? root : best),
        null,
      );
  }

  #ofSubject(subject: string): readonly X509Certificate[] {
    this.#bySubject ??= indexBySubject(this.#texts());
    return (this.#bySubject.get(subject) ?? []).map((text) => new X509Certificate(text));
  }
}

/** Text is kept, not parsed certificates: those of one bundle would take a megabyte. */
function indexBySubject(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const subjects = new Map<string, string[]>();
  for (const text of texts) {
    const subject = subjectOf(text);
    if (subject !== null) subjects.set(subject, [...(subjects.get(subject) ?? []), text]);
  }
  return subjects;
}

/** Null for a block that is no certificate: OpenSSL passes over it, too, or has refused the file. */
function subjectOf(text: string): string | null {
  try {
    return new X509Certificate(text).subject;
  } catch {
    return null;
  }
}
