import { readFileSync } from 'node:fs';
import type { TlsSettings } from '../../settings/tls-settings.ts';

export type TlsMaterial = { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
export type TlsFiles =
  | { readonly kind: 'read'; readonly material: TlsMaterial }
  | { readonly kind: 'unreadable'; readonly file: string };

/** Reads the CA, certificate and key of a peer as they are now. A missing file is a value: the attempt fails, nothing else. */
export function readTlsFiles({ caFile, certFile, keyFile }: TlsSettings): TlsFiles {
  const material: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const [key, file] of [
    ['ca', caFile],
    ['cert', certFile],
    ['key', keyFile],
  ] as const) {
    if (file === null) continue;
    try {
      material[key] = readFileSync(file);
    } catch {
      return { kind: 'unreadable', file };
    }
  }
  return { kind: 'read', material };
}
