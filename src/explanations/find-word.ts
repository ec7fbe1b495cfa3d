import { nearestWord } from '../text/nearest-word.ts';
import { type ExplainedWord, WORD_GROUPS, type WordGroup } from './explained-words.ts';
import { GOODBYE_GROUP } from './goodbye-words.ts';
import { HINT_GROUP } from './hint-words.ts';
import type { PageSection, ReasonsPage } from './reasons-page.ts';

/** What a word that somebody wants explained is. */
export type FoundWord =
  /** One of our words, or several that share a reason; `group` where it names a class or a phase, too. */
  | { readonly kind: 'words'; readonly group: WordGroup | null; readonly words: readonly ExplainedWord[] }
  /** A chapter of the page, or the known limits of time. */
  | { readonly kind: 'chapter'; readonly section: PageSection }
  | { readonly kind: 'limits' }
  /** What a proxy calls it. */
  | { readonly kind: 'proxyCode'; readonly proxy: 'Envoy' | 'HAProxy'; readonly words: readonly ExplainedWord[] }
  /** Not a word of ours; these sections speak of it. */
  | { readonly kind: 'mentioned'; readonly words: readonly ExplainedWord[] }
  | { readonly kind: 'unknown'; readonly meant: string | null };

const LIMITS = 'idle_limits';
const GROUPS = [...WORD_GROUPS, GOODBYE_GROUP, HINT_GROUP];
const WORDS = GROUPS.flatMap(({ words }) => words);
/** A code of theirs in a cell of the table: `UC`, or `--`. */
const CODE = /^(?:--|[A-Za-z]{2,3})$/;

/** Every word that `findWord` knows by itself, for completion and for guesses: classes, phases, reasons, goodbyes, hints, both together. */
export function knownWords(): readonly string[] {
  const names = [...GROUPS.map(({ name }) => name), ...WORDS.flatMap(({ reason, term }) => [reason, term])];
  return [...new Set([...names, LIMITS])];
}

/**
 * Finds a word in any of its spellings: `reset`, `error/reset`, `tcp/refused`, the anchor `connect-tcp-refused`, a goodbye, a hint, a class, a
 * phase, a chapter of the page, a code of Envoy or HAProxy, an errno. Capitals, `-` and `_` do not matter, save in codes.
 */
export function findWord(word: string, page: ReasonsPage): FoundWord {
  const plain = fold(word);
  // The anchor of a disconnect is its reason alone, which attempts to connect may share.
  const exact = WORDS.find(({ term, anchor, reason }) =>
    [term, ...(anchor === reason ? [] : [anchor])].map(fold).includes(plain),
  );
  const group = GROUPS.find(({ name }) => plain === fold(name)) ?? null;
  const words = exact === undefined ? WORDS.filter(({ reason }) => plain === fold(reason)) : [exact];
  if (group !== null || words.length > 0) return { kind: 'words', group, words };
  if (plain === LIMITS) return { kind: 'limits' };
  return inPage(word, page) ?? { kind: 'unknown', meant: nearestWord(word, knownWords()) };
}

function inPage(word: string, page: ReasonsPage): FoundWord | null {
  const plain = fold(word);
  const chapter = page.sections.find(({ anchor }) => fold(anchor) === plain || fold(anchor).includes(`_${plain}_`));
  if (chapter !== undefined && plain.length > 3) return { kind: 'chapter', section: chapter };
  const envoy = withCode(page, word, 'envoy');
  if (envoy.length > 0) return { kind: 'proxyCode', proxy: 'Envoy', words: envoy };
  const haproxy = withCode(page, word, 'haproxy');
  if (haproxy.length > 0) return { kind: 'proxyCode', proxy: 'HAProxy', words: haproxy };
  const mentioned = WORDS.filter(({ anchor }) => bodyOf(page, anchor).includes(`\`${word.toUpperCase()}\``));
  return mentioned.length > 0 ? { kind: 'mentioned', words: mentioned } : null;
}

function withCode({ proxyCodes }: ReasonsPage, code: string, proxy: 'envoy' | 'haproxy'): readonly ExplainedWord[] {
  if (!CODE.test(code)) return [];
  return WORDS.filter(({ term }) => proxyCodes.get(term)?.[proxy].includes(`\`${code}\``) === true);
}

function bodyOf({ sections }: ReasonsPage, anchor: string): string {
  return sections.find((section) => section.anchor === anchor)?.body ?? '';
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('-', '_');
}
