/**
 * Describes the commands, options and arguments of the program as plain data. Shell completions and the manual page are
 * generated from it.
 */
import type { Command, Option } from 'commander';

/** A command with its subcommands. */
export interface CommandTree {
  readonly name: string;
  readonly description: string;
  /** The arguments of the command: `[options] <domain> [ip...]`. */
  readonly usage: string;
  readonly options: readonly OptionEntry[];
  readonly operands: readonly OperandEntry[];
  readonly commands: readonly CommandTree[];
}

/** An option of a command. */
export interface OptionEntry {
  /** The names as the user types them, the short one first: `-f`, `--format`. */
  readonly names: readonly string[];
  readonly description: string;
  /** The heading of the option in the help: `Checks`. */
  readonly group: string;
  /** The value of the option, or `null` for a flag. */
  readonly value: OptionValue | null;
  readonly repeatable: boolean;
}

/** The value that an option takes. */
export interface OptionValue {
  /** The name of the value in the help, without brackets: `file`, `rules`, `format[=file]`. */
  readonly placeholder: string;
  readonly optional: boolean;
  /** All possible values, or `null` if the program does not list them. */
  readonly choices: readonly string[] | null;
}

/** An argument of a command that is not an option. */
export interface OperandEntry {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly repeatable: boolean;
}

/** @returns the description of a command and its subcommands, with everything that the help shows. */
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
  // Commander sets `optional` for any bracket in the flags, even the one in <server[:port]>. Only `required` is
  // reliable.
  const placeholder = /[<[](.+)[>\]]$/.exec(option.flags)?.[1];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description,
    group: (option.helpGroupHeading ?? 'Options:').replace(/:$/, ''),
    value:
      placeholder === undefined
        ? null
        : { placeholder, optional: !option.required, choices: option.argChoices ?? null },
    // Commander has its own parser for choices. Every other parser of an option collects repeated values.
    repeatable: option.parseArg !== undefined && option.argChoices === undefined,
  };
}
