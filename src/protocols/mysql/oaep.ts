import { constants, createHash, createPublicKey, publicEncrypt } from 'node:crypto';
import { joinBytes, uint32Bytes } from '../join-bytes.ts';
import { xor } from './mysql-scrambles.ts';

/** SHA-1, which MySQL takes here. */
const HASH_BYTES = 20;

/** What encryption needs. */
export type OaepOptions = {
  /** An RSA key in PEM. */
  readonly publicKey: string;
  readonly message: Uint8Array;
  readonly random: (bytes: number) => Uint8Array;
};

/**
 * RSAES-OAEP with SHA-1 and an empty label (RFC 8017, 7.1.1); null: the key is none, or too short for the message. The
 * padding is made here, since that of the runtime draws its own random bytes.
 */
export function encryptOaep({ publicKey, message, random }: OaepOptions): Uint8Array | null {
  const key = keyOf(publicKey);
  const bytes = Math.ceil((key?.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const fill = bytes - message.length - 2 * HASH_BYTES - 2;
  if (key?.asymmetricKeyType !== 'rsa' || fill < 0) return null;
  const seed = random(HASH_BYTES);
  const data = joinBytes(sha1(new Uint8Array()), new Uint8Array(fill), [1], message);
  const maskedData = xor(data, mask(seed, data.length));
  const maskedSeed = xor(seed, mask(maskedData, HASH_BYTES));
  const padded = joinBytes([0], maskedSeed, maskedData);
  return Uint8Array.from(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, padded));
}

function keyOf(pem: string) {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}

/** MGF1 (RFC 8017, B.2.1). */
function mask(seed: Uint8Array, bytes: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(bytes / HASH_BYTES) }, (_, n) => sha1(joinBytes(seed, uint32Bytes(n))));
  return joinBytes(...blocks).subarray(0, bytes);
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}
