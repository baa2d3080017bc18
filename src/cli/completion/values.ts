/**
 * Decides which values a shell can offer for an option or operand. The key is the name of the value in the help: the
 * placeholder of the option, or the name of the operand.
 */

import { rules } from '../../check/rules/index.ts';
import { dnsHosts } from '../../knowledge/dns-hosts/catalogue.ts';
import { providers } from '../../knowledge/providers/catalogue.ts';
import { fleetFormats } from '../../reporters/fleet/index.ts';
import { formats } from '../../reporters/formats.ts';
import type { OperandEntry, OptionEntry } from '../command-tree.ts';
import { explanations } from '../explain/explanations.ts';
import { PLAN_FORMATS } from '../plan-file/formats.ts';

/** One value and its description. */
export interface Choice {
  readonly value: string;
  readonly description: string;
}

/** The possible values of an option or argument. */
export type Values =
  /** A name or number that only the user knows, so there is nothing to offer. */
  | { readonly kind: 'free' }
  | { readonly kind: 'file' }
  | { readonly kind: 'one'; readonly choices: readonly Choice[] }
  /** Several of the choices, separated by commas. */
  | { readonly kind: 'list'; readonly choices: readonly Choice[] }
  /** One of the choices, optionally followed by `=` and a file. */
  | { readonly kind: 'one=file'; readonly choices: readonly Choice[] }
  /** A file, or one of the choices, which end in `=`, followed by a file. */
  | { readonly kind: 'file or one=file'; readonly choices: readonly Choice[] };

const ruleChoices: readonly Choice[] = rules.map(({ id, title }) => ({
  value: id,
  description: title,
}));
const providerChoices: readonly Choice[] = providers.map(({ id, name }) => ({ value: id, description: name }));
const dnsHostValues: Values = {
  kind: 'one',
  choices: dnsHosts.map(({ id, name }) => ({ value: id, description: name })),
};

const byPlaceholder: Readonly<Record<string, Values>> = {
  file: { kind: 'file' },
  folder: { kind: 'file' },
  'format[=file]': { kind: 'one=file', choices: formats.map((format) => plain(format)) },
  'format[=place]': { kind: 'one=file', choices: fleetFormats.map((format) => plain(format)) },
  '[format=]file': {
    kind: 'file or one=file',
    choices: PLAN_FORMATS.map(({ id, title }) => ({ value: `${id}=`, description: title })),
  },
  rules: { kind: 'list', choices: ruleChoices },
  id: { kind: 'one', choices: providerChoices },
  code: { kind: 'one', choices: explanations.map(({ code, title }) => ({ value: code, description: title })) },
};

/** The shells that have a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** @returns the possible values of an option. They are `free` for an option without a value. */
export function valuesOfOption({ names, value }: OptionEntry): Values {
  if (value === null) return { kind: 'free' };
  if (names.includes('--dns-host')) return dnsHostValues;
  if (value.choices !== null) return { kind: 'one', choices: value.choices.map(plain) };
  return byPlaceholder[value.placeholder] ?? { kind: 'free' };
}

/**
 * @param of the name of the command that has the operand.
 * @param commands the names of the commands, which are the values of the operand of `help`.
 * @returns the possible values of an operand.
 */
export function valuesOfOperand({ name }: OperandEntry, of: string, commands: readonly Choice[]): Values {
  if (of === 'dns-hosts') return dnsHostValues;
  if (name === 'shell') return { kind: 'one', choices: SHELLS.map(plain) };
  if (name === 'command') return { kind: 'one', choices: commands };
  return byPlaceholder[name] ?? { kind: 'free' };
}

function plain(value: string): Choice {
  return { value, description: '' };
}
