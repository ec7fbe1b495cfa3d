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

const WIDTH = 100;
const INDENT = '      ';

/** The help page of a command, with a newline at its end: usage, what it does, each flag with its default, examples. */
export function formatHelp({ usage, about, flags, examples }: CommandHelp): string {
  const lines = [`Usage: ${usage}`, '', ...about.split('\n').flatMap((line) => wrap(line, WIDTH, '')), '', 'Flags:'];
  for (const [name, { placeholder, defaultText, help }] of Object.entries(flags)) {
    const value = placeholder === null ? '' : `=${placeholder}`;
    const fallback = defaultText === '' ? '' : ` (default ${defaultText})`;
    lines.push(`  --${name}${value}`, ...wrap(`${help}${fallback}`, WIDTH, INDENT));
  }
  lines.push('  --help', `${INDENT}Print this.`, '  --version', `${INDENT}Print the version.`);
  if (examples.length > 0) lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
