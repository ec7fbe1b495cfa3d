import type { ScalarPlace } from '../../yaml/yaml-reader.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';

const MASK = '<secret>';
/** Keys whose values are masked; a commented-out setting was in use once. */
const MASKED_KEYS = ['send', 'username'];
const SEND = /\b(?:send|username)["']?\s*:/;
/** YAML: a comment begins at the start of a line or behind white space. Within quotes this finds too much, which harms nobody. */
const COMMENT = /(?:^|[ \t])#/;

/**
 * The text as it was loaded, but with the values of `heartbeat.send`, of each `username`, of HTTP headers and the query of
 * each `url` and `path` masked, and in comments what may have been a send or a user name: what stands after `send:`, beside a `send`, and
 * in the lines of comments right before and after it. The user part of a URL in
 * a comment is masked too; the configuration itself has none. Paths of secret files are no secrets and stay.
 */
export function maskText(source: YamlSource): string {
  const lines = withoutSecrets(source).split('\n').map(readLine);
  // Lines of comments belong to the send before or after them; a run is walked both ways.
  markNeighbours(lines);
  markNeighbours(lines.toReversed());
  return lines.map(maskLine).join('\n');
}

function withoutSecrets(source: YamlSource): string {
  const { text } = source;
  const masked = [
    ...[...MASKED_KEYS, 'values'].flatMap((key) => source.scalarsOf(key)),
    ...['url', 'path'].flatMap((key) => source.scalarsOf(key)).flatMap((place) => queryOf(text, place)),
  ];
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end } of masked.toSorted(byStart)) {
    // One place can come twice, through an alias.
    if (start < done) continue;
    // A block scalar owns the end of its last line; the next key must not join the mask.
    pieces.push(text.slice(done, start), text[end - 1] === '\n' ? `${MASK}\n` : MASK);
    done = end;
  }
  return [...pieces, text.slice(done)].join('');
}

/** What stands behind the question mark of a URL or of a path: its closing quote stays. */
function queryOf(text: string, { start, end, value }: ScalarPlace): readonly ScalarPlace[] {
  const mark = text.indexOf('?', start);
  if (mark === -1 || mark >= end) return [];
  const isQuoted = text[start] === '"' || text[start] === "'";
  return [{ start: mark + 1, end: isQuoted ? end - 1 : end, value }];
}

function byStart(one: ScalarPlace, other: ScalarPlace): number {
  return one.start - other.start;
}

/** A line, taken apart at its comment. */
type Line = {
  readonly before: string;
  /** With its #; null: none. */
  readonly comment: string | null;
  /** It has a value of `send`, or has had one, or its key. */
  readonly isSend: boolean;
  /** It is a comment beside a line with a send. */
  isNeighbour: boolean;
};

function readLine(text: string): Line {
  const found = COMMENT.exec(text);
  const at = found === null ? text.length : found.index + found[0].length - 1;
  const isSend = SEND.test(text) || text.includes(MASK);
  return { before: text.slice(0, at), comment: found && text.slice(at), isSend, isNeighbour: false };
}

function markNeighbours(lines: readonly Line[]): void {
  let isBesideSend = false;
  for (const line of lines) {
    const isOnlyComment = line.comment !== null && line.before.trim() === '';
    line.isNeighbour ||= isOnlyComment && isBesideSend && !line.isSend;
    isBesideSend = line.isSend || (isBesideSend && isOnlyComment);
  }
}

function maskLine({ before, comment, isSend, isNeighbour }: Line): string {
  if (comment === null) return before;
  const send = SEND.exec(comment);
  if (send !== null) return `${before}${comment.slice(0, send.index)}${send[0]} ${MASK}`;
  return isSend || isNeighbour ? `${before}# ${MASK}` : `${before}${withoutUsers(comment)}`;
}

/** A user name and a password in a URL, whatever characters they have: all up to the last @ before white space. */
function withoutUsers(text: string): string {
  const words = text.split(/(\s+)/);
  return words.map(withoutUser).join('');
}

function withoutUser(word: string): string {
  const [scheme, at] = [word.indexOf('://'), word.lastIndexOf('@')];
  return scheme === -1 || at < scheme ? word : `${word.slice(0, scheme + 3)}${MASK}${word.slice(at)}`;
}
