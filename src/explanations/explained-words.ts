import { CONNECT_FAILURE_REASONS, type ConnectFailure } from '../domain/connect-failure.ts';
import { DISCONNECT_CLASSES, DISCONNECT_REASONS, LOCAL_CLOSE_REASONS } from '../domain/disconnect.ts';
import { failureWords, localCloseWords, reasonWords } from './reason-words.ts';

/** One outcome that has a section in docs/reasons.md. */
export type ExplainedWord = {
  /** `error/reset`, `tcp/refused`, `local/max_age`. */
  readonly term: string;
  /** The class, the phase, `goodbye` or `hint`. */
  readonly group: string;
  readonly reason: string;
  /** Of its section. */
  readonly anchor: string;
  readonly what: string;
};

/** What the words of one class or one phase have in common. */
export type WordGroup = {
  readonly name: string;
  readonly kind: 'class' | 'phase' | 'goodbye' | 'hint';
  readonly what: string;
  readonly words: readonly ExplainedWord[];
};

const CLASSES = {
  eof: 'the peer, or a box that speaks for it, ended the connection in order',
  error: 'the connection broke: the peer, the network or this host ended it, and not in order',
  idle_timeout: 'one of our own deadlines passed: nothing came, or nothing was taken',
} as const satisfies Readonly<Record<keyof typeof DISCONNECT_REASONS, string>>;

const PHASES = {
  dns: 'an attempt failed while its name was looked up',
  tcp: 'an attempt failed while TCP connected',
  tls: 'an attempt failed in the TLS handshake',
  protocol: 'an attempt failed before the first answer, or in the login',
} as const satisfies Readonly<Record<keyof typeof CONNECT_FAILURE_REASONS, string>>;

/** Every class and phase with its words, in the order of the tables in docs/reasons.md. */
export const WORD_GROUPS: readonly WordGroup[] = [
  ...DISCONNECT_CLASSES.map((name) =>
    group({ name, kind: 'class', what: CLASSES[name] }, DISCONNECT_REASONS[name], (reason) => [
      reason,
      reasonWords(reason).what,
    ]),
  ),
  ...Object.entries(PHASES).map(([phase, what]) =>
    group(
      { name: phase, kind: 'phase', what },
      CONNECT_FAILURE_REASONS[phase as ConnectFailure['phase']],
      (reason: string) => [`connect-${phase}-${reason}`, failureWords({ phase, reason } as ConnectFailure).what],
    ),
  ),
  group({ name: 'local', kind: 'class', what: 'we ended the connection ourselves' }, LOCAL_CLOSE_REASONS, (reason) => [
    `local-${reason}`,
    localCloseWords(reason),
  ]),
];

function group<Reason extends string>(
  head: Omit<WordGroup, 'words'>,
  reasons: readonly Reason[],
  explain: (reason: Reason) => readonly [anchor: string, what: string],
): WordGroup {
  const words = reasons.map((reason) => {
    const [anchor, what] = explain(reason);
    return { term: `${head.name}/${reason}`, group: head.name, reason, anchor, what };
  });
  return { ...head, words };
}
