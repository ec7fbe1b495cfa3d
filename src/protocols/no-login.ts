import type { SessionContext } from './session.ts';

/** What sessions begin with that only send and expect bytes: they ask for nothing of it. */
export const NO_LOGIN: SessionContext = {
  host: '',
  port: 0,
  userAgent: '',
  random: (bytes) => new Uint8Array(bytes),
  password: null,
  beatEveryMs: null,
  tls: false,
  certificate: null,
};
