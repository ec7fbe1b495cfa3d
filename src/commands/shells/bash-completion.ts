import { type Candidates, quoteForShell as quote, type ShellCommand } from './shell-words.ts';

/** The part that is the same whatever the commands are. */
const COMPLETE = `_finrst() {
  local line=\${COMP_LINE:0:COMP_POINT} commands
  commands=$(_finrst_commands)
  local cur='' previous='' command='' word flag='' prefix='' part words=() found=()
  read -ra words <<< "$line"
  # bash's own words are broken at = and :, ours are not.
  if [[ $line != *[[:space:]] ]]; then
    cur=\${words[-1]}
    unset 'words[-1]'
  fi
  (( \${#words[@]} > 1 )) && previous=\${words[-1]}
  for word in "\${words[@]:1}"; do
    [[ " $commands " == *" $word "* ]] && command=$word && break
  done
  part=$cur
  if [[ $cur == --*=* ]]; then
    flag=\${cur%%=*} prefix=\${cur%%=*}= part=\${cur#*=}
  elif [[ " $(_finrst_flags "\${command:-serve}") " == *" $previous= "* ]]; then
    flag=$previous
  fi

  local sets
  if [[ -n $flag ]]; then
    sets=$(_finrst_values "\${command:-serve}" "$flag")
    # The last of several, separated by commas.
    [[ $part == *,* ]] && prefix+=\${part%,*}, part=\${part##*,}
  elif [[ $cur == -* ]]; then
    sets=$(_finrst_flags "\${command:-serve}")
  elif [[ -z $command ]]; then
    sets=$commands
  else
    sets=$(_finrst_operands "$command")
  fi

  case $sets in
    @files)
      compopt -o filenames 2> /dev/null
      mapfile -t found < <(compgen -f -- "$part")
      ;;
    @hosts)
      compopt -o nospace 2> /dev/null
      mapfile -t found < <(compgen -A hostname -S : -- "$part")
      ;;
    *) mapfile -t found < <(compgen -W "$sets" -- "$part") ;;
  esac
  (( \${#found[@]} == 1 )) && [[ \${found[0]} == --*= ]] && compopt -o nospace 2> /dev/null

  # bash replaces only what follows the last of its word breaks.
  local tail=$cur
  [[ $COMP_WORDBREAKS == *:* ]] && tail=\${tail##*:}
  [[ $COMP_WORDBREAKS == *=* ]] && tail=\${tail##*=}
  local kept=\${cur%"$tail"}
  COMPREPLY=()
  for word in "\${found[@]}"; do
    word=$prefix$word
    COMPREPLY+=("\${word#"$kept"}")
  done
}

complete -F _finrst finrst
`;

/** A script for bash 4.4 or newer; it needs no other package. `source <(finrst completion bash)` loads it. */
export function bashCompletion(commands: readonly ShellCommand[]): string {
  return `# Completion of finrst for bash: source <(finrst completion bash)

_finrst_commands() {
  echo ${quote(commands.map(({ name }) => name).join(' '))}
}

# Sets of a command: its flags, its operands, what a flag's value can be.
_finrst_flags() {
  case $1 in
${commands.map(({ name, flags }) => `    ${name}) echo ${quote(flags.map(flagWord).join(' '))} ;;`).join('\n')}
  esac
}

_finrst_operands() {
  case $1 in
${commands.map(({ name, operands }) => `    ${name}) echo ${quote(wordsOf(operands))} ;;`).join('\n')}
  esac
}

_finrst_values() {
  case "$1 $2" in
${commands.flatMap(valueCases).join('\n')}
  esac
}

${COMPLETE}`;
}

/** With = where a value follows. */
function flagWord({ name, takesValue }: ShellCommand['flags'][number]): string {
  return takesValue ? `${name}=` : name;
}

function valueCases({ name, flags }: ShellCommand): readonly string[] {
  const known = flags.filter(({ values }) => values !== null);
  return known.map((flag) => `    ${quote(`${name} ${flag.name}`)}) echo ${quote(wordsOf(flag.values))} ;;`);
}

function wordsOf(candidates: Candidates): string {
  if (candidates === null) return '';
  return typeof candidates === 'string' ? `@${candidates}` : candidates.join(' ');
}
