/** Longer than any server takes. */
const MOST_PASSWORD_BYTES = 4096;

/** A password, or why the content of its file is none, as the end of a sentence that begins with the file. */
export type Password =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * The password that a file holds: UTF-8 of at most 4 KiB. One line end behind it is cut, nothing else. The configuration and
 * each connect read it by this.
 */
export function readPassword(bytes: Uint8Array): Password {
  if (bytes.length > MOST_PASSWORD_BYTES + 2) return { kind: 'unusable', why: 'is longer than 4 KiB' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'unusable', why: 'is not UTF-8 text' };
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '') return { kind: 'unusable', why: 'is empty' };
  if (password.includes('\0')) return { kind: 'unusable', why: 'holds a zero byte' };
  return { kind: 'password', password };
}
