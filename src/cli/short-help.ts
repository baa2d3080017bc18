/** The help of `-h`: the tasks and the options that most users need. It fits one screen of 80 by 24. */

/** The entries under one heading: what to type, and what it does. */
type Section = readonly [heading: string, entries: readonly (readonly [typed: string, does: string])[]];

const SECTIONS: readonly Section[] = [
  [
    'Check a server:',
    [
      ['mailcheck example.com 203.0.113.5', 'this domain from this address'],
      ['mailcheck example.com', 'from the addresses of its MX hosts'],
      ['mailcheck example.com --wait 10m', 'repeat until nothing fails'],
    ],
  ],
  [
    'Set up and fix:',
    [
      ['mailcheck init example.com', 'write a configuration file'],
      ['mailcheck records example.com 203.0.113.5', 'print the DNS records it needs'],
      ['mailcheck explain ptr/missing', 'explain a finding and its fix'],
    ],
  ],
  [
    'Common options:',
    [
      ['--helo <name>', 'HELO name that the server announces'],
      ['--selector <name>', 'DKIM selector in use'],
      ['--only <rules>, --skip <rules>', 'choose the checks'],
      ['--summary, --full', 'print less, or everything'],
      ['--json, --format <format[=file]>', 'JSON, JUnit, SARIF, HTML and others'],
      ['--fail-on <severity>', 'error (default), warning or never'],
    ],
  ],
];

/** @returns the short help of the program, with a final newline. */
export function shortHelp(): string {
  const width = Math.max(...SECTIONS.flatMap(([, entries]) => entries.map(([typed]) => typed.length)));
  return [
    'Can this server deliver mail for this domain? If not, what has to change?',
    '',
    ...SECTIONS.flatMap(([heading, entries], index) => [
      ...(index === 0 ? [] : ['']),
      heading,
      ...entries.map(([typed, does]) => `  ${typed.padEnd(width)}  ${does}`),
    ]),
    '',
    'All commands and options: mailcheck --help',
    '',
  ].join('\n');
}

/** The help of `mailcheck` alone: how to begin. */
export const FIRST_STEPS = `Can this server deliver mail for this domain? If not, what has to change?

  mailcheck example.com 203.0.113.5             check a domain and an address
  mailcheck example.com                         check the addresses of its MX hosts
  mailcheck init example.com                    write a configuration file

More: mailcheck -h (short), mailcheck --help (all options)
`;
