import type { Goodbye, GoodbyeSet } from '../domain/goodbye.ts';
import type { ProtocolName, SettingsOfProtocol } from '../settings/protocol-settings.ts';

/**
 * One conversation in a protocol's words, from connected to closed. Pure: the same inputs give the same steps. One per
 * connection, never used again. Nothing here throws: whatever a peer sends becomes a step, or none.
 */
export type Session = {
  /** The stream is there (TLS done, where TLS comes first). Nothing was sent yet. */
  start(): readonly Step[];
  /** Answer to `startTls`: the stream is encrypted from here on. The certificate that the peer presented, in DER. */
  secured(certificate: Uint8Array | null): readonly Step[];
  /** Answer to `derive`. */
  derived(key: Uint8Array): readonly Step[];
  /** Bytes that arrived, in pieces of any size. They are looked at during the call; what is kept is copied and bounded. */
  received(bytes: Uint8Array): readonly Step[];
  /** Time for a heartbeat. Called only after `ready`, never while one is unanswered. */
  beat(): readonly Step[];
  /** What to say before our own FIN, also where `startTls` led to a certificate that is refused; null: nothing. Where the peer answers it (`awaited`), a step `left` says that it did. */
  farewell(): Farewell | null;
};

/** The last words of ours. */
export type Farewell = { readonly bytes: Uint8Array; readonly awaited: boolean };

/** What a session wants done, in this order. Which steps may come when stands in `test/unit/protocols/legal-steps.test.ts`. */
export type Step =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** Upgrade in place, now. Bytes of the peer behind its consent in the same piece make the session say `refused` instead. */
  | { readonly kind: 'startTls' }
  /** A slow hash, to be worked out off the event loop: the server chooses its cost. */
  | { readonly kind: 'derive'; readonly derivation: Derivation }
  /**
   * The first exchange is done, or none is needed: the connection is established, and heartbeats may begin. The peer ends a
   * connection that is silent for longer than `beatWithinMs`, and one that is older than `leaveWithinMs`.
   */
  | { readonly kind: 'ready'; readonly beatWithinMs?: number; readonly leaveWithinMs?: number }
  /** Before `ready`: the peer said no in its own words. The attempt fails as `protocol/rejected`. */
  | { readonly kind: 'refused'; readonly goodbye: Goodbye; readonly code?: string }
  /** The outstanding heartbeat was answered. A refusal that proves the peer alive is an answer too. */
  | { readonly kind: 'answered' }
  /** After `ready`: the peer said why it leaves. Only the first one counts. */
  | { readonly kind: 'goodbye'; readonly goodbye: Goodbye; readonly code?: string; readonly then: AfterGoodbye }
  /** The peer answered our farewell: our FIN may go. */
  | { readonly kind: 'left' }
  /**
   * Not this protocol, or bytes beyond a bound. Before `ready`: `protocol/other`; after it: `error/protocol`, at once.
   * `expected` is a sentence of ours without bytes of the peer.
   */
  | { readonly kind: 'broken'; readonly expected: string };

/** Who closes after a goodbye. `goesOn`: nobody yet, heartbeats go on as well. */
export type AfterGoodbye = 'peerCloses' | 'weClose' | 'goesOn';

/** PBKDF2 with HMAC. */
export type Derivation = {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly keyBytes: number;
  readonly digest: 'sha256' | 'sha512';
};

/** What a session begins with. */
export type SessionContext = {
  /** The target: its host without brackets, and its port. */
  readonly host: string;
  readonly port: number;
  /** How we name ourselves where a protocol asks for it, like `finrst/1.2.3`. */
  readonly userAgent: string;
  /** So many random bytes, fit for secrets. */
  readonly random: (bytes: number) => Uint8Array;
  /** The password as its file had it at this connect; null: none is configured. */
  readonly password: string | null;
  /** From heartbeat to heartbeat as configured, for protocols that tell the peer how long we may be silent; null: none are sent. */
  readonly beatEveryMs: number | null;
  /** Whether the group has TLS. */
  readonly tls: boolean;
  /** What the peer presented where TLS came first, in DER; null: no TLS yet. */
  readonly certificate: Uint8Array | null;
};

/** What a protocol is to the rest of the code, made from its options. */
export type Protocol = {
  /** Sessions are ready only with an answer of the peer: it makes a connection established. */
  readonly expectsAnswer: boolean;
  /** Where the group has TLS: it comes before the session, or the session asks for it (`startTls`). */
  readonly tls: 'atOnce' | 'inBand';
  /** What to offer by ALPN; empty: nothing. */
  readonly alpn: readonly string[];
  /** What its peers can say: a session says no other. */
  readonly goodbyes: GoodbyeSet;
  /** One session for each connection. */
  open(context: SessionContext): Session;
};

/** How a protocol is registered: one value exported by each file or folder beside this one. */
export type ProtocolKind<Name extends ProtocolName> = {
  readonly name: Name;
  create(settings: SettingsOfProtocol[Name]): Protocol;
};
