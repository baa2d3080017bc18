/**
 * Generates the completion script of bash: tables of the commands, and an engine that reads the command line by them.
 */
import type { CommandTree } from '../command-tree.ts';
import { type CompletedProgram, completedProgram } from './command-values.ts';
import { quoted } from './quote.ts';
import type { Values } from './values.ts';

/** @returns the script. It works in bash 3.2 and later, without the bash-completion package. */
export function bash(tree: CommandTree): string {
  const program = completedProgram(tree);
  return [
    `# bash completion of ${program.name}. In ~/.bashrc: source <(${program.name} completion bash)`,
    caseFunction('_mailcheck_takes', 'Whether an option ($2) of a command ($1) takes a value.', takesRows(program)),
    caseFunction('_mailcheck_values', 'Offers the values of an option ($2) of a command ($1).', valueRows(program)),
    caseFunction('_mailcheck_operands', 'Offers the operand ($2, from 0) of a command ($1).', operandRows(program)),
    caseFunction('_mailcheck_options', 'Offers the options of a command ($1).', optionRows(program)),
    caseFunction('_mailcheck_is_command', 'Whether a word ($2) is a command.', [
      ...program.commandNames.map(({ value }) => ({ pattern: value, does: 'return 0' })),
      { pattern: null, does: 'return 1' },
    ]),
    ENGINE,
    `complete -F _mailcheck ${program.name}`,
    '',
  ].join('\n');
}

interface Row {
  /** The words that the row is for, or `null` for all other words. */
  readonly pattern: string | null;
  readonly does: string;
}

/** Writes a shell function with a `case` statement. Rows with the same command become one branch. */
function caseFunction(name: string, says: string, rows: readonly Row[]): string {
  const branches = new Map<string, string[]>();
  for (const { pattern, does } of rows) {
    branches.set(does, [...(branches.get(does) ?? []), pattern === null ? '*' : quoted(pattern)]);
  }
  const lines = [...branches].map(([does, patterns]) => `    ${patterns.join(' | ')}) ${does} ;;`);
  const subject = name === '_mailcheck_is_command' ? '$2' : name === '_mailcheck_options' ? '$1' : '$1 $2';
  return `\n# ${says}\n${name}() {\n  case "${subject}" in\n${lines.join('\n')}\n  esac\n}`;
}

function takesRows({ commands }: CompletedProgram): Row[] {
  const rows = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takes }) => takes !== 'nothing')
      .flatMap(({ names, takes }) =>
        names.map((option) => ({
          pattern: `${name} ${option}`,
          does: takes === 'a value' ? 'takes=required' : 'takes=optional',
        })),
      ),
  );
  return [...rows, { pattern: null, does: 'takes=' }];
}

function valueRows({ commands }: CompletedProgram): Row[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ names, values }) =>
      values.kind === 'free' ? [] : names.map((option) => ({ pattern: `${name} ${option}`, does: offer(values) })),
    ),
  );
}

function operandRows(program: CompletedProgram): Row[] {
  const first = { kind: 'one', choices: program.commandNames } as const;
  return program.commands.flatMap(({ name, operands }) => [
    ...(name === program.name ? [{ pattern: `${name} 0`, does: offer(first) }] : []),
    ...operands.flatMap(({ values }, index) =>
      values.kind === 'free' ? [] : [{ pattern: `${name} ${index}`, does: offer(values) }],
    ),
  ]);
}

function optionRows({ commands }: CompletedProgram): Row[] {
  return commands.map(({ name, options }) => ({
    pattern: name,
    does: `_mailcheck_one ${options.flatMap(({ names }) => names.map(quoted)).join(' ')}`,
  }));
}

function offer(values: Exclude<Values, { kind: 'free' }>): string {
  if (values.kind === 'file') return '_mailcheck_files';
  const does = {
    one: '_mailcheck_one',
    list: '_mailcheck_list',
    'one=file': '_mailcheck_one_file',
    'file or one=file': '_mailcheck_file_or_one',
  }[values.kind];
  return `${does} ${values.choices.map(({ value }) => quoted(value)).join(' ')}`;
}

/**
 * The shell functions that complete a word. Readline also breaks words at `=` and `:`, and replaces only the part after
 * the last of them. `typed` is the word as the program will receive it. `before` is the part of the word before the
 * value. `kept` is the part that readline keeps. The functions do not use `compgen -W`, because it would expand `$` in
 * values.
 */
const ENGINE = `
# Offers those of the values that go on from what is typed.
_mailcheck_one() {
  local value
  for value in "$@"; do
    value=$before$value
    [[ $value == "$typed"* ]] || continue
    value=\${value#"$kept"}
    [[ $value != *[!A-Za-z0-9_./=:,-]* ]] || printf -v value %q "$value"
    COMPREPLY+=("$value")
  done
}

# The same for a list with commas between; what is in it already is not offered again.
_mailcheck_list() {
  local value list=\${typed#"$before"} given=,
  if [[ $list == *,* ]]; then
    given=,\${list%,*},
    before=$before\${list%,*},
  fi
  for value in "$@"; do
    [[ $given == *",$value,"* ]] || _mailcheck_one "$value"
  done
  compopt -o nospace 2>/dev/null
}

# The same for values that may be followed by = and a file.
_mailcheck_one_file() {
  local rest=\${typed#"$before"}
  if [[ $rest == *=* ]]; then
    before=$before\${rest%%=*}=
    _mailcheck_files
  else
    _mailcheck_one "$@"
  fi
}

# The same for files, or values that end in = with a file behind.
_mailcheck_file_or_one() {
  if [[ \${typed#"$before"} != *=* ]]; then
    _mailcheck_one "$@"
    compopt -o nospace 2>/dev/null
    _mailcheck_files
  else
    _mailcheck_one_file
  fi
}

_mailcheck_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    file=$before$file
    COMPREPLY+=("\${file#"$kept"}")
  done < <(compgen -f -- "\${typed#"$before"}")
  # What is quoted, or begins with ~, readline reads better.
  [[ \${#COMPREPLY[@]} -gt 0 ]] || compopt -o default 2>/dev/null
}

_mailcheck() {
  COMPREPLY=()
  local word i rest=$COMP_LINE
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $i -gt 0 && $rest != [[:space:]]* ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      words+=("$word")
    fi
    rest=\${rest#"$word"}
  done

  local command=mailcheck option= takes= operands=0 options_over=
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word=\${words[i]}
    if [[ $takes == required || $takes == optional && $word != -* ]]; then
      takes=
      continue
    fi
    takes=
    if [[ -z $options_over && $word == -- ]]; then
      options_over=yes
    elif [[ -z $options_over && $word == --*=* ]]; then
      :
    elif [[ -z $options_over && $word == -?* ]]; then
      option=$word
      _mailcheck_takes "$command" "$option"
    elif [[ $command == mailcheck && $operands -eq 0 ]] && _mailcheck_is_command '' "$word"; then
      command=$word
    else
      operands=$((operands + 1))
    fi
  done

  local typed=\${words[\${#words[@]} - 1]} before= breaks= kept=
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=':'
  [[ -n $breaks ]] && kept=\${typed%"\${typed##*[$breaks]}"}
  if [[ $takes == required || $takes == optional && $typed != -* ]]; then
    _mailcheck_values "$command" "$option"
  elif [[ -z $options_over && $typed == --*=* ]]; then
    before=\${typed%%=*}=
    _mailcheck_values "$command" "\${typed%%=*}"
  elif [[ -z $options_over && $typed == -* ]]; then
    _mailcheck_options "$command"
  else
    _mailcheck_operands "$command" "$operands"
  fi
}
`;
