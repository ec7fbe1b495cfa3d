import { type Candidates, quoteForShell as quote, type ShellCommand, type ShellFlag } from './shell-words.ts';

/** A script for zsh: `finrst completion zsh > "${fpath[1]}/_finrst"`, or `source <(finrst completion zsh)`. */
export function zshCompletion(commands: readonly ShellCommand[]): string {
  const [serve] = commands;
  return `#compdef finrst
# Completion of finrst for zsh: finrst completion zsh > "\${fpath[1]}/_finrst"

_finrst() {
  local state line
  local -a commands=(
${commands.map(({ name, help }) => `    ${quote(`${name}:${help}`)}`).join('\n')}
  )
  # Without a command it is ${serve?.name}.
  _arguments -C \\
${(serve?.flags ?? []).map((flag) => `    ${quote(spec(flag))} \\`).join('\n')}
    '1: :->command' '*:: :->arguments' && return
  case $state in
    command) _describe command commands ;;
    arguments)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

# Loaded by the completion system it is called; sourced it says what it is for.
if [[ $funcstack[1] == _finrst ]]; then
  _finrst "$@"
else
  compdef _finrst finrst
fi
`;
}

function commandCase({ name, flags, operands }: ShellCommand): string {
  const specs = [...flags.map(spec), ...(operands === null ? [] : [`*: :${action(operands)}`])];
  return [
    `        ${name})`,
    '          _arguments \\',
    ...specs.map((each) => `            ${quote(each)} \\`),
    '            && return',
    '          ;;',
  ].join('\n');
}

function spec({ name, help, takesValue, values, isList }: ShellFlag): string {
  const text = help.replaceAll('\\', '').replaceAll('[', '(').replaceAll(']', ')');
  if (!takesValue) return `${name}[${text}]`;
  return `${name}=[${text}]: :${isList && Array.isArray(values) ? `_values -s , word ${values.join(' ')}` : action(values)}`;
}

function action(candidates: Candidates): string {
  if (candidates === null) return ' ';
  if (candidates === 'files') return '_files';
  if (candidates === 'hosts') return '_hosts';
  return `(${candidates.join(' ')})`;
}
