/**
 * Makes untrusted text safe to print. A string from the network may try to move the cursor, forge a line of the report
 * or reverse the reading direction.
 */
import { INVISIBLE } from '../usage-error.ts';

// The pattern matches text that a CI system would execute as a command. GitHub reads `::name::` and `::name
// key=value::` at the beginning of a line, where wrapping may put any word. Older GitHub, Azure and TeamCity read
// `##[name]`, `##vso[name]` and `##teamcity[name`. The name must have a letter beyond f, so that the pattern does not
// match an IPv6 address.
const COMMAND = /(?<!\S):(?=:[a-z-]*[g-z-][a-z-]*(?:\s|::|$))|#(?=#[a-z]*\[)/gi;

/** The most characters of one string that a report shows. */
const MAX_SHOWN = 2000;

/**
 * @returns `text` on one line. Every control, direction or invisible character is written as `\xNN` or `\u{NNNN}`, and
 *   so is the first character of a command for a CI system. A text of more than 2000 characters is cut, with a note.
 */
export function printable(text: string): string {
  return visibly(text, MAX_SHOWN);
}

function visibly(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  return cut.replace(INVISIBLE, visible).replace(COMMAND, visible);
}

/** The most characters of a record or command. A TXT record has at most 65535 octets, each at most four characters. */
const MAX_COPYABLE = 300_000;

/** @returns a record, command or link, which must be whole to be copied, as `printable` shows text. */
export function copyable(text: string): string {
  return visibly(text, MAX_COPYABLE);
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
