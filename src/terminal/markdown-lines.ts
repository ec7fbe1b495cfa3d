import { type MarkdownBlock, type MarkdownItem, type MarkdownSpan, readMarkdown } from '../text/markdown.ts';
import { wrapText } from '../text/wrap-text.ts';
import type { Style, TextPaint } from './text-paint.ts';

export type MarkdownView = {
  /** Longer lines are broken between words; code never is. Null: they are not. */
  readonly width: number | null;
  readonly paint: TextPaint;
};

const STYLES: Readonly<Record<MarkdownSpan['style'], Style>> = {
  plain: 'plain',
  bold: 'name',
  code: 'code',
  link: 'plain',
};

/** What of Markdown docs/reasons.md uses, as lines for a terminal. */
export function markdownLines(markdown: string, view: MarkdownView): readonly string[] {
  return readMarkdown(markdown).flatMap((block, at) => [...(at === 0 ? [] : ['']), ...blockLines(block, view)]);
}

function blockLines(block: MarkdownBlock, view: MarkdownView): readonly string[] {
  switch (block.kind) {
    case 'code':
      return block.lines.map((line) => view.paint('code', line));
    case 'list':
      return block.items.flatMap((item) => itemLines(item, view));
    case 'paragraph':
      return spanLines(block.spans, view);
  }
}

function itemLines({ mark, spans }: MarkdownItem, view: MarkdownView): readonly string[] {
  const width = view.width === null ? null : view.width - mark.length;
  const text = spanLines(spans, { ...view, width });
  return text.map((each, at) => (at === 0 ? mark : ' '.repeat(mark.length)) + each);
}

function spanLines(spans: readonly MarkdownSpan[], { width, paint }: MarkdownView): readonly string[] {
  const plain = spans.map((span) => span.text).join('');
  const styles = spans.flatMap((span) => Array.from({ length: span.text.length }, () => STYLES[span.style]));
  let start = 0;
  return wrapText(plain, width).map((line) => {
    const painted = paintLine(line, styles.slice(start, start + line.length), paint);
    start += line.length + 1;
    return painted;
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
