import type { YamlSource } from '../yaml/yaml-source.ts';

const MASK = '<secret>';
/** A commented-out setting was in use once: what it sends is masked too. */
const COMMENTED_SEND = /(#.*?\bsend["']?\s*:).*$/gm;
const URL_USER = /(https?:\/\/)[^\s/@"']*@/g;

/**
 * The text as it was loaded, but with secrets masked: the values of `heartbeat.send` and the user part of
 * `tracing.endpoint`. Paths of secret files are no secrets and stay.
 */
export function maskText(source: YamlSource): string {
  const edits = [
    ...source.scalarsOf('send').map((place) => ({ ...place, mask: maskValue })),
    ...source.scalarsOf('endpoint').map((place) => ({ ...place, mask: maskUser })),
  ];
  const pieces: string[] = [];
  let done = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    // One place can come twice, through an alias.
    if (edit.start < done) continue;
    pieces.push(source.text.slice(done, edit.start), edit.mask(source.text.slice(edit.start, edit.end)));
    done = edit.end;
  }
  pieces.push(source.text.slice(done));
  return pieces.join('').replace(COMMENTED_SEND, `$1 ${MASK}`);
}

/** A block scalar owns the end of its last line; the next key must not join the mask. */
function maskValue(value: string): string {
  return value.endsWith('\n') ? `${MASK}\n` : MASK;
}

function maskUser(url: string): string {
  return url.replace(URL_USER, `$1${MASK}@`);
}
