/**
 * Generates the manual page mailcheck(1) from the definitions of the commands. The build writes the file (build.mjs).
 */

import { PASSWORD_VARIABLE, USERNAME_VARIABLE } from '../../fleet/queue/address.ts';
import { keyVariables } from '../../knowledge/lists/catalogue.ts';
import { type CommandTree, commandTree, type OptionEntry } from '../command-tree.ts';
import { EXTENSIONS, PACKAGE_KEY } from '../config/source.ts';
import { type HelpText, helpTexts } from '../help-texts.ts';
import { buildProgram } from '../program.ts';
import { bold, entry, example, italic, macroArgument, paragraph, roffText, section, subsection } from './roff.ts';

/**
 * @param date the day of the build, such as `2026-01-31`.
 * @returns the page of the program, in the macros of man(7).
 */
export function manualPage(version: string, date: string): string {
  return pageOf(commandTree(buildProgram()), helpTexts, version, date);
}

/**
 * @param texts the help texts of each command, by its name.
 * @param date the day of the build, such as `2026-01-31`.
 * @returns the manual page of a command tree, in the macros of man(7).
 */
export function pageOf(
  tree: CommandTree,
  texts: Readonly<Record<string, HelpText>>,
  version: string,
  date: string,
): string {
  const { name, commands } = tree;
  const lines = [
    `.TH ${macroArgument(name.toUpperCase())} 1 "${date}" ${macroArgument(`${name} ${version}`)} "User Commands"`,
    section('Name'),
    `${roffText(name)} \\- ${roffText(NAME_LINE)}`,
    section('Synopsis'),
    ...[tree, ...commands].map((command, index) => `${index === 0 ? '' : '.br\n'}${synopsis(command, name)}`),
    section('Description'),
    roffText(tree.description),
    paragraph(ABOUT),
    section('Options'),
    ...groupsOf(tree.options).flatMap(([group, options]) => [subsection(group), ...options.map(optionLines)]),
    section('Commands'),
    ...commands.flatMap((command) => [
      subsection(`${name} ${command.name}`),
      roffText(`${capital(command.description)}.`),
      ...command.operands.map((operand) => entry(italic(operand.name), operand.description)),
      ...command.options.filter(({ names }) => !names.includes('--help')).map(optionLines),
    ]),
    section('Exit status'),
    ...exitCodes(texts[name]),
    ...commands.flatMap((command) =>
      texts[command.name] === undefined
        ? []
        : [subsection(`${name} ${command.name}`), ...exitCodes(texts[command.name])],
    ),
    section('Environment'),
    entry(keyVariables().map(bold).join(', '), KEYS),
    entry(
      [USERNAME_VARIABLE, PASSWORD_VARIABLE].map(bold).join(', '),
      'who logs in at the Redis of --queue; neither is ever shown',
    ),
    entry(bold('COLUMNS'), 'the width of the output if it is not a terminal; at most 100 columns are used'),
    entry(bold('NO_COLOR'), 'if it is not empty, no colours are used; --color and --no-color override it'),
    entry(bold('FORCE_COLOR'), 'if it is not empty, 0 or false, colours are used even if the output is not a terminal'),
    entry(bold('GITHUB_STEP_SUMMARY'), 'the file that the format github appends the job summary to'),
    entry(
      bold('MAILCHECK_DEBUG'),
      'if it is not empty, an error message about a bug in mailcheck also shows where it happened',
    ),
    section('Files'),
    entry(
      EXTENSIONS.map((extension) => bold(`mailcheck.config${extension}`)).join(', '),
      `the configuration file; mailcheck looks for it, and for the key ${PACKAGE_KEY} of package.json, from the current folder up to the root of the repository. --config names another file, --no-config reads none, --print-config shows the settings of a run`,
    ),
    section('Examples'),
    roffText('Replace the domain names and addresses by your own.'),
    ...[tree, ...commands].flatMap((command) => examples(texts[command.name])),
    section('See also'),
    ['dig', 'openssl', 'swaks'].map((page) => `${bold(page)}(1)`).join(', '),
    paragraph('RFC 5321 (SMTP), RFC 7208 (SPF), RFC 6376 (DKIM), RFC 9989 (DMARC), RFC 5782 (block lists).'),
  ];
  return `${lines.join('\n')}\n`;
}

const NAME_LINE = 'check whether a server can deliver mail for a domain';
const ABOUT =
  'A check that could not run is inconclusive, never a pass. Only the report is printed on standard output; progress and errors go to standard error.';
const KEYS = 'keys of block lists that need one; a key is never shown, and the command line does not accept it';

function synopsis(command: CommandTree, program: string): string {
  const name = command.name === program ? bold(program) : bold(`${program} ${command.name}`);
  return `${name} ${italic(command.usage)}`;
}

function groupsOf(options: readonly OptionEntry[]): [group: string, options: OptionEntry[]][] {
  const groups = new Map<string, OptionEntry[]>();
  for (const option of options) groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  return [...groups];
}

function optionLines({ names, value, description }: OptionEntry): string {
  const shown =
    value === null ? '' : value.optional ? ` [${italic(value.placeholder)}]` : ` ${italic(value.placeholder)}`;
  return entry(`${names.map(bold).join(', ')}${shown}`, description);
}

function exitCodes(text: HelpText | undefined): string[] {
  return Object.entries(text?.exitCodes ?? {}).map(([code, meaning]) => entry(bold(code), meaning));
}

function examples(text: HelpText | undefined): string[] {
  return (text?.examples ?? []).flatMap(({ command, says }) => [
    ...(says === undefined ? [] : [paragraph(`${capital(says)}:`)]),
    example([command]),
  ]);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
