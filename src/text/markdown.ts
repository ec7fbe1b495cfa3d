/**
 * Words of one style. A link is one that leads to a section of the same page, by its anchor; another one is its text, for it
 * leads to a place that a reader may not have.
 */
export type MarkdownSpan =
  | { readonly text: string; readonly style: 'plain' | 'bold' | 'code' }
  | { readonly text: string; readonly style: 'link'; readonly anchor: string };

/** A block of a page: lines of code as they are, items of a list with their marks, or a paragraph. */
export type MarkdownBlock =
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly MarkdownItem[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly MarkdownSpan[] };

/** `mark`: `- ` or `1. `. */
export type MarkdownItem = { readonly mark: string; readonly spans: readonly MarkdownSpan[] };

/** Rows of the conformance table in brackets, ` [C07, C07b]`: outside of the docs they lead nowhere. */
const EVIDENCE = / \[[A-Z]\d\w*(?:(?:, | to )[A-Z]\d\w*)*\]/g;
/** To another page. */
const LINK = /\[([^\]]+)\]\(([^#)\s][^)\s]*)\)/g;
const SECTION_LINK = /^\[([^\]]+)\]\(#([^)\s]+)\)$/;
const ITEM = /^(?:[-*] |\d+\. )/;

/** The part of Markdown that docs/reasons.md uses: paragraphs, lists, indented code, bold words, code words and links. Tables are left out. */
export function readMarkdown(markdown: string): readonly MarkdownBlock[] {
  const blocks = markdown.split(/\n{2,}/).filter((block) => block.trim() !== '' && !block.includes('|---'));
  return blocks.map(readBlock);
}

function readBlock(block: string): MarkdownBlock {
  const lines = block.split('\n');
  if (lines.every((line) => line.startsWith('    '))) return { kind: 'code', lines };
  if (lines.every((line) => ITEM.test(line))) return { kind: 'list', items: lines.map(readItem) };
  return { kind: 'paragraph', spans: readSpans(lines.join(' ')) };
}

function readItem(line: string): MarkdownItem {
  const [mark = ''] = ITEM.exec(line) ?? [];
  return { mark, spans: readSpans(line.slice(mark.length)) };
}

function readSpans(text: string): readonly MarkdownSpan[] {
  const plain = text.replaceAll(EVIDENCE, '').replaceAll(LINK, linkText).replaceAll(/ +/g, ' ');
  return plain.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\(#[^)\s]+\))/).map((part): MarkdownSpan => {
    const [, linked, anchor] = SECTION_LINK.exec(part) ?? [];
    if (linked !== undefined && anchor !== undefined) return { text: linked, style: 'link', anchor };
    if (part.startsWith('**')) return { text: part.slice(2, -2), style: 'bold' };
    if (part.startsWith('`')) return { text: part.slice(1, -1), style: 'code' };
    return { text: part.replaceAll('*', ''), style: 'plain' };
  });
}

/** The text says where it leads, where that is not what it says already. */
function linkText(_: string, text: string, target: string): string {
  return text.includes(target) ? text : `${text} (${target.includes(':') ? target : `docs/${target}`})`;
}
