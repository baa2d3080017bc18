/**
 * Tests the commands for PowerShell. A reader of its own takes them as PowerShell 5.1 and 7.3 do, and makes the command
 * line that a program for Windows gets. What the program then finds must be what a POSIX shell would have given it.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commandOf } from '../../src/check/rules/pasted.ts';
import { usesPowerShell } from '../../src/cli/terminal/look.ts';
import { powerShellCommand } from '../../src/cli/terminal/powershell.ts';
import { dnsHosts } from '../../src/knowledge/dns-hosts/catalogue.ts';
import { providers } from '../../src/knowledge/providers/catalogue.ts';
import fc from '../fast-check.ts';
import { runs } from '../sample.ts';

type Version = '5.1' | '7.3';

/** @returns the words that each program of a PowerShell line finds. A variable is `<NAME>`, the output of commands `<words>`. */
function programsOf(line: string, version: Version): string[][] {
  const block = /^& \{ \$PSNativeCommandArgumentPassing = 'Legacy'; (.*) \}$/.exec(line)?.[1];
  const isLegacy = version === '5.1' || block !== undefined;
  let rest = block ?? line;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    rest = rest.slice(found?.length ?? 0);
    return found;
  };
  const value = (): string | undefined => {
    const variable = take(/^\$\{env:\w+\}/);
    if (variable !== undefined) return `<${variable.slice(6, -1)}>`;
    if (take(/^\$\(/) === undefined) return undefined;
    const inner = statements();
    if (take(/^\)/) === undefined) throw new Error(`no end of a substitution: ${rest}`);
    return `<${inner.flat().join('|')}>`;
  };
  const word = (): string => {
    const single = take(/^['‘’‚‛](?:[^'‘’‚‛]|['‘’‚‛]{2})*['‘’‚‛]/);
    if (single !== undefined) return single.slice(1, -1).replace(/(['‘’‚‛])\1/g, '$1');
    if (take(/^["“”„]/) === undefined) {
      const bare = value() ?? take(/^[A-Za-z0-9_./:=-]+/);
      if (bare === undefined) throw new Error(`no word: ${rest}`);
      // A parameter ends at a dot or colon.
      if (/^-.*[.:]/.test(bare)) throw new Error(`two words: ${bare}`);
      return bare;
    }
    let text = '';
    while (take(/^["“”„]/) === undefined) {
      const part = take(/^`./s)?.slice(1) ?? value() ?? take(/^[^`$"“”„]+/);
      if (part === undefined) throw new Error(`no end of a text: ${rest}`);
      text += part;
    }
    return text;
  };
  const statements = (): string[][] => {
    const words = [word()];
    while (take(/^ (?!\})/) !== undefined) words.push(word());
    const own = [isLegacy ? found(legacyLine(words)) : words];
    if (take(/^; if \(\$\?\) \{ /) === undefined) return own;
    const after = statements();
    if (take(/^ \}/) === undefined) throw new Error(`no end of a block: ${rest}`);
    return [...own, ...after];
  };
  const all = statements();
  if (rest !== '') throw new Error(`more than a command: ${rest}`);
  return all;
}

/** @returns the command line that PowerShell makes before 7.3: a word with a blank outside of quotation marks gets some. */
function legacyLine(words: readonly string[]): string {
  const shown = words
    .filter((word) => word !== '')
    .map((word) => {
      let quotes = 0;
      let needsQuotes = false;
      for (const [index, character] of [...word].entries()) {
        if (character === '"' && [...word][index - 1] !== '\\') quotes += 1;
        if (/\s/.test(character) && quotes % 2 === 0) needsQuotes = true;
      }
      return needsQuotes ? `"${word}${word.endsWith('\\') ? '\\' : ''}"` : word;
    });
  return shown.join(' ');
}

/** @returns the words that a program finds in its command line, by the rules of Microsoft's C runtime. */
function found(line: string): string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    let text = '';
    let isQuoted = false;
    while (rest !== '' && (isQuoted || !/^[ \t]/.test(rest))) {
      const [, slashes = '', quote = ''] = /^(\\*)("?)/.exec(rest) ?? [];
      if (slashes === '' && quote === '') {
        text += rest[0];
        rest = rest.slice(1);
        continue;
      }
      rest = rest.slice(slashes.length + quote.length);
      const isEscaped = quote !== '' && slashes.length % 2 === 1;
      text += quote === '' ? slashes : '\\'.repeat(Math.floor(slashes.length / 2)) + (isEscaped ? '"' : '');
      if (quote !== '' && !isEscaped) isQuoted = !isQuoted;
    }
    words.push(text);
    rest = rest.trimStart();
  }
  return words;
}

const PATHS: Readonly<Record<string, string>> = { 'curl.exe': 'curl' };
const both = (line: string): string[][] => {
  const [old, recent] = (['5.1', '7.3'] as const).map((version) => programsOf(line, version));
  expect(recent).toEqual(old);
  return (old ?? []).map(([program = '', ...words]) => [PATHS[program] ?? program, ...words]);
};

/** @returns for each line the words that each of its programs gets from a POSIX shell. */
function programsInShell(lines: readonly string[]): string[][][] {
  const all = lines.join('\n');
  const names = new Set([...all.matchAll(/(?:^|&& )([\w-]+)/gm)].map(([, name = '']) => name));
  const script = [
    'say() { printf "%s\\0" "$@"; printf "\\0"; }',
    ...[...names].map((name) => `${name}() { say ${name} "$@"; }`),
    ...lines.flatMap((line) => [line, 'printf "\\n\\n"']),
  ].join('\n');
  const variables = Object.fromEntries([...all.matchAll(/\$([A-Z_]+)/g)].map(([, name = '']) => [name, `<${name}>`]));
  const said = execFileSync('bash', ['--norc', '-c', script], { env: variables, encoding: 'utf8' });
  const programs = said.split('\n\n').map((text) => text.split('\0\0').slice(0, -1));
  return programs.slice(0, -1).map((texts) => texts.map((text) => text.split('\0')));
}

test('the reader takes text as PowerShell does', () => {
  expect(programsOf(`a 'it''s' "\${env:B}\`$" --c; if ($?) { d }`, '7.3')).toEqual([
    ['a', "it's", '<B>$', '--c'],
    ['d'],
  ]);
  // 5.1 loses quotation marks and empty words, and 7.3 keeps them.
  expect(programsOf("a '{\"b\":1}' ''", '5.1')).toEqual([['a', '{b:1}']]);
  expect(programsOf("a '{\"b\":1}' ''", '7.3')).toEqual([['a', '{"b":1}', '']]);
  expect(() => programsOf('a && b', '5.1')).toThrow();
  expect(() => programsOf('a --b=c.d -e.f', '5.1')).toThrow();
});

describe('a command for PowerShell', () => {
  test.each<[what: string, posix: string, powerShell: string]>([
    [
      'is the same if it has plain words alone',
      'mailcheck example.com 203.0.113.5 --on-host',
      'mailcheck example.com 203.0.113.5 --on-host',
    ],
    [
      'reads the environment, and is no alias',
      'curl -X DELETE https://api.example/1 -H "X-Key: $API_KEY:$API_SECRET"',
      `curl.exe -X DELETE https://api.example/1 -H "X-Key: \${env:API_KEY}:\${env:API_SECRET}"`,
    ],
    [
      'keeps quotation marks in every version',
      `aws route53 change --change-batch '{"a":"\\"v=spf1 -all\\""}'`,
      `& { $PSNativeCommandArgumentPassing = 'Legacy'; aws route53 change --change-batch '{\\"a\\":\\"\\\\\\"v=spf1 -all\\\\\\"\\"}' }`,
    ],
    ['has no &&', "ovhcloud a 'b c' && ovhcloud d", "ovhcloud a 'b c'; if ($?) { ovhcloud d }"],
    ['doubles an apostrophe', "vercel dns add a 'it'\\''s'", "vercel dns add a 'it''s'"],
    [
      'runs a command in another',
      `az network update --ids $(az list --query "[?ip=='203.0.113.5'].id" --output tsv) --fqdn a.example.`,
      `az network update --ids "$(az list --query '[?ip==''203.0.113.5''].id' --output tsv)" --fqdn a.example.`,
    ],
    [
      'is marked if a batch file would not take it',
      "vercel dns add a 'b & c'",
      "# for bash, such as Git Bash or WSL: vercel dns add a 'b & c'",
    ],
    [
      'is as it was on a mail server',
      `postconf -e "a = $b" && systemctl restart postfix`,
      `postconf -e "a = $b" && systemctl restart postfix`,
    ],
    [
      'is as it was on a name server',
      "knotc zone-begin 'a' && knotc zone-commit a",
      "knotc zone-begin 'a' && knotc zone-commit a",
    ],
    ['is as it was in a configuration', 'pki mail cert "/etc/ssl/mail.pem"', 'pki mail cert "/etc/ssl/mail.pem"'],
  ])('%s', (_, posix, powerShell) => {
    expect(powerShellCommand(posix)).toBe(powerShell);
  });

  test('gives the program every word that it gets from a POSIX shell', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...`'"\\ $\`;{}()@,#~:-=.‘”ab`), maxLength: 12 }),
    );
    let judged = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const [command] = commandOf(['curl', ...words]);
        if (command === undefined) return;
        const line = powerShellCommand(command);
        if (line.startsWith('# for bash')) {
          expect(words.some((text) => text.endsWith('\\'))).toBe(true);
          return;
        }
        judged += 1;
        expect(both(line)).toEqual([['curl', ...words]]);
      }),
      { numRuns: runs(2000) },
    );
    expect(judged).toBeGreaterThan(50);
  });

  test.each(["az x --value 'v=spf1 x)ver'", "az x --value 'a(b'", "az x --value 'a!b'", "az x --value 'a%b'"])(
    'what a batch file would take for its own is a comment: %s',
    (command) => {
      expect(powerShellCommand(command)).toBe(`# for bash, such as Git Bash or WSL: ${command}`);
    },
  );

  test('a quotation mark in an inner command is escaped too', () => {
    const line = powerShellCommand(`az a --ids $(az b --q 'x"y') --z`);
    expect(line).toBe(`& { $PSNativeCommandArgumentPassing = 'Legacy'; az a --ids "$(az b --q 'x\\"y')" --z }`);
  });

  const templates = [
    ...dnsHosts.filter(({ kind }) => kind === 'service').flatMap(({ commands }) => commands),
    ...providers.flatMap(({ ptr }) => ptr.commands),
  ].map(({ text }) =>
    text
      .replaceAll('{body}', `'{"a":["it'\\''s \\"b c\\""],"d":"v=DMARC1; p=none"}'`)
      .replaceAll('{each}', `'"a" b' c`)
      .replaceAll(/\{(\w+)\}/g, 'VALUE'),
  );

  test('does the same for every command of the data', () => {
    expect(templates.length).toBeGreaterThan(60);
    const inShell = programsInShell(templates.map((command) => command.replaceAll(/\$\([^)]*\)/g, 'OUTPUT')));
    const here = templates.map((command) =>
      both(powerShellCommand(command)).map((words) => words.map((text) => text.replace(/<[^>]*\|[^>]*>/, 'OUTPUT'))),
    );
    expect(here).toEqual(inShell);
  });
});

test('PowerShell is the shell of Windows, unless mailcheck was started from another', () => {
  expect(usesPowerShell('win32', {})).toBe(true);
  expect(usesPowerShell('win32', { MSYSTEM: 'MINGW64' })).toBe(false);
  expect(usesPowerShell('win32', { SHELL: '/usr/bin/bash' })).toBe(false);
  expect(usesPowerShell('linux', { PSModulePath: '/opt' })).toBe(false);
});
