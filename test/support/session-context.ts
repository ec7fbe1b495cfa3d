import type { SessionContext } from '../../src/protocols/session.ts';

/** What a session begins with where nobody logs in; random bytes are 1, 2, 3 ... */
export function sessionContext(overrides: Partial<SessionContext> = {}): SessionContext {
  return {
    host: 'peer.test',
    port: 8080,
    userAgent: 'finrst/1.2.3',
    random: (bytes) => Uint8Array.from({ length: bytes }, (_, index) => index + 1),
    password: null,
    beatEveryMs: 30_000,
    tls: false,
    certificate: null,
    ...overrides,
  };
}
