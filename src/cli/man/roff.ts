/** Text as roff (man macros) reads it, and the few macros a manual page needs. */

/**
 * @returns the text with nothing in it that roff would act on: a backslash is printed as one, a hyphen is the one that
 *   can be copied into a shell, and a line does not begin with a control character.
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

export const bold = (text: string): string => `\\fB${roffText(text)}\\fP`;
export const italic = (text: string): string => `\\fI${roffText(text)}\\fP`;

export const section = (title: string): string => `.SH ${macroArgument(title.toUpperCase())}`;
export const subsection = (title: string): string => `.SS ${macroArgument(title)}`;

/** A term, already roff, and what is said of it below, indented. */
export const entry = (term: string, text: string): string => `.TP\n${term}\n${roffText(text)}`;

/** Lines as they are typed, indented. */
export const example = (lines: readonly string[]): string =>
  ['.PP', '.nf', '.RS 4', ...lines.map(roffText), '.RE', '.fi'].join('\n');

export const paragraph = (text: string): string => `.PP\n${roffText(text)}`;

/** An argument of a macro: one word however many it has. */
export function macroArgument(text: string): string {
  return `"${roffText(text)}"`;
}
