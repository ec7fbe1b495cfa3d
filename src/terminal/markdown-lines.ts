import { wrapText } from '../text/wrap-text.ts';
import type { Style, TextPaint } from './text-paint.ts';

export type MarkdownView = {
  /** Longer lines are broken between words; code never is. Null: they are not. */
  readonly width: number | null;
  readonly paint: TextPaint;
};

/** Rows of the conformance table in brackets, ` [C07, C07b]`: in a terminal they lead nowhere. */
const EVIDENCE = / \[[A-Z]\d\w*(?:(?:, | to )[A-Z]\d\w*)*\]/g;
const LINK = /\[([^\]]+)\]\(([^)\s]+)\)/g;
const ITEM = /^(?:[-*] |\d+\. )/;

/**
 * The part of Markdown that docs/reasons.md uses, as lines for a terminal: paragraphs, lists, indented code, bold words, code
 * words and links. Tables are left out.
 */
export function markdownLines(markdown: string, view: MarkdownView): readonly string[] {
  const blocks = markdown.split(/\n{2,}/).filter((block) => block.trim() !== '' && !block.includes('|---'));
  return blocks.flatMap((block, at) => [...(at === 0 ? [] : ['']), ...blockLines(block, view)]);
}

function blockLines(block: string, view: MarkdownView): readonly string[] {
  const lines = block.split('\n');
  if (lines.every((line) => line.startsWith('    '))) return lines.map((line) => view.paint('code', line));
  if (lines.every((line) => ITEM.test(line))) return lines.flatMap((line) => itemLines(line, view));
  return spanLines(lines.join(' '), view);
}

function itemLines(line: string, view: MarkdownView): readonly string[] {
  const [mark = ''] = ITEM.exec(line) ?? [];
  const width = view.width === null ? null : view.width - mark.length;
  const text = spanLines(line.slice(mark.length), { ...view, width });
  return text.map((each, at) => (at === 0 ? mark : ' '.repeat(mark.length)) + each);
}

type Span = { readonly text: string; readonly style: Style };

function spanLines(text: string, { width, paint }: MarkdownView): readonly string[] {
  const spans = readSpans(text.replaceAll(EVIDENCE, '').replaceAll(LINK, linkText).replaceAll(/ +/g, ' '));
  const plain = spans.map((span) => span.text).join('');
  const styles = spans.flatMap((span) => Array.from({ length: span.text.length }, () => span.style));
  let start = 0;
  return wrapText(plain, width).map((line) => {
    const painted = paintLine(line, styles.slice(start, start + line.length), paint);
    start += line.length + 1;
    return painted;
  });
}

/** A place within the page needs no name: the text says it. */
function linkText(_: string, text: string, target: string): string {
  return target.startsWith('#') || text.includes(target)
    ? text
    : `${text} (${target.includes(':') ? target : `docs/${target}`})`;
}

function readSpans(text: string): readonly Span[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part): Span => {
    if (part.startsWith('**')) return { text: part.slice(2, -2), style: 'name' };
    if (part.startsWith('`')) return { text: part.slice(1, -1), style: 'code' };
    return { text: part.replaceAll('*', ''), style: 'plain' };
  });
}

function paintLine(line: string, styles: readonly Style[], paint: TextPaint): string {
  let painted = '';
  for (let from = 0, to = 0; from < line.length; from = to) {
    const style = styles[from] ?? 'plain';
    while (to < line.length && styles[to] === style) to += 1;
    if (to === from) to = line.length;
    painted += paint(style, line.slice(from, to));
  }
  return painted;
}
