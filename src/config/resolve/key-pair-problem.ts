import { createSecureContext } from 'node:tls';

/** Why a PEM certificate and key cannot be used together, as the end of a sentence; null when they can. */
export function keyPairProblem(cert: string, key: string): string | null {
  try {
    createSecureContext({ cert, key });
    return null;
  } catch (error) {
    // OpenSSL says what it dislikes; it never quotes the key.
    if (error instanceof Error)
      return `holds a certificate and a key that cannot be used together: ${error.message.replace(/^error:[0-9A-F]+:/, '')}`;
    throw error;
  }
}
