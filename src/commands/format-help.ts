import { wrapText } from '../text/wrap-text.ts';
import type { Flags } from './flags/parse-flags.ts';

/** Everything the help of one command says. */
export type CommandHelp = {
  /** `finrst serve [flags]` */
  readonly usage: string;
  /** Paragraphs that stand before the flags. */
  readonly about: string;
  readonly flags: Flags;
  /** Lines that stand after the flags, ready to print. */
  readonly examples: readonly string[];
};

/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 100;
const INDENT = '      ';

/**
 * The help page of a command, with a newline at its end: usage, what it does, each flag with its default, examples. `columns` is
 * the width of the terminal; null: there is none.
 */
export function formatHelp({ usage, about, flags, examples }: CommandHelp, columns: number | null = null): string {
  const width = Math.min(WIDEST, columns ?? WIDEST);
  const indented = (text: string) => wrapText(text, width - INDENT.length).map((line) => INDENT + line);
  const lines = [`Usage: ${usage}`, '', ...about.split('\n').flatMap((line) => wrapText(line, width)), '', 'Flags:'];
  for (const [name, { placeholder, defaultText, help }] of Object.entries(flags)) {
    const value = placeholder === null ? '' : `=${placeholder}`;
    const fallback = defaultText === '' ? '' : ` (default ${defaultText})`;
    lines.push(`  --${name}${value}`, ...indented(`${help}${fallback}`));
  }
  lines.push('  --help', `${INDENT}Print this.`, '  --version', `${INDENT}Print the version.`);
  if (examples.length > 0) lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}
