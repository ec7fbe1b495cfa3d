/** Between a figure and its unit a line is never broken: "430 m" and "s" would be read as two things. */
const BREAK = /(?<!\d) +| +(?!(?:ms|s|m|h|d|B|kB|MB|GB|%)(?:\W|$))/;

/**
 * The text in lines of at most `width` characters, broken at spaces alone. A word, or a figure with its unit, that is longer
 * than a line has a line of its own and sticks out: an address that is cut in two cannot be copied. Null: one line.
 *
 * @example wrapText('next try in 430 ms', 15)  // ['next try in', '430 ms']
 */
export function wrapText(text: string, width: number | null): readonly string[] {
  if (width === null || text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The longest piece that `wrapText` never breaks: no column that holds the text can be narrower. */
export function longestWord(text: string): number {
  return Math.max(...text.split(BREAK).map((word) => word.length));
}
