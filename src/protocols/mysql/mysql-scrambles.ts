import { createHash } from 'node:crypto';
import { joinBytes } from '../join-bytes.ts';

/** mysql_native_password. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html */
export function nativeScramble(password: string, nonce: Uint8Array): Uint8Array {
  const once = digest('sha1', joinBytes(password));
  return xor(once, digest('sha1', nonce, digest('sha1', once)));
}

/** caching_sha2_password. https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html */
export function sha2Scramble(password: string, nonce: Uint8Array): Uint8Array {
  const once = digest('sha256', joinBytes(password));
  return xor(once, digest('sha256', digest('sha256', once), nonce));
}

/** The second one is repeated for as long as the first one is. */
export function xor(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => byte ^ (key[index % key.length] ?? 0));
}

function digest(algorithm: 'sha1' | 'sha256', ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}
