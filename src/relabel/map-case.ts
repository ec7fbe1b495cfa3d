// oxlint-disable-next-line no-control-regex -- ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** Lower case, letter by letter as Go maps it: no letter depends on its neighbours, none becomes two. */
export function toLowerCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  // Of U+0130 the runtime makes an i and a dot above; Go makes an i.
  return Array.from(text, (letter) => String.fromCodePoint(letter.toLowerCase().codePointAt(0) ?? 0)).join('');
}

/** Upper case, letter by letter as Go maps it: a letter that would become two stays as it is, such as ß. */
export function toUpperCase(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : Array.from(text, upperLetter).join('');
}

function upperLetter(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  const titlecase = greekTitlecase(code);
  if (titlecase !== null) return String.fromCodePoint(titlecase);
  const upper = letter.toUpperCase();
  return upper.length === String.fromCodePoint(upper.codePointAt(0) ?? 0).length ? upper : letter;
}

/** Small Greek letters with an iota below: they have a titlecase letter, which UnicodeData.txt gives as their upper case. */
function greekTitlecase(code: number): number | null {
  if (code < 0x1f80 || code > 0x1ff3) return null;
  if (code <= 0x1fa7) return (code & 0xf) < 8 ? code + 8 : null;
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : null;
}
