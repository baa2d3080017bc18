/**
 * Writes commands for PowerShell, in which they work as pasted in 5.1 and 7. The report has them for a POSIX shell. Only
 * commands that are typed on the reader's own machine are changed: those of DNS hosts, of providers and of mailcheck.
 * What is typed on a mail server or name server stays as it is.
 */
import { dnsHosts } from '../../knowledge/dns-hosts/catalogue.ts';
import { providers } from '../../knowledge/providers/catalogue.ts';

/** A part of a word: text, a variable of the environment by name, or the output of commands. */
type Part = string | { readonly variable: string } | { readonly run: Line };
type Word = readonly Part[];
/** Commands of which each runs if the one before it has succeeded (`&&`), as words. */
type Line = readonly (readonly Word[])[];

/** Begins a line with a command that cannot be written for PowerShell. The line is a comment there, so nothing of it runs. */
const FOR_BASH = '# for bash, such as Git Bash or WSL: ';

/** @returns the command in the form for PowerShell, or a comment with the command if there is no such form. */
export function powerShellCommand(command: string): string {
  const program = /^\S+/.exec(command)?.[0] ?? '';
  if (!ownPrograms().has(program)) return command;
  const line = new Reader(command).line();
  return (line && written(line)) ?? `${FOR_BASH}${command}`;
}

let known: ReadonlySet<string> | undefined;

/** Returns the programs that the reader runs on the own machine. */
function ownPrograms(): ReadonlySet<string> {
  const templates = [
    ...dnsHosts.filter(({ kind }) => kind === 'service').flatMap(({ commands }) => commands),
    ...providers.flatMap(({ ptr }) => ptr.commands),
  ];
  known ??= new Set(['mailcheck', ...templates.map(({ text }) => text.replace(/\s.*$/s, ''))]);
  return known;
}

/** Reads the part of the POSIX shell that our commands use: words with quotes, variables and `$(…)`, joined by `&&`. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the commands up to the end, or `undefined` for anything else that means something to a shell. */
  line(isInner = false): Line | undefined {
    const commands: Word[][] = [[]];
    for (;;) {
      this.#take(/ +/y);
      const words = commands.at(-1) ?? [];
      if (this.#at === this.#text.length || (isInner && this.#text[this.#at] === ')')) {
        return words.length === 0 ? undefined : commands;
      }
      if (this.#take(/&&/y) !== undefined) {
        if (words.length === 0) return undefined;
        commands.push([]);
        continue;
      }
      const word = this.#word();
      // `NAME=value command` sets a variable.
      if (word === undefined || (words.length === 0 && /^\w+=/.test(String(word[0])))) return undefined;
      words.push(word);
    }
  }

  #word(): Word | undefined {
    const parts: Part[] = [''];
    const start = this.#at;
    while (this.#at < this.#text.length && !/[ )&]/.test(this.#text[this.#at] ?? '')) {
      const plain = this.#take(/[\w./:=@,%+^{}-]+/y) ?? this.#take(/'([^']*)'/y)?.slice(1, -1) ?? this.#escaped();
      const part = plain ?? this.#value();
      if (part !== undefined) parts.push(part);
      else if (this.#take(/"/y) === undefined || !this.#quoted(parts)) return undefined;
    }
    return this.#at === start ? undefined : parts;
  }

  #quoted(parts: Part[]): boolean {
    while (this.#take(/"/y) === undefined) {
      const part = this.#take(/[^"$\\`]+/y) ?? this.#take(/\\["$\\`]/y)?.slice(1) ?? this.#value();
      if (part === undefined) return false;
      parts.push(part);
    }
    return true;
  }

  #escaped(): string | undefined {
    return this.#take(/\\./y)?.slice(1);
  }

  #value(): Part | undefined {
    const variable = this.#take(/\$[A-Za-z_]\w*/y);
    if (variable !== undefined) return { variable: variable.slice(1) };
    if (this.#take(/\$\(/y) === undefined) return undefined;
    const run = this.line(true);
    return run === undefined || this.#take(/\)/y) === undefined ? undefined : { run };
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

/** Before 7.3, PowerShell leaves out empty words, and takes quotation marks out of the others unless they are escaped. */
const NEEDS_ESCAPE = /^$|"/;

/**
 * Returns the commands. Since 7.3 PowerShell escapes quotation marks by itself, and a variable turns that off. The block
 * keeps the variable from what is typed later.
 */
function written(line: Line): string | undefined {
  const text = chain(line);
  if (text === undefined) return undefined;
  return textsOf(line).some((word) => NEEDS_ESCAPE.test(word))
    ? `& { $PSNativeCommandArgumentPassing = 'Legacy'; ${text} }`
    : text;
}

/** Returns the text of each word, of inner commands too. What is only known when the command runs stands as `x`. */
function textsOf(line: Line): string[] {
  return line
    .flat()
    .flatMap((word) => [
      word.map((part) => (typeof part === 'string' ? part : 'x')).join(''),
      ...word.flatMap((part) => (typeof part !== 'string' && 'run' in part ? textsOf(part.run) : [])),
    ]);
}

/** Returns the commands without `&&`, which 5.1 does not know. */
function chain([first, ...rest]: Line): string | undefined {
  if (first === undefined) return '';
  // In 5.1 the name without its ending is another command.
  const isCurl = first[0]?.join('') === 'curl';
  const words = first.map((word) => wordOf(word, isCurl));
  const after = chain(rest);
  if (after === undefined || words.includes(undefined)) return undefined;
  const command = words.join(' ').replace(/^curl(?= )/, 'curl.exe');
  return after === '' ? command : `${command}; if ($?) { ${after} }`;
}

/** Words that are the same in every shell. Others with a hyphen in front may be split at a dot or colon. */
const PLAIN = /^(?:--?[A-Za-z][\w-]*|[\w/.][\w/.:-]*)$/;

function wordOf(parts: Word, isCurl: boolean): string | undefined {
  const texts = parts.filter((part) => typeof part === 'string').join('');
  // Many of these programs are batch files, in which quotes do not hide these characters. curl is none.
  if (!isCurl && /[&|<>^%()!]/.test(texts)) return undefined;
  // A backslash at the end would hide the quotation mark behind it.
  if (/[\r\n]/.test(texts) || texts.endsWith('\\')) return undefined;
  if (parts.every((part) => typeof part === 'string')) {
    if (PLAIN.test(texts)) return texts;
    if (texts === '') return `'""'`;
    // PowerShell ends a text at any of these marks, which it takes for the same.
    return `'${forProgram(texts).replace(/['‘’‚‛]/g, '$&$&')}'`;
  }
  const inner = parts.map((part) => {
    if (typeof part === 'string') return forProgram(part).replace(/[`$"“”„]/g, '`$&');
    if ('variable' in part) return `\${env:${part.variable}}`;
    const run = chain(part.run);
    return run && `$(${run})`;
  });
  return inner.includes(undefined) ? undefined : `"${inner.join('')}"`;
}

/** Returns a text as a program for Windows reads it from its command line. */
function forProgram(text: string): string {
  return text.replace(/(\\*)"/g, '$1$1\\"');
}
