/** Escapes text for roff, and writes the few man(7) macros that the manual page needs. */

/**
 * @returns the text on one line, escaped so that roff prints it as it is. A hyphen is printed as the ASCII character,
 *   so that it can be copied into a shell. The line does not begin with a control character.
 */
export function roffText(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.');
}

/** @returns the text in bold. */
export const bold = (text: string): string => `\\fB${roffText(text)}\\fP`;
/** @returns the text in italics. */
export const italic = (text: string): string => `\\fI${roffText(text)}\\fP`;

/** @returns the heading of a section, in capitals. */
export const section = (title: string): string => `.SH ${macroArgument(title.toUpperCase())}`;
/** @returns the heading of a subsection. */
export const subsection = (title: string): string => `.SS ${macroArgument(title)}`;

/** @returns a term with its description indented below it. The term must be roff already, the text must not. */
export const entry = (term: string, text: string): string => `.TP\n${term}\n${roffText(text)}`;

/** @returns an indented block of lines that keep their line breaks, such as commands. */
export const example = (lines: readonly string[]): string =>
  ['.PP', '.nf', '.RS 4', ...lines.map(roffText), '.RE', '.fi'].join('\n');

/** @returns a new paragraph. */
export const paragraph = (text: string): string => `.PP\n${roffText(text)}`;

/** @returns the text in quotes, so that roff takes all its words as one argument of a macro. */
export function macroArgument(text: string): string {
  return `"${roffText(text)}"`;
}
