/**
 * Generates the completion script of zsh: one `_arguments` call for each command, and one function for each set of
 * values.
 */
import type { CommandTree } from '../command-tree.ts';
import { type CompletedCommand, type CompletedOption, completedProgram } from './command-values.ts';
import { oneLine, quoted } from './quote.ts';
import type { Choice, Values } from './values.ts';

/** @returns the script. The user sources it after compinit, or saves it as `_mailcheck` in a folder of `fpath`. */
export function zsh(tree: CommandTree): string {
  const program = completedProgram(tree);
  const sets = new ValueFunctions();
  const first = sets.actionOf('command', { kind: 'one', choices: program.commandNames });
  const functions = program.commands.map((command) => argumentsOf(command, program.name, first, sets));
  const [root] = program.commands;
  const valued = (takes: CompletedOption['takes']): string =>
    (root?.options ?? [])
      .filter((option) => option.takes === takes)
      .flatMap(({ names }) => names.map(quoted))
      .join(' ');
  return [
    `#compdef ${program.name}`,
    `# zsh completion of ${program.name}. In ~/.zshrc, below compinit: source <(${program.name} completion zsh)`,
    '',
    ...sets.functions(),
    ...functions,
    `_mailcheck() {
  local -a commands valued perhaps
  commands=(${program.commandNames.map(({ value }) => quoted(value)).join(' ')})
  valued=(${valued('a value')})
  perhaps=(${valued('perhaps a value')})
  local -i i=2
  local word
  while (( i < CURRENT )); do
    word=$words[i]
    if (( $valued[(Ie)$word] )); then
      (( i += 1 ))
    elif (( $perhaps[(Ie)$word] )); then
      [[ $words[i+1] == -* ]] || (( i += 1 ))
    elif [[ $word == -- ]]; then
      break
    elif [[ $word != -* ]]; then
      if (( $commands[(Ie)$word] )); then
        words=("\${(@)words[i,-1]}")
        (( CURRENT -= i - 1 ))
        "_mailcheck-$word"
        return
      fi
      break
    fi
    (( i += 1 ))
  done
  _mailcheck-${program.name}
}

if [[ \${funcstack[1]} == _mailcheck ]]; then
  _mailcheck "$@"
else
  compdef _mailcheck ${program.name}
fi
`,
  ].join('\n');
}

/** Collects the shell functions that offer values. Options with the same values share one function. */
class ValueFunctions {
  readonly #names = new Map<string, string>();

  /** @returns the action of `_arguments` that offers the values. */
  actionOf(tag: string, values: Values): string {
    if (values.kind === 'free') return ' ';
    if (values.kind === 'file') return '_files';
    const body = {
      one: () => described(tag, values.choices),
      list: () => `_values -s , ${[tag, ...values.choices.map(valueSpec)].map(quoted).join(' ')}`,
      'one=file': () => `if compset -P '*='; then _files; else ${described(tag, values.choices)}; fi`,
      'file or one=file': () => `compset -P '*=' || { ${described(tag, values.choices)} -S ''; }; _files`,
    }[values.kind]();
    const name = this.#names.get(body) ?? `_mailcheck_values_${this.#names.size + 1}`;
    this.#names.set(body, name);
    return name;
  }

  functions(): string[] {
    return [...this.#names].map(([body, name]) => `${name}() {\n  ${body}\n}\n`);
  }
}

function described(tag: string, choices: readonly Choice[]): string {
  const words = choices.map(({ value, description }) =>
    quoted(description === '' ? escaped(value, /[\\:]/g) : `${escaped(value, /[\\:]/g)}:${oneLine(description)}`),
  );
  return `local -a choices=(${words.join(' ')}); _describe -t values ${quoted(tag)} choices`;
}

function valueSpec({ value, description }: Choice): string {
  const name = escaped(value, /[\\:[\]]/g);
  return description === '' ? name : `${name}[${escaped(description, /[\\:[\]]/g)}]`;
}

function argumentsOf(command: CompletedCommand, program: string, first: string, sets: ValueFunctions): string {
  const operands = command.operands.map(({ name, repeatable, values }, index) => {
    const action = command.name === program && index === 0 ? first : sets.actionOf(name, values);
    return `${repeatable ? '*' : index + 1}:${escaped(name, /[\\:]/g)}:${action}`;
  });
  const specs = [...command.options.flatMap((option) => optionSpecs(option, sets)), ...operands];
  return `_mailcheck-${command.name}() {\n  _arguments -s -S : \\\n    ${specs.map(quoted).join(' \\\n    ')}\n}\n`;
}

/** Returns one specification for each name. `-f+` and `--format=` mean that the value may be part of the same word. */
function optionSpecs(
  { names, description, repeatable, takes, placeholder, values }: CompletedOption,
  sets: ValueFunctions,
): string[] {
  const exclusion = repeatable ? '*' : `(${names.join(' ')})`;
  const explanation = `[${escaped(description, /[\\:[\]]/g)}]`;
  if (takes === 'nothing') return names.map((name) => `${exclusion}${name}${explanation}`);
  const action = `:${escaped(placeholder, /[\\:]/g)}:${sets.actionOf(placeholder, values)}`;
  return names.map((name) => {
    const joined = name.startsWith('--') ? `${name}=` : `${name}+`;
    return `${exclusion}${joined}${explanation}${takes === 'a value' ? '' : ':'}${action}`;
  });
}

function escaped(text: string, special: RegExp): string {
  return oneLine(text).replaceAll(special, '\\$&');
}
