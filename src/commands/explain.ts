import { join } from 'node:path';
import { findWord, knownWords } from '../explanations/find-word.ts';
import { readReasonsPage, type ReasonsPage } from '../explanations/reasons-page.ts';
import { whyUnreadable } from '../files/file-content.ts';
import { allWordLines, explanationLines } from '../terminal/explanation-lines.ts';
import type { MarkdownView } from '../terminal/markdown-lines.ts';
import { createTextPaint } from '../terminal/text-paint.ts';
import { quoted } from '../text/safe-text.ts';
import { EXIT, command } from './command.ts';
import type { Runtime } from './runtime.ts';

/** Longer lines of prose are hard to read, however wide the terminal is. */
const WIDEST = 100;
const PAGE = 'reasons.md';

/** Prints what a word of ours means. Exit 0, 1 where the page that the package carries is missing, 2 for an unknown word. */
export const explain = command({
  name: 'explain',
  usage: 'finrst explain [WORD...]',
  summary: 'the section of docs/reasons.md on a class, reason or phase',
  about: [
    'Prints what happened, what it usually means, how to check and what to do, for a class (eof), a reason (reset,',
    'error/reset), a phase (tls), a connect failure (tcp/refused) or a local close (local/max_age). Without a word: the list.',
    'It also knows the flags of Envoy (UC) and HAProxy (SD), errno names (ECONNRESET), and idle_limits: whose timeout that was.',
  ].join('\n'),
  flags: {},
  examples: ['finrst explain', 'finrst explain reset', 'finrst explain tcp/refused', 'finrst explain UC'],
  operands: { least: 0, most: Number.POSITIVE_INFINITY, completes: knownWords },
  async run(runtime, _values, operands) {
    const { columns, colours, print, printError } = runtime;
    const view: MarkdownView = { width: Math.min(WIDEST, columns() ?? WIDEST), paint: createTextPaint(colours) };
    if (operands.length === 0) {
      print(allWordLines(view).join('\n'));
      return EXIT.ok;
    }
    const page = await readPage(runtime);
    if (typeof page === 'string') {
      printError(`finrst explain: ${page}`);
      return EXIT.failed;
    }
    const exits = operands.map((word, at) => explainWord(runtime, { word, page, view, isFirst: at === 0 }));
    return Math.max(...exits);
  },
});

type Question = {
  readonly word: string;
  readonly page: ReasonsPage;
  readonly view: MarkdownView;
  readonly isFirst: boolean;
};

function explainWord({ print, printError }: Runtime, { word, page, view, isFirst }: Question): number {
  const found = findWord(word, page);
  if (found.kind === 'unknown') {
    const guess = found.meant === null ? 'finrst explain lists all words' : `did you mean ${found.meant}?`;
    printError(`finrst explain: unknown word ${quoted(word)}; ${guess}`);
    return EXIT.misused;
  }
  print([...(isFirst ? [] : ['']), ...explanationLines(found, page, view)].join('\n'));
  return EXIT.ok;
}

/** The page, or why there is none. It lies beside the program: in a checkout, in the package and in the image. */
async function readPage({ docsFolder, readFile }: Runtime): Promise<ReasonsPage | string> {
  const path = join(docsFolder, PAGE);
  const content = await readFile(path);
  if (content.kind === 'read') return readReasonsPage(new TextDecoder().decode(content.bytes));
  return `${path} cannot be read: ${whyUnreadable(content.why)}; the package holds it, beside the program`;
}
