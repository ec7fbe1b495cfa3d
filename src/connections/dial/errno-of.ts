import type { SocketEnd } from '../../domain/evidence.ts';

/** The errno that a socket ended with; null: it saw the end of the stream and no error. */
export function errnoOf(signal: SocketEnd): string | null {
  return signal.kind === 'errno' ? signal.errno : (signal.pendingError ?? null);
}
