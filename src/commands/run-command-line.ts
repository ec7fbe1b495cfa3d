import { nearestWord } from '../text/nearest-word.ts';
import { textTable } from '../text/text-table.ts';
import { COMMANDS } from './command-list.ts';
import { EXIT, type Command } from './command.ts';
import { formatHelp } from './format-help.ts';
import { parseFlags } from './flags/parse-flags.ts';
import type { Runtime } from './runtime.ts';

/**
 * Runs what the arguments (without the program's own name) ask for and resolves with the exit code. Without a command it is
 * `serve`. Misuse is exit 2 with one line that says what was expected.
 */
export async function runCommandLine(runtime: Runtime, args: readonly string[]): Promise<number> {
  const [first = '', ...rest] = args;
  if (first === 'help' && rest.length > 0) return runCommandLine(runtime, [...rest.slice(0, 1), '--help']);
  if (first === '--help' || first === '-h' || first === 'help') {
    runtime.print(overview(runtime.columns()));
    return EXIT.ok;
  }
  if (first === '' || first.startsWith('-')) return runCommand(runtime, byName('serve'), args);
  const known = COMMANDS.find(({ name }) => name === first);
  return known === undefined ? unknownCommand(runtime, first) : runCommand(runtime, known, rest);
}

async function runCommand(runtime: Runtime, command: Command, args: readonly string[]): Promise<number> {
  const parsed = parseFlags(command.flags, args);
  switch (parsed.kind) {
    case 'help':
      runtime.print(formatHelp(command, runtime.columns()).trimEnd());
      return EXIT.ok;
    case 'version':
      runtime.print(versionLine(runtime));
      return EXIT.ok;
    case 'misused':
      return misused(runtime, command, parsed.message);
    case 'parsed': {
      const { values, operands } = parsed;
      const { least, most } = command.operands;
      const unexpected = operands[most];
      if (unexpected !== undefined) return misused(runtime, command, `unexpected argument "${unexpected}"`);
      if (operands.length < least) return misused(runtime, command, `nothing to do; usage: ${command.usage}`);
      return command.run(runtime, values, operands);
    }
  }
}

function misused({ printError }: Runtime, { name }: Command, message: string): number {
  printError(`finrst ${name}: ${message} (see finrst ${name} --help)`);
  return EXIT.misused;
}

function unknownCommand({ printError }: Runtime, word: string): number {
  const meant = nearestWord(
    word,
    COMMANDS.map(({ name }) => name),
  );
  const guess =
    meant === null ? `the commands are ${COMMANDS.map(({ name }) => name).join(', ')}` : `did you mean ${meant}?`;
  printError(`finrst: unknown command "${word}"; ${guess}`);
  return EXIT.misused;
}

function byName(wanted: string): Command {
  const found = COMMANDS.find(({ name }) => name === wanted);
  if (found === undefined) throw new RangeError(`no command ${wanted}`);
  return found;
}

function overview(columns: number | null): string {
  const commands = COMMANDS.map(({ usage, summary }) => [usage, summary]);
  return [
    'Finrst holds long-lived TCP connections, names why each one ended,',
    'and exports it as Prometheus metrics and OpenTelemetry spans.',
    '',
    ...textTable([['Usage:', ''], ...commands], columns),
    '',
    'Without a command it is serve. Flags of a command: finrst COMMAND --help',
  ].join('\n');
}

function versionLine({ build }: Runtime): string {
  const revision = build.revision === '' ? '' : ` (revision ${build.revision})`;
  return `finrst ${build.version}${revision}, Node.js ${build.nodeVersion}`;
}
