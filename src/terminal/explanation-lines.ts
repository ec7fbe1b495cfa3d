import { type ExplainedWord, WORD_GROUPS, type WordGroup } from '../explanations/explained-words.ts';
import { GOODBYE_GROUP } from '../explanations/goodbye-words.ts';
import type { FoundWord } from '../explanations/find-word.ts';
import { HINT_GROUP } from '../explanations/hint-words.ts';
import { KNOWN_LIMITS } from '../explanations/known-limits.ts';
import type { ReasonsPage } from '../explanations/reasons-page.ts';
import { textTable } from '../text/text-table.ts';
import { wrapText } from '../text/wrap-text.ts';
import { markdownLines, type MarkdownView } from './markdown-lines.ts';

/** Sections of the page that begin what belongs together. */
const CHAPTERS: Readonly<Record<string, string>> = {
  idle_timeout: 'class-idle_timeout',
  dns: 'connect-failures',
  tcp: 'connect-failures',
  tls: 'connect-failures',
  protocol: 'connect-failures',
  local: 'local-closes',
  goodbye: 'goodbyes',
  hint: 'hints',
};

/** A word that was found, as lines for a terminal. */
export function explanationLines(
  found: Exclude<FoundWord, { readonly kind: 'unknown' }>,
  page: ReasonsPage,
  view: MarkdownView,
): readonly string[] {
  switch (found.kind) {
    case 'words':
      return wordsLines(found, page, view);
    case 'chapter': {
      const { heading, body } = found.section;
      return [
        view.paint('name', heading),
        '',
        ...markdownLines(body, view),
        ...proxyTable(found.section.body, page, view),
      ];
    }
    case 'limits':
      return limitLines(view);
    case 'proxyCode': {
      const head = `${found.proxy} writes this of a connection that ends, or an attempt that fails, as one of:`;
      return [...wrapText(head, view.width), '', ...wordTable(found.words, view)];
    }
    case 'mentioned':
      return ['Not a word of Finrst. These sections speak of it:', '', ...wordTable(found.words, view)];
  }
}

/** Every word with what happened, by class and phase; goodbyes and hints last. */
export function allWordLines(view: MarkdownView): readonly string[] {
  return [...WORD_GROUPS, GOODBYE_GROUP, HINT_GROUP].flatMap((group, at) => [
    ...(at === 0 ? [] : ['']),
    ...groupHead(group, view),
    ...wordTable(group.words, view),
  ]);
}

type FoundWords = Extract<FoundWord, { readonly kind: 'words' }>;

function wordsLines({ group, words }: FoundWords, page: ReasonsPage, view: MarkdownView): readonly string[] {
  const [disconnect] = words.filter(({ term }) => isDisconnect(term));
  // A reason of disconnects can be one of attempts, too: those are the rarer question, and short to ask for.
  const whole = disconnect === undefined ? words : [disconnect];
  const others = words.filter((word) => !whole.includes(word));
  const blocks = [
    ...(group === null ? [] : [groupLines(group, page, view)]),
    ...whole.map((word) => wordLines(word, page, view)),
    ...(others.length === 0 ? [] : [[othersHead(others), '', ...wordTable(others, view)]]),
  ];
  return blocks.flatMap((block, at) => [...(at === 0 ? [] : ['']), ...block]);
}

function othersHead(others: readonly ExplainedWord[]): string {
  const isSaid = others.some(({ group }) => group === GOODBYE_GROUP.name);
  return isSaid ? 'Of an attempt to connect, or said by a peer:' : 'Of an attempt to connect:';
}

function isDisconnect(term: string): boolean {
  return WORD_GROUPS.some(
    ({ name, kind, words }) => kind === 'class' && name !== 'local' && words.some((word) => word.term === term),
  );
}

function groupLines(group: WordGroup, page: ReasonsPage, view: MarkdownView): readonly string[] {
  const chapter = page.sections.find(({ anchor }) => anchor === CHAPTERS[group.name])?.body ?? '';
  const about = chapter === '' ? [] : [...markdownLines(chapter, view), ''];
  return [...groupHead(group, view), ...about, ...wordTable(group.words, view)];
}

function groupHead({ kind, name, what }: WordGroup, { paint, width }: MarkdownView): readonly string[] {
  const lines = wrapText(`${kind} ${name}: ${what}`, width);
  return [...lines.map((line) => paint('name', line)), ''];
}

function wordTable(words: readonly ExplainedWord[], { width }: MarkdownView): readonly string[] {
  return textTable([['WORD', 'WHAT HAPPENED'], ...words.map(({ term, what }) => [term, what])], width);
}

function wordLines({ term, anchor, what }: ExplainedWord, page: ReasonsPage, view: MarkdownView): readonly string[] {
  const head = wrapText(`${term}: ${what}`, view.width).map((line) => view.paint('name', line));
  const body = page.sections.find((section) => section.anchor === anchor)?.body ?? '';
  const codes = page.proxyCodes.get(term);
  const proxies =
    codes === undefined ? [] : ['', ...markdownLines(`Envoy: ${codes.envoy}. HAProxy: ${codes.haproxy}.`, view)];
  return [...head, '', ...markdownLines(body, view), ...proxies];
}

/** The table of the proxies' codes belongs to the chapter that has it. */
function proxyTable(body: string, { proxyCodes }: ReasonsPage, { width }: MarkdownView): readonly string[] {
  if (!body.includes('| Envoy |')) return [];
  const plain = (text: string) => text.replaceAll('`', '');
  const rows = Array.from(proxyCodes, ([term, { envoy, haproxy }]) => [term, plain(envoy), plain(haproxy)]);
  return ['', ...textTable([['OURS', 'ENVOY', 'HAPROXY'], ...rows], width)];
}

function limitLines({ width }: MarkdownView): readonly string[] {
  const plain = (text: string) => text.replaceAll('`', '');
  const rows = KNOWN_LIMITS.map(({ seconds, endsAt, who, seen }) => [
    `${seconds} s${endsAt === undefined ? '' : ` (${endsAt} s)`}`,
    plain(who),
    plain(seen),
  ]);
  const head =
    'Limits that people meet; docs/idle-limits.md says which of them were tested, and how to find out another.';
  return [...wrapText(head, width), '', ...textTable([['LIMIT', 'WHO', 'WHAT YOU SEE'], ...rows], width)];
}
