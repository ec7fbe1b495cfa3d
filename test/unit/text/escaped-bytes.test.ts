import { describe, expect, test } from 'vitest';
import { decodeEscapedBytes } from '../../../src/text/escaped-bytes.ts';

describe('decoded', () => {
  test.each([
    { text: '', bytes: [] },
    { text: 'AZ~ ', bytes: [65, 90, 126, 32] },
    { text: String.raw`\r\n\t\\`, bytes: [13, 10, 9, 92] },
    { text: String.raw`\x00\xfF\x7f`, bytes: [0, 255, 127] },
    { text: String.raw`\\x41`, bytes: [92, 120, 52, 49] },
    { text: 'a\u0000\u007f', bytes: [97, 0, 127] },
    { text: '\u0100', bytes: [0xc4, 0x80] },
    { text: '\u{10000}b', bytes: [0xf0, 0x90, 0x80, 0x80, 98] },
    { text: '\uffffb', bytes: [0xef, 0xbf, 0xbf, 98] },
  ])('$text', ({ text, bytes }) => {
    expect(decodeEscapedBytes(text)).toEqual({ kind: 'bytes', bytes: Uint8Array.from(bytes) });
  });
});

describe('refused', () => {
  const ambiguous = (name: string): string =>
    `has the character ${name}, which could mean one byte or two; use \\xHH in single quotes`;
  test.each([
    { text: 'a\\', message: 'ends in a single backslash; write \\\\ for a backslash' },
    { text: '\\q', message: 'has the unknown escape \\q; known are \\r \\n \\t \\\\ and \\xHH' },
    { text: '\\x', message: 'has \\x, which needs two hexadecimal digits, like \\x0a' },
    { text: '\\x0', message: 'has \\x0, which needs two hexadecimal digits, like \\x0a' },
    { text: '\\x0g1', message: 'has \\x0g, which needs two hexadecimal digits, like \\x0a' },
    { text: '\u0080', message: ambiguous('U+0080') },
    { text: '\u00ff', message: ambiguous('U+00FF') },
    { text: '\ud800', message: 'has half a surrogate pair (U+D800), which is no character' },
    { text: '\udfff', message: 'has half a surrogate pair (U+DFFF), which is no character' },
  ])('$message', ({ text, message }) => {
    expect(decodeEscapedBytes(text)).toEqual({ kind: 'invalid', message });
  });
});
