/**
 * Finds the places where a text names this package to npm, Node or an editor. The command `mailcheck`, the key of
 * package.json, the configuration files and folders named mailcheck are other things, and are not found.
 */

export interface PackageUse {
  readonly line: number;
  /** What is written there. */
  readonly text: string;
  readonly name: string;
}

/** Any spelling of the name, with or without scope or ending. `mailcheck-cli-0.1.0.tgz` and `mailcheck.xml` are files. */
const NAME = String.raw`(?<name>(?:@[\w-]+/)?mailcheck(?:-[a-z]+)*)(?![\w-]|\.\w)`;
/** Options and the blanks, commas and quotes that stand between words in a shell, in YAML and in JSON. */
const OPTIONS = String.raw`(?:[\s,"']+-[\w-]+(?:=[^\s,]+)?)*[\s,"']+`;
const START = String.raw`(?<![\w./@-])`;
const NPM_COMMANDS = 'install|i|add|exec|x|dlx|link|uninstall|update|view';
const EXPORTS = String.raw`(?:reports?|config)\.schema\.json|package\.json`;

const USES: readonly RegExp[] = [
  // The command of another package may follow its options: `npx --package=name -- mailcheck`.
  String.raw`\b(?:npx|bunx)(?!.*--package)${OPTIONS}${NAME}`,
  String.raw`\b(?:npm|pnpm|yarn|bun) (?:${NPM_COMMANDS})\b(?!.*--package)${OPTIONS}${NAME}`,
  String.raw`--package[=\s]["']?${NAME}`,
  // A version, a range or a variable; `mailcheck@example.com` is a mail address.
  String.raw`${START}${NAME}@(?=[\d^~<>=*]|latest\b|next\b|\$\{?\w*VERSION)`,
  String.raw`\b(?:from|import|import\(|require\(|require\.resolve\()\s*["'\`]${NAME}(?=["'\`/])`,
  String.raw`\bnode_modules/${NAME}(?=/|\b)`,
  String.raw`${START}${NAME}/(?:${EXPORTS})\b`,
  String.raw`\bnpmjs\.com/package/${NAME}`,
].map((source) => new RegExp(source, 'g'));

/** Every use in a text, by line. */
export function packageUses(text: string): PackageUse[] {
  return text.split('\n').flatMap((content, index) =>
    USES.flatMap((use) => [...content.matchAll(use)]).map((found) => ({
      line: index + 1,
      text: found[0].trim(),
      name: found.groups?.name ?? '',
    })),
  );
}
