import { EXIT, command, type Command } from './command.ts';
import { bashCompletion } from './shells/bash-completion.ts';
import { fishCompletion } from './shells/fish-completion.ts';
import { shellCommands, type ShellCommand } from './shells/shell-words.ts';
import { quoted } from '../text/safe-text.ts';
import { zshCompletion } from './shells/zsh-completion.ts';

const SHELLS: Readonly<Record<string, (commands: readonly ShellCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints a script that completes these commands, and itself, in a shell. */
export function createCompletion(others: readonly Command[]): Command {
  const completion = command({
    name: 'completion',
    usage: 'finrst completion bash|zsh|fish',
    summary: 'print a script that completes commands, flags and words in a shell',
    about: 'The script is made from the tables that --help prints. It runs no program while it completes.',
    flags: {},
    examples: [
      'source <(finrst completion bash)',
      'finrst completion bash > /etc/bash_completion.d/finrst',
      'finrst completion zsh > "${fpath[1]}/_finrst"',
      'finrst completion fish > ~/.config/fish/completions/finrst.fish',
    ],
    operands: { least: 1, most: 1, completes: () => Object.keys(SHELLS) },
    async run({ print, printError }, _values, [shell = '']) {
      const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (script === undefined) {
        printError(
          `finrst completion: no script for ${quoted(shell)}; expected one of ${Object.keys(SHELLS).join(', ')}`,
        );
        return EXIT.misused;
      }
      print(script(shellCommands([...others, completion])).trimEnd());
      return EXIT.ok;
    },
  });
  return completion;
}
