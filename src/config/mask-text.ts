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
    ...source.scalarsOf('send').map((place) => ({ ...place, mask: maskValue })),
    ...source.scalarsOf('endpoint').map((place) => ({ ...place, mask: maskUser })),
  ];
  let text = source.text;
  let last = Number.POSITIVE_INFINITY;
  // From the end, so that the places before stay right; one place can come twice, through an alias.
  for (const edit of edits.toSorted((one, other) => other.start - one.start)) {
    if (edit.start === last) continue;
    last = edit.start;
    text = text.slice(0, edit.start) + edit.mask(text.slice(edit.start, edit.end)) + text.slice(edit.end);
  }
  return text.replace(COMMENTED_SEND, `$1 ${MASK}`);
}

/** A block scalar owns the end of its last line; the next key must not join the mask. */
function maskValue(value: string): string {
  return value.endsWith('\n') ? `${MASK}\n` : MASK;
}

function maskUser(url: string): string {
  return url.replace(URL_USER, `$1${MASK}@`);
}
