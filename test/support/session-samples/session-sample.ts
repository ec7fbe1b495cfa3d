import type { Protocol, SessionContext } from '../../../src/protocols/session.ts';
import type { ProtocolName } from '../../../src/settings/protocol-settings.ts';

/** One shape of a protocol, and what a peer of it says, one character for each byte. */
export type SessionSample = {
  readonly shape: string;
  readonly protocol: Protocol;
  readonly context: Partial<SessionContext>;
  /** In this order they lead through a login, a heartbeat and an end, so far as the shape has them. */
  readonly words: readonly string[];
  /** Refusals, parts of words, and words of others. */
  readonly more: readonly string[];
};

/** As a table has them: a shape without a context and without more than its words leaves both out. */
export type SampleRow = Pick<SessionSample, 'shape' | 'protocol' | 'words'> & Partial<SessionSample>;
export type SampleRows = Readonly<Partial<Record<ProtocolName, readonly SampleRow[]>>>;

/** What a server of another protocol says. */
export const OTHER_WORDS = 'HTTP/1.1 400 Bad Request\r\n';
export const SECRET = { password: 'secret' };
/** How the nonce of SCRAM begins where the random bytes are 1, 2, 3 ... */
export const SCRAM_NONCE = 'r=AQIDBAUGBwgJCgsMDQ4PEBES';
