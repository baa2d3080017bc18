/**
 * Generates the manual page mailcheck(1) from the definitions of the commands. The build writes the file (build.mjs).
 */

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
    entry(bold('NO_COLOR'), 'when it holds anything, no colours are used'),
    entry(
      bold('FORCE_COLOR'),
      'when it holds anything but 0 or false, colours are used, also where the output is no terminal',
    ),
    entry(bold('GITHUB_STEP_SUMMARY'), 'with the format github, the file that the job summary is appended to'),
    entry(
      bold('MAILCHECK_DEBUG'),
      'when it holds anything, the line about a bug in mailcheck is followed by where it happened',
    ),
    section('Files'),
    entry(
      EXTENSIONS.map((extension) => bold(`mailcheck.config${extension}`)).join(', '),
      `the configuration, searched for from the current folder up to the root of the repository, besides the key ${PACKAGE_KEY} of package.json; --config names another, --no-config reads none, --print-config says what a run would do`,
    ),
    section('Examples'),
    roffText('Names and addresses are those of documentation: put your own in their place.'),
    ...[tree, ...commands].flatMap((command) => examples(texts[command.name])),
    section('See also'),
    ['dig', 'openssl', 'swaks'].map((page) => `${bold(page)}(1)`).join(', '),
    paragraph('RFC 5321 (SMTP), RFC 7208 (SPF), RFC 6376 (DKIM), RFC 9989 (DMARC), RFC 5782 (block lists).'),
  ];
  return `${lines.join('\n')}\n`;
}

const NAME_LINE = 'check whether mail sent from an address for a domain will be accepted';
const ABOUT =
  'A check that could not be made is inconclusive, and never a pass. The report is printed on standard output, and nothing else is; progress and errors go to standard error.';
const KEYS = 'keys for block lists that ask for one; a key is shown nowhere, and refused on the command line';

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
