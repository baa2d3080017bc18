/**
 * Makes untrusted text safe to show: every string that came from the network may try to move the cursor, forge a line
 * of the report or reverse the reading direction.
 */

// C0 and C1 controls, DEL; line and paragraph separators; bidirectional and zero-width marks; lone surrogates; BOM.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

// What a CI system takes for a command in a log: `::name::` or `::name key=value::` at the beginning of a line, where
// wrapping may put any word (GitHub), and `##[name]`, `##vso[name]`, `##teamcity[name` (GitHub of old, Azure, TeamCity).
// The name has a letter that no IPv6 address has.
const COMMAND = /(?<!\S):(?=:[a-z-]*[g-z-][a-z-]*(?:\s|::|$))|#(?=#[a-z]*\[)/gi;

/** Longest piece of one string a report shows, in characters. */
const MAX_SHOWN = 2000;

/**
 * @returns `text` on one line with every control, escape, direction or invisible character written as `\xNN` or
 *   `\u{NNNN}`, so is the beginning of what a CI system would take for a command; cut with a note where it is absurdly
 *   long.
 */
export function printable(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text;
  return cut.replace(UNSAFE, visible).replace(COMMAND, visible);
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
