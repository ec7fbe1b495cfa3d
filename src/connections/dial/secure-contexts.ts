import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { TrustedRoots } from '../link/trusted-roots.ts';
import type { TlsSettings } from '../../settings/tls-settings.ts';
import type { Clock } from '../../clock/clock.ts';
import { type ReadFile, whyUnreadable } from '../../files/file-content.ts';
import { readTlsFiles, type TlsFiles, type TlsMaterial } from './read-tls-files.ts';
import { RecentFiles } from './recent-files.ts';

/**
 * Calls back with what a handshake of a peer begins with, made of its files as they were within the last second: at once
 * where they were read since. A file that cannot be used is a value.
 */
export type SecureContexts = (settings: TlsSettings, done: (answer: SecureContextAnswer) => void) => void;

/** The runtime's context, and what it trusts. */
type Ready = { readonly kind: 'ready'; readonly context: SecureContext; readonly roots: TrustedRoots };
type Unusable = { readonly kind: 'unusable'; readonly code: string; readonly detail: string };

export type SecureContextAnswer = Ready | Unusable;

/** A bundle of 140 CAs takes 1 MB once it is parsed (measured on Node.js 24.21): so many of them are no burden. */
const REMEMBERED = 64;

/**
 * The same bytes make the same context: without that each of a thousand connections would hold a CA bundle of its own and
 * spend 5 ms to parse it. The files are read again all the same, off the event loop, so a rotated certificate needs no
 * reload.
 */
export function createSecureContexts(clock: Pick<Clock, 'monotonic'>, readFile: ReadFile): SecureContexts {
  const recent = new RecentFiles(clock, readFile);
  const known = new Map<string, Ready>();
  const bundled = new TrustedRoots(null);
  const answerOf = (files: TlsFiles, minVersion: TlsSettings['minVersion']): SecureContextAnswer => {
    if (files.kind === 'unreadable') {
      const detail = `cannot read ${files.file}: ${whyUnreadable(files.why)}`;
      return { kind: 'unusable', code: 'ERR_UNREADABLE_FILE', detail };
    }
    const key = keyOf(files.material, minVersion);
    const answer = known.get(key) ?? create(files.material, minVersion, bundled);
    if (answer.kind === 'unusable') return answer;
    known.delete(key); // the one used last is forgotten last
    known.set(key, answer);
    const oldest = known.keys().next();
    if (known.size > REMEMBERED && oldest.done !== true) known.delete(oldest.value);
    return answer;
  };
  return (settings, done) => readTlsFiles(recent, settings, (files) => done(answerOf(files, settings.minVersion)));
}

function create(
  material: TlsMaterial,
  minVersion: TlsSettings['minVersion'],
  bundled: TrustedRoots,
): SecureContextAnswer {
  try {
    const roots = material.ca === undefined ? bundled : new TrustedRoots(material.ca);
    return { kind: 'ready', context: createSecureContext({ ...buffersOf(material), minVersion }), roots };
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

/** The runtime takes no other bytes than those of a Buffer. */
function buffersOf(material: TlsMaterial): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(material).map(([key, bytes]) => [key, Buffer.from(bytes)]));
}

/** A file that was read once is digested once, however many connect within the second. */
const DIGESTS = new WeakMap<Uint8Array, string>();

function keyOf({ ca, cert, key }: TlsMaterial, minVersion: string): string {
  return [minVersion, ...[ca, cert, key].map((bytes) => (bytes === undefined ? '' : digest(bytes)))].join(' ');
}

function digest(bytes: Uint8Array): string {
  const known = DIGESTS.get(bytes);
  if (known !== undefined) return known;
  const made = createHash('sha256').update(bytes).digest('base64');
  DIGESTS.set(bytes, made);
  return made;
}
