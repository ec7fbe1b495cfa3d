import { type Candidates, quoteForShell, type ShellCommand, type ShellFlag } from './shell-words.ts';

/** A script for fish: `finrst completion fish > ~/.config/fish/completions/finrst.fish`. */
export function fishCompletion(commands: readonly ShellCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap((command, at) => {
    const seen = `__fish_seen_subcommand_from ${command.name}`;
    // Without a command it is the first.
    const here = at === 0 ? `${seen}; or not __fish_seen_subcommand_from ${names}` : seen;
    return [
      `complete -c finrst -n ${quote(`not __fish_seen_subcommand_from ${names}`)} -a ${command.name} -d ${quote(command.help)}`,
      ...command.flags.map((flag) => flagLine(here, flag)),
      ...(command.operands === null ? [] : [`complete -c finrst -n ${quote(seen)} ${argument(command.operands)}`]),
    ];
  });
  return `# Completion of finrst for fish: finrst completion fish > ~/.config/fish/completions/finrst.fish\n\ncomplete -c finrst -f\n${lines.join('\n')}\n`;
}

function flagLine(condition: string, { name, help, takesValue, values }: ShellFlag): string {
  const value = takesValue
    ? ` ${values === 'files' ? '-r -F' : `-x ${values === null ? '' : argument(values)}`.trimEnd()}`
    : '';
  return `complete -c finrst -n ${quote(condition)} -l ${name.slice(2)}${value} -d ${quote(help)}`;
}

function argument(candidates: Exclude<Candidates, null>): string {
  if (candidates === 'files') return '-F';
  return `-a ${quote(candidates === 'hosts' ? '(__fish_print_hostnames)' : candidates.join(' '))}`;
}

/** Within single quotes fish knows a backslash, other than the other two. */
function quote(text: string): string {
  return quoteForShell(text.replaceAll('\\', '\\\\'));
}
