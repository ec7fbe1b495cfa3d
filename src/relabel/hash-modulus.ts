import { hash } from 'node:crypto';

/** The last 8 bytes of the text's MD5, modulo `modulus`, in decimal: Prometheus' way to spread targets. */
export function hashModulus(text: string, modulus: bigint): string {
  return String(hash('md5', text, 'buffer').readBigUInt64BE(8) % modulus);
}

/** Whether this runtime computes MD5: OpenSSL refuses it in FIPS mode. */
export function hasMd5(): boolean {
  try {
    hash('md5', '');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
