/** The commands one by one, each with the values that may follow its options and stand for its operands. */
import type { CommandTree } from '../command-tree.ts';
import { type Choice, type Values, valuesOfOperand, valuesOfOption } from './values.ts';

export interface CompletedOption {
  readonly names: readonly string[];
  readonly description: string;
  readonly repeatable: boolean;
  readonly takes: 'nothing' | 'a value' | 'perhaps a value';
  readonly placeholder: string;
  readonly values: Values;
}

export interface CompletedOperand {
  readonly name: string;
  readonly repeatable: boolean;
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly options: readonly CompletedOption[];
  readonly operands: readonly CompletedOperand[];
}

export interface CompletedProgram {
  readonly name: string;
  /** What the first word may be, besides the first operand of the program itself. */
  readonly commandNames: readonly Choice[];
  /** The program itself, then its commands. */
  readonly commands: readonly CompletedCommand[];
}

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
        values: valuesOfOperand(operand, commandNames),
      })),
    })),
  };
}
