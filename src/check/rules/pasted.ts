/**
 * Makes everything that a report prints to be pasted into a shell or opened in a browser. A command or link is of a type
 * that only this file makes, and it is made of values whose type was checked. A value that is not of its type makes no
 * command and no link: then the summary says in words what to do.
 *
 * Record lines have the same rule in standards/zone-file/line.ts.
 */
import type { ConfigurationLine } from '../../knowledge/mail-servers/configuration-line.ts';
import { type Placeholder, placeholderOf } from '../../knowledge/providers/placeholders.ts';
import type { CommandTemplate } from '../../knowledge/providers/schema.ts';
import { isHostName } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { presentationName } from '../../standards/zone-file/line.ts';
import { INVISIBLE } from '../../usage-error.ts';

declare const commandBrand: unique symbol;
declare const linkBrand: unique symbol;
declare const wordBrand: unique symbol;

/** A line for a POSIX shell, or for the configuration of a mail server. */
export type Command = string & { readonly [commandBrand]: true };

/** An address of the web: https, without characters that mean something elsewhere. */
export type Link = string & { readonly [linkBrand]: true };

/**
 * A value that is one plain word to every shell, with or without quotes around it, and in a comment, a URL and JSON:
 * letters, digits and `. : _ -`, the first one no hyphen.
 */
export type Word = string & { readonly [wordBrand]: true };

const PLAIN_WORD = /^[A-Za-z0-9_][A-Za-z0-9._:-]{0,254}$/;

function word(text: string): Word | undefined {
  return PLAIN_WORD.test(text) ? (text as Word) : undefined;
}

/** @returns the host name as a word, or `undefined` when the text is not one. */
export function hostName(text: string): Word | undefined {
  return isHostName(text) ? word(text) : undefined;
}

/** @returns the IP address as a word, or `undefined` when the text is not one. */
export function address(text: string | undefined): Word | undefined {
  const ip = text === undefined ? undefined : parseIp(text);
  // An IPv6 address may begin with colons, which no shell acts on either.
  return ip === undefined ? undefined : (ip as string as Word);
}

/**
 * @returns the DKIM selector as a word (RFC 6376 §3.1: labels of letters, digits and hyphens; underscores are in use
 *   too), or `undefined` when the text is not one.
 */
export function selectorName(text: string): Word | undefined {
  const isSelector = text.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  return isSelector ? word(text) : undefined;
}

/** @returns the name of an environment variable as a word, or `undefined` when the text is not one. */
export function variableName(text: string): Word | undefined {
  return /^[A-Z][A-Z0-9_]*$/.test(text) ? word(text) : undefined;
}

/**
 * Writes a command around words: `command\`postconf -e 'myhostname = ${hostName(name)}'\``.
 *
 * @returns the command alone, or nothing when a value is not of its type.
 */
export function command(parts: TemplateStringsArray, ...words: readonly (Word | undefined)[]): Command[] {
  let text = parts[0] ?? '';
  for (const [index, value] of words.entries()) {
    if (value === undefined) return [];
    text += `${value}${parts[index + 1] ?? ''}`;
  }
  return [text as Command];
}

/** Letters, digits and `. : _ - / = @ ,`. Any shell reads a text of these as one word. */
const BARE_WORD = /^[A-Za-z0-9_./-][A-Za-z0-9._:/=@,-]*$/;

/** Matches the marks with which a CI system begins a command. Reports escape them, and a command must stay as it is. */
const CI_COMMAND = /(?<!\S):(?=:)|#(?=#)/g;

/**
 * @returns the text as one word of a POSIX shell, quoted if necessary, or `undefined` when it has characters that no
 *   terminal shows.
 */
export function shellWord(text: string): string | undefined {
  if (text.search(INVISIBLE) >= 0) return undefined;
  if (BARE_WORD.test(text)) return text;
  // Two quotes next to each other are nothing to the shell, and they part the marks.
  return `'${text.replaceAll("'", "'\\''").replace(CI_COMMAND, "$&''")}'`;
}

/** @returns the command of these words, each quoted if necessary. Nothing when a word cannot be quoted. */
export function commandOf(words: readonly string[]): Command[] {
  const quoted = words.flatMap((text) => shellWord(text) ?? []);
  return quoted.length === words.length ? [quoted.join(' ') as Command] : [];
}

/** @returns lines that mailcheck knows by heart, as commands. */
export function knownLines(lines: readonly ConfigurationLine[]): Command[] {
  return lines.map((line) => line as string as Command);
}

/**
 * Writes the lines that set the name a mail server sends with.
 *
 * @returns the lines with the name in place of `{helo}`. Nothing when the text is no host name.
 */
export function linesWithName(lines: readonly ConfigurationLine[], name: string): Command[] {
  const word = hostName(name);
  return word === undefined ? [] : lines.map((line) => line.replaceAll('{helo}', word) as Command);
}

/** A command with the known values filled in. */
export interface FilledCommand {
  readonly text: Command;
  /** The `UPPER_CASE` names in the text that the user must replace, each with the words for it in brackets, if any. */
  readonly open: readonly string[];
}

/**
 * Fills a template of the provider data with values. A placeholder without value becomes an `UPPER_CASE` name, which a
 * shell also reads as a plain word. Angle brackets would redirect.
 *
 * @param words where the user finds the values, in words.
 */
export function fillCommand(
  template: CommandTemplate,
  values: Partial<Record<Placeholder, Word | undefined>>,
  words: Partial<Record<Placeholder, string | undefined>> = {},
): FilledCommand {
  const open = new Set<string>();
  const text = template.replace(/\{([A-Za-z0-9]+)\}/g, (whole, name: string) => {
    const placeholder = placeholderOf(name);
    if (placeholder === undefined) return whole;
    const value = values[placeholder];
    if (value !== undefined) return value;
    const stand = openName(placeholder);
    const where = words[placeholder];
    open.add(where === undefined ? stand : `${stand} (${where})`);
    return stand;
  });
  return { text: text as Command, open: [...open] };
}

/** @returns the `UPPER_CASE` name that stands for a value which the user has to put in. */
export function openName(placeholder: string): string {
  if (placeholder === 'helo') return 'HOST_NAME';
  return placeholder.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Letters, digits and the marks that an address of the web needs. A terminal ends a link at others. */
const PLAIN_LINK = /^https:\/\/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@=&%+,-]*)?$/;

/** @returns the links among the texts. What is not a plain address with https is left out, and so is `null`. */
export function links(...texts: readonly (string | null)[]): Link[] {
  return texts.flatMap((text) => (text !== null && PLAIN_LINK.test(text) ? [text as Link] : []));
}

/**
 * Matches what makes a shell run or redirect something in the middle of a sentence: a substitution, a backtick, a pipe,
 * an ampersand or semicolon that is not followed by a blank or a quotation mark, a redirection that is no `<word>`.
 */
const ACTIVE = /[$`|]|[;&](?![\s"'’”)]|$)|<(?![A-Za-z][A-Za-z -]*>)|(?<!<[A-Za-z][A-Za-z -]*)>/gu;

/** Matches what means something to a shell, and stands in our own sentences too. */
const SHARED = /[;&<>]/g;

/** Matches a text in which one of them may mean something to a shell. */
const RISKY = /[;&](?:\s|$)|[<>]/;

/** Matches the text of a DKIM or DMARC record, whose semicolons mean nothing else. The time is linear in its length. */
const TAG_LIST = /^\s*\w+\s*=[^;&<>]*(?:;\s*\w+\s*=[^;&<>]*)*(?:;\s*)?$/;

/**
 * @param seen what the sentence may repeat from the network.
 * @returns the sentence with everything made visible that a terminal or a shell would act on.
 */
export function inWords(sentence: string, seen: object): string {
  // A sentence may repeat some labels of a name only.
  const texts = textsIn(seen)
    .filter((text) => RISKY.test(text) && !TAG_LIST.test(text))
    .flatMap((text) => [text, ...text.split('.').filter((label) => RISKY.test(label))]);
  return texts
    .reduce((all, text) => all.replaceAll(text, text.replace(SHARED, decimal)), sentence)
    .replace(INVISIBLE, decimal)
    .replace(ACTIVE, decimal);
}

/** Writes a character as in a zone file (RFC 1035 §5.1), which is how tools for the DNS show it too. */
const decimal = (character: string): string => presentationName(character);

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
