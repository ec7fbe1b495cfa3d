/** The bytes that a text with escapes stands for, or what is wrong with it. */
export type EscapedBytes =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** What is wrong and what to write instead, as the end of a sentence about the value. */
  | { readonly kind: 'invalid'; readonly message: string };

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { r: 0x0d, n: 0x0a, t: 0x09, '\\': 0x5c };
const HEX_BYTE = /^[0-9a-fA-F]{2}$/;

/**
 * The bytes that `heartbeat.send` and `expect` stand for: `\r \n \t \\ \xHH` are decoded, everything else is itself as
 * UTF-8. U+0080..U+00FF are refused: in double quotes YAML turns `\xff` into that character, whose UTF-8 is two bytes,
 * which is not what was meant.
 *
 * @example decodeEscapedBytes('PING\\r\\n')  // the six bytes of PING, CR, LF
 */
export function decodeEscapedBytes(text: string): EscapedBytes {
  const bytes: number[] = [];
  let index = 0;
  while (index < text.length) {
    const step = text[index] === '\\' ? readEscape(text, index) : readCharacter(text, index);
    if (typeof step === 'string') return { kind: 'invalid', message: step };
    bytes.push(...step.bytes);
    index += step.length;
  }
  return { kind: 'bytes', bytes: Uint8Array.from(bytes) };
}

type Step = { readonly bytes: Iterable<number>; readonly length: number };

function readEscape(text: string, index: number): Step | string {
  const letter = text[index + 1];
  if (letter === undefined) return 'ends in a single backslash; write \\\\ for a backslash';
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { bytes: [simple], length: 2 };
  if (letter !== 'x') return `has the unknown escape \\${letter}; known are \\r \\n \\t \\\\ and \\xHH`;
  const digits = text.slice(index + 2, index + 4);
  if (!HEX_BYTE.test(digits)) return `has \\x${digits}, which needs two hexadecimal digits, like \\x0a`;
  return { bytes: [Number.parseInt(digits, 16)], length: 4 };
}

function readCharacter(text: string, index: number): Step | string {
  const code = text.codePointAt(index) ?? 0;
  if (code < 0x80) return { bytes: [code], length: 1 };
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code <= 0xff) return `has the character ${name}, which could mean one byte or two; use \\xHH in single quotes`;
  if (code >= 0xd800 && code <= 0xdfff) return `has half a surrogate pair (${name}), which is no character`;
  return { bytes: Buffer.from(String.fromCodePoint(code), 'utf8'), length: code > 0xffff ? 2 : 1 };
}
