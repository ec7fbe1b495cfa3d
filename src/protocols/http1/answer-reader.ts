import { latin1 } from '../latin1.ts';
import { LineReader } from '../line-reader.ts';
import { notOurs } from '../not-ours.ts';

/** The head of an answer: its status line and those of its headers that somebody wants. */
export type AnswerHead = {
  readonly status: number;
  /** The server closes behind it. */
  readonly isLast: boolean;
  /** By name in lower case; values of a header that came more than once are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
};

/** The next head; `more`: it is not whole yet; `broken`: what came is none, in a sentence of ours. */
export type NextHead =
  | { readonly kind: 'head'; readonly head: AnswerHead }
  | { readonly kind: 'more' }
  | { readonly kind: 'broken'; readonly expected: string };

const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: |$)/;
const BEGINNING = 'HTTP/1.';
const EXPECTED = 'answers of HTTP';

/** The first version in which connections stay unless somebody says otherwise: HTTP/1.1. */
const STAYS_FROM_MINOR = 1;
const SWITCHING_PROTOCOLS = 101;

/** Longer values are none of those that are read here, and are kept so far. */
const KEPT_CHARACTERS = 256;

/**
 * In one piece. 64 KiB hold 20,000 of the shortest, which would hold the event loop for longer than a piece may; servers send
 * a few dozen at a time.
 */
const MOST_LINES = 1000;

/**
 * Cuts a stream into the heads of HTTP/1 answers (RFC 9112), whatever pieces it comes in. None has a body: we ask by HEAD, or
 * for another protocol (6.3). Interim answers (1xx) are skipped, and of headers nothing is kept but what is wanted.
 */
export class AnswerReader {
  readonly #lines = new LineReader();
  readonly #wanted: ReadonlySet<string>;
  /** Of the head that is being read; null: its status line is not whole yet. */
  #begun: { readonly minor: number; readonly status: number; readonly headers: Map<string, string> } | null = null;
  #linesOfPiece = 0;

  /** @param wanted names in lower case, with `connection` among them */
  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** The next piece. To be called when `next` said `more`; it is read during the calls of `next` that follow. */
  feed(piece: Uint8Array): void {
    this.#lines.feed(piece);
    this.#linesOfPiece = 0;
  }

  /** What of the piece stands behind the last head. */
  takeRest(): Uint8Array {
    return this.#lines.takeRest();
  }

  next(): NextHead {
    for (;;) {
      const line = this.#lines.next();
      if (line.kind === 'broken') return { kind: 'broken', expected: 'a line of HTTP was longer than 8 KiB' };
      if (line.kind === 'more') return this.#isOther() ? this.#notOurs(this.#beginning()) : line;
      this.#linesOfPiece += 1;
      if (this.#linesOfPiece > MOST_LINES) {
        return { kind: 'broken', expected: 'too many lines of HTTP came at a time' };
      }
      const next = this.#take(line.text);
      if (next !== null) return next;
    }
  }

  /** Null: the head goes on. */
  #take(line: string): NextHead | null {
    const begun = this.#begun;
    if (begun === null) {
      const [, minor, status] = STATUS_LINE.exec(line) ?? [];
      if (status === undefined) return this.#notOurs(line);
      this.#begun = { minor: Number(minor), status: Number(status), headers: new Map() };
      return null;
    }
    if (line !== '') {
      this.#keep(line, begun.headers);
      return null;
    }
    this.#begun = null;
    const { minor, status, headers } = begun;
    if (status < 200 && status !== SWITCHING_PROTOCOLS) return null;
    const wishes = listed(headers.get('connection'));
    const isLast = wishes.has('close') || (minor < STAYS_FROM_MINOR && !wishes.has('keep-alive'));
    return { kind: 'head', head: { status, isLast, headers } };
  }

  /** A line that goes on with the one before it begins with a blank, and is none of ours. */
  #keep(line: string, headers: Map<string, string>): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase();
    if (!this.#wanted.has(name)) return;
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    const joined = before === undefined ? value : `${before},${value}`;
    headers.set(name, joined.slice(0, KEPT_CHARACTERS));
  }

  /** A peer that speaks another protocol may never send the end of a line; an alert of TLS is as long as our beginning. */
  #isOther(): boolean {
    const beginning = this.#beginning();
    return this.#begun === null && beginning.length >= BEGINNING.length && !beginning.startsWith(BEGINNING);
  }

  #beginning(): string {
    return latin1(this.#lines.begun.subarray(0, 8));
  }

  #notOurs(beginning: string): NextHead {
    return { kind: 'broken', expected: notOurs(beginning, EXPECTED) };
  }
}

/** The words of a header that lists some, in lower case. */
export function listed(value: string | undefined): ReadonlySet<string> {
  return new Set((value ?? '').split(',').map((word) => word.trim().toLowerCase()));
}
