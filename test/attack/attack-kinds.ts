/** What can be done to the daemon, one at a time or together. */
export const ATTACKS = {
  json: '125 clients fetch /api/v1/events?limit=1000 over and over',
  pipelining: 'one connection after the other sends 60 KiB of requests at once and reads nothing',
  half: '140 clients send half a request and hang',
  tls: 'one TLS peer answers with endless handshake messages',
} as const;

export type AttackName = keyof typeof ATTACKS;
export const ATTACK_NAMES = Object.keys(ATTACKS) as readonly AttackName[];

/** What the clients of an attack saw: each of them counts as answered within 5 s from its first try, or not. */
export type AttackCounts = {
  /** Answers 200, and 503 with Retry-After, in time. */
  readonly ok: number;
  readonly busy: number;
  /** Anything else, or nothing for 5 s: what and how often. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Connections that the daemon closed. */
  readonly cut: number;
};

export type AttackRequest =
  | { readonly ask: 'start'; readonly attacks: readonly AttackName[]; readonly webPort: number }
  | { readonly ask: 'stop' };

export type AttackAnswer =
  | { readonly answer: 'ready'; readonly tlsPort: number }
  | { readonly answer: 'stopped'; readonly counts: AttackCounts };
