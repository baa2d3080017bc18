/** Lines of commands and configuration that mailcheck knows by heart. They contain nothing from the network. */

declare const lineBrand: unique symbol;

/** A line that stands in this program, word for word. */
export type ConfigurationLine = string & { readonly [lineBrand]: true };

/** Each text is known when the program is compiled. A text that is made at run time does not fit. */
type Literals<T extends readonly string[]> = { readonly [K in keyof T]: string extends T[K] ? never : T[K] };

/** @returns the lines, in their order. */
export function lines<const T extends readonly string[]>(...texts: T & Literals<T>): readonly ConfigurationLine[] {
  return texts as readonly string[] as readonly ConfigurationLine[];
}

const MARK = '# not confirmed: compare these lines with the documentation of your version';

/** @returns the lines for a product whose documentation nobody has compared them with, after one that says so. */
export function unconfirmedLines<const T extends readonly string[]>(
  ...texts: T & Literals<T>
): readonly ConfigurationLine[] {
  return [...lines(MARK), ...lines(...texts)];
}
