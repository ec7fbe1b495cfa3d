import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { TrustedRoots } from '../link/trusted-roots.ts';
import type { TlsSettings } from '../../settings/tls-settings.ts';
import { readTlsFiles, type TlsMaterial } from './read-tls-files.ts';

/** What a handshake of a peer begins with, made of its files as they are now. A file that cannot be used is a value. */
export type SecureContexts = (settings: TlsSettings) => SecureContextAnswer;

/** The runtime's context, and what it trusts. */
type Ready = { readonly kind: 'ready'; readonly context: SecureContext; readonly roots: TrustedRoots };
type Unusable = { readonly kind: 'unusable'; readonly code: string; readonly detail: string };

export type SecureContextAnswer = Ready | Unusable;

/** A bundle of 140 CAs takes 1 MB once it is parsed (measured on Node.js 24.21): so many of them are no burden. */
const REMEMBERED = 64;

/**
 * The same bytes make the same context: without that each of a thousand connections would hold a CA bundle of its own and
 * spend 5 ms to parse it. The files are read at each call all the same, so a rotated certificate needs no reload.
 */
export function createSecureContexts(): SecureContexts {
  const known = new Map<string, Ready>();
  const bundled = new TrustedRoots(null);
  return (settings) => {
    const files = readTlsFiles(settings);
    if (files.kind === 'unreadable') {
      return { kind: 'unusable', code: 'ERR_UNREADABLE_FILE', detail: `cannot read ${files.file}` };
    }
    const key = digest(files.material, settings.minVersion);
    const answer = known.get(key) ?? create(files.material, settings.minVersion, bundled);
    if (answer.kind === 'unusable') return answer;
    known.delete(key); // the one used last is forgotten last
    known.set(key, answer);
    const oldest = known.keys().next();
    if (known.size > REMEMBERED && oldest.done !== true) known.delete(oldest.value);
    return answer;
  };
}

function create(
  material: TlsMaterial,
  minVersion: TlsSettings['minVersion'],
  bundled: TrustedRoots,
): SecureContextAnswer {
  try {
    const roots = material.ca === undefined ? bundled : new TrustedRoots(material.ca);
    return { kind: 'ready', context: createSecureContext({ ...material, minVersion }), roots };
  } catch (error) {
    // A key that does not fit its certificate, a file that is no PEM.
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      kind: 'unusable',
      code: code ?? 'ERR_TLS_SETTINGS',
      detail: `the TLS files cannot be used: ${message}`,
    };
  }
}

function digest({ ca, cert, key }: TlsMaterial, minVersion: string): string {
  const hash = createHash('sha256').update(minVersion);
  // Lengths keep the borders apart.
  for (const part of [ca, cert, key]) hash.update(` ${part?.length ?? -1} `).update(part ?? '');
  return hash.digest('base64');
}
