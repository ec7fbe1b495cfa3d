import { decodeEscapedBytes } from './escaped-bytes.ts';

/** A part of what is sent: bytes as they are, the value of a name, or parts in another form. */
export type SendPart =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: SendForm; readonly parts: readonly SendPart[] };

/** `quoted`: between double quotes, with a backslash before quotes and backslashes. */
type SendForm = 'base64' | 'quoted';

/** A text that is sent once the values of its names are known, or why it is none, as the end of a sentence. */
export type SendTemplate =
  | { readonly kind: 'template'; readonly parts: readonly SendPart[] }
  | { readonly kind: 'invalid'; readonly message: string };

const PLACEHOLDER = /^\$\{(?:(?<form>base64|quoted):|(?<name>[A-Za-z_][0-9A-Za-z_]*)\})/;
const USAGE = 'known are ${NAME}, ${base64:...} and ${quoted:...}; write \\x24{ for the two characters';

/**
 * Reads what a script sends: the escapes of `heartbeat.send`, and `${name}`, `${base64:...}` and `${quoted:...}`, which may
 * hold one another. Within braces a closing brace that is meant itself is `\x7d`.
 *
 * @example parseSendTemplate('AUTH PLAIN ${base64:\\x00${username}\\x00${password}}\\r\\n')
 */
export function parseSendTemplate(text: string): SendTemplate {
  const read = readParts(text, { at: 0, isInner: false });
  return typeof read === 'string' ? { kind: 'invalid', message: read } : { kind: 'template', parts: read.parts };
}

/** Every name whose value is sent, once each. */
export function namesIn(parts: readonly SendPart[]): readonly string[] {
  const names = parts.flatMap((part) => {
    if (part.kind === 'bytes') return [];
    return part.kind === 'value' ? [part.name] : namesIn(part.parts);
  });
  return [...new Set(names)];
}

/** How deep forms may stand in one another: nobody needs more, and each one is a call. */
const DEEPEST = 4;

type Place = { readonly at: number; readonly isInner: boolean; readonly depth?: number };
type Parts = { readonly parts: readonly SendPart[]; readonly end: number };

/** A text is what is wrong. */
function readParts(text: string, { at: begin, isInner, depth = 0 }: Place): Parts | string {
  if (depth > DEEPEST) return `has more than ${DEEPEST} forms in one another`;
  const parts: SendPart[] = [];
  let at = begin;
  for (;;) {
    const end = endOfBytes(text, at, isInner);
    if (end > at) {
      const decoded = decodeEscapedBytes(text.slice(at, end));
      if (decoded.kind === 'invalid') return decoded.message;
      parts.push(decoded);
    }
    if (end === text.length) return isInner ? 'has a ${ without its }' : { parts, end };
    if (text[end] === '}') return { parts, end: end + 1 };
    const found = PLACEHOLDER.exec(text.slice(end, end + 256));
    if (found === null) return `has a \${ that begins nothing; ${USAGE}`;
    at = end + found[0].length;
    const { form, name } = found.groups ?? {};
    if (name !== undefined) {
      parts.push({ kind: 'value', name });
      continue;
    }
    const inner = readParts(text, { at, isInner: true, depth: depth + 1 });
    if (typeof inner === 'string') return inner;
    parts.push({ kind: form === 'base64' ? 'base64' : 'quoted', parts: inner.parts });
    at = inner.end;
  }
}

/** Where bytes that mean themselves end: at the next placeholder, or at the brace that closes these parts. */
function endOfBytes(text: string, at: number, isInner: boolean): number {
  const placeholder = text.indexOf('${', at);
  const end = placeholder === -1 ? text.length : placeholder;
  const brace = isInner ? text.indexOf('}', at) : -1;
  return brace === -1 ? end : Math.min(end, brace);
}
