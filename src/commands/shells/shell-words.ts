import type { Command } from '../command.ts';

/** What a value can be completed with; null: nothing is known. */
export type Candidates = 'files' | 'hosts' | readonly string[] | null;

export type ShellFlag = {
  /** With its dashes. */
  readonly name: string;
  readonly help: string;
  readonly takesValue: boolean;
  readonly values: Candidates;
  /** Several of them may be given, separated by commas. */
  readonly isList: boolean;
};

export type ShellCommand = {
  readonly name: string;
  readonly help: string;
  readonly flags: readonly ShellFlag[];
  readonly operands: Candidates;
};

const COMMON: readonly ShellFlag[] = [
  { name: '--help', help: 'Print the help', takesValue: false, values: null, isList: false },
  { name: '--version', help: 'Print the version', takesValue: false, values: null, isList: false },
];

/** What shells complete, from the tables that the help is printed from. */
export function shellCommands(commands: readonly Command[]): readonly ShellCommand[] {
  return commands.map(({ name, summary, flags, operands }) => {
    const own = Object.entries(flags).map(([flag, { help, placeholder, completes = null }]): ShellFlag => {
      const isList = placeholder?.includes(',') ?? false;
      const text = firstSentence(help);
      return { name: `--${flag}`, help: text, takesValue: placeholder !== null, values: completes, isList };
    });
    const { completes } = operands;
    const words = typeof completes === 'function' ? completes() : (completes ?? null);
    return { name, help: summary, flags: [...own, ...COMMON], operands: words };
  });
}

/** Lists of candidates are narrow. */
function firstSentence(help: string): string {
  const end = help.search(/[.;:] /);
  return (end === -1 ? help : help.slice(0, end)).replace(/\.$/, '');
}

/** A word for any of the three shells, whatever it holds. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
