/** Which values a shell can offer, by what the help calls them: the placeholder of an option or the name of an operand. */

import { rules } from '../../check/rules/index.ts';
import { providers } from '../../knowledge/providers/catalogue.ts';
import { formats } from '../../reporters/index.ts';
import type { OperandEntry, OptionEntry } from '../command-tree.ts';
import { explanations } from '../explain/explanations.ts';

/** One value, and what it is. */
export interface Choice {
  readonly value: string;
  readonly description: string;
}

export type Values =
  /** Nothing to offer: a name or number that only the user knows. */
  | { readonly kind: 'free' }
  | { readonly kind: 'file' }
  | { readonly kind: 'one'; readonly choices: readonly Choice[] }
  /** Several of them, with commas between. */
  | { readonly kind: 'list'; readonly choices: readonly Choice[] }
  /** One of them, and perhaps `=` and a file. */
  | { readonly kind: 'one=file'; readonly choices: readonly Choice[] };

const ruleChoices: readonly Choice[] = rules.map(({ id, title }) => ({
  value: id,
  description: title,
}));
const providerChoices: readonly Choice[] = providers.map(({ id, name }) => ({ value: id, description: name }));

const byPlaceholder: Readonly<Record<string, Values>> = {
  file: { kind: 'file' },
  'format[=file]': { kind: 'one=file', choices: formats.map((format) => plain(format)) },
  rules: { kind: 'list', choices: ruleChoices },
  id: { kind: 'one', choices: providerChoices },
  code: { kind: 'one', choices: explanations.map(({ code, title }) => ({ value: code, description: title })) },
};

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** @returns what may follow an option that takes a value. */
export function valuesOfOption({ value }: OptionEntry): Values {
  if (value === null) return { kind: 'free' };
  if (value.choices !== null) return { kind: 'one', choices: value.choices.map(plain) };
  return byPlaceholder[value.placeholder] ?? { kind: 'free' };
}

/** @param commands the names that the `help` command takes. */
export function valuesOfOperand({ name }: OperandEntry, commands: readonly Choice[]): Values {
  if (name === 'shell') return { kind: 'one', choices: SHELLS.map(plain) };
  if (name === 'command') return { kind: 'one', choices: commands };
  return byPlaceholder[name] ?? { kind: 'free' };
}

function plain(value: string): Choice {
  return { value, description: '' };
}
