import type { YamlSource } from './yaml-source.ts';

const MASK = '<secret>';
/** Commented-out settings are settings somebody used: what they send stays out of sight too. */
const COMMENTED_SEND = /(#.*?\bsend["']?\s*:).*$/gm;
const URL_USER = /(https?:\/\/)[^\s/@"']*@/g;

/**
 * The text as it was loaded, but for what nobody else should read: the values of `heartbeat.send` and the user part of
 * `tracing.endpoint`. Paths of secret files are no secrets and stay.
 */
export function maskText(source: YamlSource): string {
  const edits = [
    ...source.rangesOf('send').map(([start, end]) => ({ start, end, with: maskValue(source.text.slice(start, end)) })),
    ...source.rangesOf('endpoint').map(([start, end]) => ({
      start,
      end,
      with: source.text.slice(start, end).replace(URL_USER, `$1${MASK}@`),
    })),
  ];
  let text = source.text;
  let last = Number.POSITIVE_INFINITY;
  // From the end, so that the places before stay right; one place can come twice, through an alias.
  for (const edit of edits.toSorted((one, other) => other.start - one.start)) {
    if (edit.start === last) continue;
    last = edit.start;
    text = text.slice(0, edit.start) + edit.with + text.slice(edit.end);
  }
  return text.replace(COMMENTED_SEND, `$1 ${MASK}`);
}

/** A block scalar owns the end of its last line; the next key must not join the mask. */
function maskValue(value: string): string {
  return value.endsWith('\n') ? `${MASK}\n` : MASK;
}
