import { createHash } from 'node:crypto';
import { ByteReader } from './byte-reader.ts';

/**
 * Signature algorithms by the bytes of their identifiers (RFC 8017 A.2.4, RFC 5758), and the hash of the channel binding:
 * that of the signature, but SHA-256 in place of MD5 and SHA-1 (RFC 5929 4.1).
 */
const HASHES = new Map([
  ['2a864886f70d010104', 'sha256'], // md5WithRSAEncryption
  ['2a864886f70d010105', 'sha256'], // sha1WithRSAEncryption
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d0401', 'sha256'], // ecdsa-with-SHA1
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
]);

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/**
 * The channel binding `tls-server-end-point` of a certificate in DER; null: its signature has no hash of its own (Ed25519,
 * RSA-PSS), so that both sides could not agree on one.
 */
export function serverEndPoint(certificate: Uint8Array): Uint8Array | null {
  const outer = element(new ByteReader(certificate), SEQUENCE);
  if (outer === null) return null;
  const fields = new ByteReader(outer);
  if (element(fields, SEQUENCE) === null) return null;
  const algorithm = element(fields, SEQUENCE);
  const identifier = algorithm && element(new ByteReader(algorithm), OBJECT_IDENTIFIER);
  const hash = identifier === null ? undefined : HASHES.get(Buffer.from(identifier).toString('hex'));
  return hash === undefined ? null : createHash(hash).update(certificate).digest();
}

/** The content of the next element, which has this tag. */
function element(reader: ByteReader, tag: number): Uint8Array | null {
  if (reader.uint8() !== tag) return null;
  const first = reader.uint8();
  if (first === null) return null;
  if (first < 0x80) return reader.take(first);
  const lengthBytes = reader.take(first & 0x7f);
  if (lengthBytes === null || lengthBytes.length === 0 || lengthBytes.length > 4) return null;
  return reader.take(lengthBytes.reduce((length, byte) => length * 256 + byte, 0));
}
