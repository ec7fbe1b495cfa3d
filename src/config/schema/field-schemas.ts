import { z } from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../text/duration.ts';
import { decodeEscapedBytes, type EscapedBytes } from '../../text/escaped-bytes.ts';

/** What the messages and the reference need to know about a key beside its JSON Schema. */
export type FieldNotes = {
  /** Completes "expected ...". */
  readonly expected: string;
  /** What the reference says instead, where a message has to be exact and a reader need not. */
  readonly documented?: string;
  /** The value is never shown in a message. */
  readonly secret?: true;
};

/** Notes by schema. Kept beside the schemas, not in them, so that they stay out of the JSON Schema. */
export const fieldNotes = z.registry<FieldNotes>();

/** 64 KiB: more than any protocol needs to stay connected, and it is held once per group. */
export const MOST_HEARTBEAT_BYTES = 65_536;

export type DurationBounds = {
  readonly atLeastMs?: number;
  readonly atMostMs?: number;
  /** Admits 0 below the lower bound. */
  readonly orZero?: true;
  /** The bounds as the reference says them, where they are no round numbers. */
  readonly roughly?: string;
};

/** A Prometheus duration, read as milliseconds. A bare `0` needs no unit. */
export function duration(bounds: DurationBounds = {}) {
  const { atLeastMs = 0, atMostMs = Number.POSITIVE_INFINITY, orZero } = bounds;
  const schema = z.union([z.string().regex(DURATION_PATTERN), z.literal(0)]).transform((text, context) => {
    const milliseconds = parseDuration(String(text));
    const allowed =
      milliseconds !== null &&
      ((milliseconds >= atLeastMs && milliseconds <= atMostMs) || (orZero === true && milliseconds === 0));
    if (allowed) return milliseconds;
    const tooLong = 'is longer than durations can be, about 292 years';
    if (milliseconds === null) context.addIssue({ code: 'custom', message: tooLong, input: text });
    else context.addIssue({ code: 'invalid_value', values: [], input: text });
    return z.NEVER;
  });
  return schema.register(fieldNotes, {
    expected: `a duration${boundsText(bounds)}, like 500ms, 15s or 1h30m`,
    ...(bounds.roughly !== undefined && { documented: `a duration of ${bounds.roughly}` }),
  });
}

/** A default as a configuration writes it: `60s`, not `1m`, so that all of them are easily compared. */
export function inSeconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

function boundsText({ atLeastMs = 0, atMostMs, orZero }: DurationBounds): string {
  const least = atLeastMs > 0 ? ` of at least ${formatDuration(atLeastMs)}` : '';
  const zero = orZero === true ? ' (or 0s)' : '';
  const most = atMostMs === undefined ? '' : ` ${least === '' ? 'of' : 'and'} at most ${formatDuration(atMostMs)}`;
  return `${least}${most}${zero}`;
}

/** A duration in whole seconds, read as seconds: the kernel counts keepalive so. */
export function wholeSeconds(least: number, most: number) {
  const schema = z
    .string()
    .regex(DURATION_PATTERN)
    .transform((text, context) => {
      const seconds = (parseDuration(text) ?? Number.NaN) / 1000;
      if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds;
      context.addIssue({ code: 'invalid_value', values: [], input: text });
      return z.NEVER;
    });
  return schema.register(fieldNotes, { expected: `a duration in whole seconds from ${least}s to ${most}s, like 60s` });
}

/** A whole number within bounds. */
export function count(least: number, most: number) {
  const expected =
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`;
  return z.int().min(least).max(most).register(fieldNotes, { expected });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z
    .enum(words)
    .register(fieldNotes, { expected: `one of ${words.map((word) => (word === '' ? '""' : word)).join(', ')}` });
}

export function yesOrNo() {
  return z.boolean().register(fieldNotes, { expected: 'true or false' });
}

/** Free text; `what` completes "expected a string, ...". */
export function text(what: string) {
  return z.string().register(fieldNotes, { expected: what });
}

/** The path of a file. Empty means none, so that a default can be taken back. */
export function filePath() {
  return text('the path of a file, as a string');
}

/** Bytes written as text with escapes: 1 byte to 64 KiB. */
export function escapedBytes() {
  const schema = z.string().transform((written, context): Uint8Array => {
    const decoded = decodeBounded(written);
    if (decoded.kind === 'bytes') return decoded.bytes;
    context.addIssue({ code: 'custom', message: decoded.message, input: written });
    return z.NEVER;
  });
  return schema.register(fieldNotes, { expected: "a string, like 'PING\\r\\n'", secret: true });
}

function decodeBounded(written: string): EscapedBytes {
  // No escape is longer than four characters: what has more is too long, and is not taken apart first.
  if (written.length > 4 * MOST_HEARTBEAT_BYTES) {
    const message = `has ${written.length} characters; at most ${MOST_HEARTBEAT_BYTES} bytes (64 KiB) are allowed`;
    return { kind: 'invalid', message };
  }
  const decoded = decodeEscapedBytes(written);
  const message = decoded.kind === 'bytes' ? sizeProblem(decoded.bytes.length) : null;
  return message === null ? decoded : { kind: 'invalid', message };
}

/** What is wrong with this many heartbeat bytes; null: nothing. */
export function sizeProblem(bytes: number): string | null {
  if (bytes === 0) return 'is empty; expected at least one byte';
  if (bytes > MOST_HEARTBEAT_BYTES)
    return `is ${bytes} bytes long; at most ${MOST_HEARTBEAT_BYTES} (64 KiB) are allowed`;
  return null;
}
