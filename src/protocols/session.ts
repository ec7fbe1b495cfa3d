import type { ProtocolName, SettingsOfProtocol } from '../settings/protocol-settings.ts';

/**
 * One conversation in a protocol's words, from connected to closed. Pure: the same inputs give the same steps. One per
 * connection, never used again. Nothing here throws: whatever a peer sends becomes a step, or none.
 */
export type Session = {
  /** The stream is there (TLS done, where TLS comes first). Nothing was sent yet. */
  start(): readonly Step[];
  /** Bytes that arrived, in pieces of any size. They are looked at during the call; what is kept is copied and bounded. */
  received(bytes: Uint8Array): readonly Step[];
  /** Time for a heartbeat. Called only after `ready`, never while one is unanswered. */
  beat(): readonly Step[];
};

/** What a session wants done, in this order. Which steps may come when stands in `test/unit/protocols/legal-steps.test.ts`. */
export type Step =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** The first exchange is done, or none is needed: the connection is established, and heartbeats may begin. */
  | { readonly kind: 'ready' }
  /** The outstanding heartbeat was answered. */
  | { readonly kind: 'answered' };

/** What a protocol is to the rest of the code, made from its options. */
export type Protocol = {
  /** Sessions are ready only with an answer of the peer: it makes a connection established. */
  readonly expectsAnswer: boolean;
  /** One session for each connection. */
  open(): Session;
};

/** How a protocol is registered: one value exported by each file or folder beside this one. */
export type ProtocolKind<Name extends ProtocolName> = {
  readonly name: Name;
  create(settings: SettingsOfProtocol[Name]): Protocol;
};
