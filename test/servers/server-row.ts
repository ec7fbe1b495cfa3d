import type { Stage } from './stage.ts';

/** A real server and everything this suite does to it. */
export type RealServer = {
  readonly name: string;
  /** The program that is started, and the Debian package that brings it. */
  readonly program: string;
  readonly debianPackage: string;
  /** What is asked for the version, where it is another program. */
  readonly versionProgram?: string;
  /** Prints the version, which ends up in the table. */
  readonly versionArguments: readonly string[];
  /** It changes to users of its own. */
  readonly needsRoot?: true;
  readonly rows: readonly ServerRow[];
};

/** One thing that a server does to a held connection. Each row is a group of its own in the one daemon of the run. */
export type ServerRow = {
  readonly group: string;
  /** The server's setting, as its own configuration spells it. */
  readonly setting: string;
  /** What Finrst, or the operator, does. */
  readonly deed: string;
  /** What the server does then, in plain words. */
  readonly server: string;
  /** Keys of the Finrst group. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Starts (or shares) the server; resolves when it accepts connections. */
  readonly start: (stage: Stage) => Promise<Situation>;
  /** Its deed ends a server that the rows before it share: it is done once those were looked at. */
  readonly endsOthers?: true;
  readonly outcome: Outcome;
};

export type Situation = {
  readonly port: number;
  /** What the operator does once Finrst is connected. */
  readonly act?: () => Promise<void> | void;
  /** Further keys of the Finrst group that are known only now, such as a certificate's path. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

export type Outcome =
  /** The connection ends; `idleSeconds` is the least and the most that `idle_s` may say. */
  | {
      readonly kind: 'ended';
      readonly class: string;
      readonly reason: string;
      readonly idleSeconds: readonly [number, number];
      /** What the server said of it; absent: nothing. */
      readonly goodbye?: string;
    }
  /** No connection comes about. */
  | { readonly kind: 'refused'; readonly phase: string; readonly reason: string; readonly goodbye?: string }
  /** The connection is still there this long after it was established. */
  | { readonly kind: 'held'; readonly seconds: number };

/** How late a server's timer, the machine and Finrst may be together: CI machines are slow, a wrong second is not 3 s. */
const LATE_SECONDS = 3;

/**
 * Rows about the idle limit that a server has for clients that are logged in: the limit they set, heartbeats at a third of
 * it, and how long those must hold the connection.
 */
export const IDLE_ROW = {
  limitSeconds: 5,
  beats: { heartbeat: { interval: '1666ms', timeout: '1666ms' } },
  held: { kind: 'held', seconds: 30 },
} as const;

/** Ends with this class and reason when the server's own limit of `seconds` runs out. */
export function endsAfter(seconds: number, cause: string, goodbye?: string): Outcome {
  // Servers round, and count from the accept, which a busy machine shows us later: a limit of 1 s can run out earlier.
  return ended(cause, [Math.max(0, seconds - 0.3), seconds + LATE_SECONDS], goodbye);
}

/** Ends with this class and reason whenever the row's deed is done; how long it was idle before says nothing. */
export function endsAt(cause: string, goodbye?: string): Outcome {
  return ended(cause, [0, 60], goodbye);
}

/** Ends with this class and reason right after it was established. */
export function endsAtOnce(cause: string, goodbye?: string): Outcome {
  return ended(cause, [0, LATE_SECONDS], goodbye);
}

export function refused(cause: string, goodbye?: string): Outcome {
  const [phase = '', reason = ''] = cause.split('/');
  return { kind: 'refused', phase, reason, ...(goodbye === undefined ? {} : { goodbye }) };
}

function ended(cause: string, idleSeconds: readonly [number, number], goodbye?: string): Outcome {
  const [name = '', reason = ''] = cause.split('/');
  return { kind: 'ended', class: name, reason, idleSeconds, ...(goodbye === undefined ? {} : { goodbye }) };
}

/** Runs `make` at the first call and hands every later caller the same answer: rows that can share one server do. */
export function once<T>(make: (stage: Stage) => Promise<T>): (stage: Stage) => Promise<T> {
  let made: Promise<T> | undefined;
  return (stage) => (made ??= make(stage));
}

/** Sends the bytes once and never again within any test: `interval` is longer than the run. */
export function sendOnce(bytes: string): Readonly<Record<string, unknown>> {
  return { heartbeat: { send: bytes, interval: '1h' } };
}

/**
 * A request and the bytes its answer must contain. Half a second is as far from the limits of a second that the rows set
 * as from the time a loaded machine may need to answer.
 */
export function heartbeat(send: string, expect: string): Readonly<Record<string, unknown>> {
  return { heartbeat: { send, expect, interval: '500ms', timeout: '500ms' } };
}

/** The bytes of a `send` as the configuration spells it, one character each ('latin1'). */
export function bytesOf(send: string): string {
  const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };
  return send.replaceAll(/\\(?:x(..)|(.))/g, (_, hex: string | undefined, name: string) =>
    hex === undefined ? (named[name] ?? name) : String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}
