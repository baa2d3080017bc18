/** Lists the commands for completion, each with the possible values of its options and operands. */
import type { CommandTree } from '../command-tree.ts';
import { type Choice, type Values, valuesOfOperand, valuesOfOption } from './values.ts';

/** An option with the values that a shell may offer. */
export interface CompletedOption {
  readonly names: readonly string[];
  readonly description: string;
  readonly repeatable: boolean;
  readonly takes: 'nothing' | 'a value' | 'perhaps a value';
  readonly placeholder: string;
  readonly values: Values;
}

/** An argument with the values that a shell may offer. */
export interface CompletedOperand {
  readonly name: string;
  readonly repeatable: boolean;
  readonly values: Values;
}

/** A command with its options and arguments. */
export interface CompletedCommand {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  readonly operands: readonly CompletedOperand[];
}

/** The program with all its commands. */
export interface CompletedProgram {
  readonly name: string;
  /**
   * The names of the commands. The first word of a command line is one of them, or the first operand of the program.
   */
  readonly commandNames: readonly Choice[];
  /** The program itself, then its commands. */
  readonly commands: readonly CompletedCommand[];
}

/** @returns the program with all commands, options and operands, and the values that a shell may offer for each. */
export function completedProgram(tree: CommandTree): CompletedProgram {
  const commandNames = tree.commands.map(({ name, description }) => ({ value: name, description }));
  return {
    name: tree.name,
    commandNames,
    commands: [tree, ...tree.commands].map(({ name, options, operands }) => ({
      name,
      options: options.map((option) => ({
        names: option.names,
        description: option.description,
        repeatable: option.repeatable,
        takes: option.value === null ? 'nothing' : option.value.optional ? 'perhaps a value' : 'a value',
        placeholder: option.value?.placeholder ?? '',
        values: valuesOfOption(option),
      })),
      operands: operands.map((operand) => ({
        name: operand.name,
        repeatable: operand.repeatable,
        values: valuesOfOperand(operand, name, commandNames),
      })),
    })),
  };
}
