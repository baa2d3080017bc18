/**
 * The commands, options and arguments of the program as plain data, for what is generated from them: the shells'
 * completion and the manual page.
 */
import type { Command, Option } from 'commander';

export interface CommandTree {
  readonly name: string;
  readonly description: string;
  /** `[options] <domain> [ip...]` */
  readonly usage: string;
  readonly options: readonly OptionEntry[];
  readonly operands: readonly OperandEntry[];
  readonly commands: readonly CommandTree[];
}

export interface OptionEntry {
  /** As they are typed, the short one first: `-f`, `--format`. */
  readonly names: readonly string[];
  readonly description: string;
  /** The heading it stands under in the help: `Checks`. */
  readonly group: string;
  /** `null` for an option that has none. */
  readonly value: OptionValue | null;
  readonly repeatable: boolean;
}

export interface OptionValue {
  /** What the help calls it, without brackets: `file`, `rules`, `format[=file]`. */
  readonly placeholder: string;
  readonly optional: boolean;
  /** Every value there is, where the program names them. */
  readonly choices: readonly string[] | null;
}

export interface OperandEntry {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly repeatable: boolean;
}

/** @returns the tree of a command and the commands below it, as its help shows them. */
export function commandTree(command: Command): CommandTree {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    usage: command.usage(),
    options: help.visibleOptions(command).map((option) => optionEntry(option, help.optionDescription(option))),
    operands: command.registeredArguments.map((operand) => ({
      name: operand.name(),
      description: operand.description,
      required: operand.required,
      repeatable: operand.variadic,
    })),
    commands: command.commands.map(commandTree),
  };
}

function optionEntry(option: Option, description: string): OptionEntry {
  // Commander takes any bracket in the flags for an optional value, that of <server[:port]> too; `required` it reads first.
  const placeholder = /[<[](.+)[>\]]$/.exec(option.flags)?.[1];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description,
    group: (option.helpGroupHeading ?? 'Options:').replace(/:$/, ''),
    value:
      placeholder === undefined
        ? null
        : { placeholder, optional: !option.required, choices: option.argChoices ?? null },
    // Commander itself parses a choice; what else it is told to parse is collected.
    repeatable: option.parseArg !== undefined && option.argChoices === undefined,
  };
}
