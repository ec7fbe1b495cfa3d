import type { SendPart } from '../text/send-template.ts';

/** What an answer has to hold: a pattern that is found in one of its lines, or bytes anywhere in it. */
export type ScriptExpectation =
  | { readonly kind: 'line'; readonly pattern: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** What it means when a line holds this pattern. */
export type LineMeaning = {
  readonly match: string;
  /** A word of `GOODBYES`: the schema takes no other. */
  readonly goodbye: string;
};

/** One step of a login. */
export type ScriptStep =
  | { readonly kind: 'send'; readonly parts: readonly SendPart[] }
  | {
      readonly kind: 'expect';
      readonly expect: ScriptExpectation;
      /** Lines that refuse the login at this step. */
      readonly refuse: readonly LineMeaning[];
      /** TLS begins once this was answered. */
      readonly startTls: boolean;
    };

/** What a script says and hears. Steps begin where the stream stands. */
export type ScriptWords = {
  readonly login: readonly ScriptStep[];
  /** Null: none, so that heartbeats are off. */
  readonly heartbeat: { readonly send: readonly SendPart[]; readonly expect: ScriptExpectation } | null;
  /** Lines by which the peer says why it leaves, and while logging in why it refuses. */
  readonly goodbyes: readonly LineMeaning[];
  /** Empty: nothing is said. */
  readonly farewell: readonly SendPart[];
};
