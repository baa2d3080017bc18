/** Generates the completion script of fish: one `complete` line for each option, with its command as the condition. */
import type { CommandTree } from '../command-tree.ts';
import { type CompletedOption, type CompletedProgram, completedProgram } from './command-values.ts';
import { fishQuoted as quoted } from './quote.ts';
import type { Choice, Values } from './values.ts';

/** @returns the completion script of fish. */
export function fish(tree: CommandTree): string {
  const program = completedProgram(tree);
  const sets = new ValueFunctions();
  const complete = (condition: string, rest: string): string =>
    `complete -c ${program.name} -n ${quoted(`__mailcheck_is ${condition}`)} ${rest}`;
  const lines = program.commands.flatMap(({ name, options, operands }) => [
    ...options.map((option) => complete(name, optionArguments(option, sets))),
    ...(name === program.name
      ? [complete(`${name} 0`, `-a ${sets.argumentOf({ kind: 'one', choices: program.commandNames })}`)]
      : []),
    ...operands.flatMap(({ values }, index) =>
      values.kind === 'free' || values.kind === 'file'
        ? []
        : [complete(`${name} ${index}`, `-a ${sets.argumentOf(values)}`)],
    ),
  ]);
  return [
    `# fish completion of ${program.name}. In ~/.config/fish/config.fish: ${program.name} completion fish | source`,
    '',
    stateFunction(program),
    ENGINE,
    ...sets.functions(),
    `complete -c ${program.name} -e`,
    `complete -c ${program.name} -f`,
    ...lines,
    '',
  ].join('\n');
}

/** Collects the shell functions that offer values. Options with the same values share one function. */
class ValueFunctions {
  readonly #names = new Map<string, string>();

  /** @returns the value of `-a`. It is a function call, because fish would expand `$` in the values themselves. */
  argumentOf(values: Exclude<Values, { kind: 'free' | 'file' }>): string {
    const words = values.choices.map(word).join(' ');
    const body = {
      one: '__mailcheck_one',
      list: '__mailcheck_list',
      'one=file': '__mailcheck_one_file',
      'file or one=file': '__mailcheck_file_or_one',
    }[values.kind];
    const line = `${body} ${words}`;
    const name = this.#names.get(line) ?? `__mailcheck_values_${this.#names.size + 1}`;
    this.#names.set(line, name);
    return quoted(`(${name})`);
  }

  functions(): string[] {
    return [...this.#names].map(([line, name]) => `function ${name}\n    ${line}\nend\n`);
  }
}

function word({ value, description }: Choice): string {
  return description === '' ? quoted(value) : `${quoted(value)}\\t${quoted(description)}`;
}

function optionArguments({ names, description, takes, values }: CompletedOption, sets: ValueFunctions): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = (): string => {
    if (takes === 'nothing') return '';
    if (values.kind === 'free') return '-x ';
    return values.kind === 'file' ? '-r -F ' : `-x -a ${sets.argumentOf(values)} `;
  };
  return `${spelled.join(' ')} ${value()}-d ${quoted(description)}`;
}

/** Writes the shell function that prints the command of the line, and the number of operands before the cursor. */
function stateFunction({ name: program, commands, commandNames }: CompletedProgram): string {
  const cases = commands.map(({ name, options }) => {
    const named = (takes: CompletedOption['takes']): string =>
      options
        .filter((option) => option.takes === takes)
        .flatMap(({ names }) => names.map((option) => quoted(`${name} ${option}`)))
        .join(' ');
    const [required, optional] = [named('a value'), named('perhaps a value')];
    return [
      ...(required === '' ? [] : [`            case ${required}\n                set takes required`]),
      ...(optional === '' ? [] : [`            case ${optional}\n                set takes optional`]),
    ].join('\n');
  });
  return `function __mailcheck_state
    set -l words (commandline -opc)
    set -l command ${program}
    set -l operands 0
    set -l takes nothing
    set -l over no
    for word in $words[2..-1]
        if test $takes = required; or test $takes = optional; and not string match -q -- '-*' $word
            set takes nothing
            continue
        end
        set takes nothing
        if test $over = no; and string match -q -- '-?*' $word
            test "$word" = --; and set over yes
            switch "$command $word"
${cases.filter((lines) => lines !== '').join('\n')}
            end
        else if test $command = ${program}; and test $operands = 0; and contains -- $word ${commandNames.map(({ value }) => quoted(value)).join(' ')}
            set command $word
        else
            set operands (math $operands + 1)
        end
    end
    echo $command
    echo $operands
end
`;
}

const ENGINE = String.raw`function __mailcheck_is
    set -l state (__mailcheck_state)
    test "$state[1]" = "$argv[1]"; or return 1
    test -z "$argv[2]"; or test "$state[2]" = "$argv[2]"
end

# The value that is being typed: fish has a long option and its value in one token.
function __mailcheck_typed
    commandline -ct | string replace -r -- '^--[a-z-]+=' ''
end

function __mailcheck_one
    printf '%s\n' $argv
end

function __mailcheck_list
    set -l before (__mailcheck_typed | string replace -r -- '[^,]*$' '')
    set -l given (string split , -- $before)
    for line in $argv
        contains -- (string split \t -- $line)[1] $given
        or printf '%s%s\n' $before $line
    end
end

function __mailcheck_one_file
    set -l typed (__mailcheck_typed)
    if not string match -q -- '*=*' $typed
        printf '%s\n' $argv
        return
    end
    set -l parts (string split -m 1 = -- $typed)
    for file in (complete -C "'' $parts[2]")
        printf '%s=%s\n' $parts[1] $file
    end
end

function __mailcheck_file_or_one
    __mailcheck_one_file $argv
    set -l typed (__mailcheck_typed)
    if not string match -q -- '*=*' $typed
        complete -C "'' $typed"
    end
end
`;
