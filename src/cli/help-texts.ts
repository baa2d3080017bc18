/** The texts below the options in the help of a command and in the manual page: examples and exit codes. */

/** The help texts of one command. */
export interface HelpText {
  readonly examples: readonly { readonly command: string; readonly says?: string }[];
  /** The meaning of each exit code. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** One more sentence about the command. */
  readonly note?: string;
}

/** The texts of each command, by its name. */
export const helpTexts: Readonly<Record<string, HelpText>> = {
  mailcheck: {
    examples: [
      { command: 'mailcheck example.com 203.0.113.5', says: 'test one address for a domain' },
      { command: 'mailcheck example.com 203.0.113.5 2001:db8::5', says: 'IPv4 and IPv6 of the same host' },
      { command: 'mailcheck example.com', says: 'the addresses of the domain’s MX hosts' },
      { command: 'mailcheck example.com 203.0.113.5 --helo mail.example.com --selector s1' },
      { command: 'mailcheck example.com 203.0.113.5 --format json --output report.json' },
      { command: 'mailcheck example.com 203.0.113.5 -f pretty -f junit=mailcheck.xml --fail-on warning' },
      { command: 'mailcheck example.com 203.0.113.5 --only spf,ptr --wait 10m', says: 'once the DNS has them' },
      { command: 'mailcheck example.com 203.0.113.5 --dns 192.0.2.53 --allow-inconclusive open-relay' },
      { command: 'source <(mailcheck completion bash)', says: 'complete options by Tab; zsh and fish too' },
    ],
    exitCodes: {
      0: 'nothing failed (warnings allowed)',
      1: 'a check failed (or warned, under --fail-on warning)',
      2: 'wrong usage or configuration, or a file that cannot be read or written',
      3: 'nothing failed, but something could not be checked',
      70: 'mailcheck itself has a bug: one line on stderr says how to report it',
    },
  },
  spf: {
    examples: [
      { command: 'mailcheck spf 203.0.113.5 user@example.com' },
      { command: 'mailcheck spf 2001:db8::5 example.com --helo mail.example.com --format json' },
      { command: "mailcheck spf 203.0.113.5 '<>' --helo mail.example.com" },
    ],
    exitCodes: { 0: 'pass', 1: 'any other result', 2: 'wrong usage', 3: 'temperror: the DNS did not answer' },
  },
  pool: {
    examples: [
      { command: 'mailcheck pool example.com 203.0.113.0/29' },
      { command: 'mailcheck pool example.com 203.0.113.5 198.51.100.7 --format json' },
    ],
    note: 'Keys for lists are read from the environment: SPAMHAUS_DQS_KEY, ABUSIX_API_KEY and others.',
    exitCodes: {
      0: 'no address is on a list that receivers refuse mail by',
      1: 'some address is',
      2: 'wrong usage',
      3: 'none is, but some list could not say',
    },
  },
  records: {
    examples: [
      { command: 'mailcheck records example.com 203.0.113.5' },
      { command: 'mailcheck records example.com 203.0.113.5 --generate-dkim mail.private.pem > proposed.zone' },
      { command: 'mailcheck example.com 203.0.113.5 --selector mail --zone proposed.zone' },
    ],
    exitCodes: {
      0: 'printed',
      2: 'wrong usage, or a file that cannot be read or written',
      3: 'printed, but the DNS did not say what is published',
    },
  },
  completion: {
    examples: [
      { command: 'source <(mailcheck completion bash)', says: 'in ~/.bashrc' },
      { command: 'source <(mailcheck completion zsh)', says: 'in ~/.zshrc, below compinit' },
      { command: 'mailcheck completion fish | source', says: 'in ~/.config/fish/config.fish' },
    ],
    exitCodes: { 0: 'printed', 2: 'wrong usage' },
  },
};

/** @returns the help text below the options of a command. It is empty for a command without texts. */
export function helpText(name: string): string {
  const text = helpTexts[name];
  if (text === undefined) return '';
  const examples = text.examples.map(({ command, says }) => `  $ ${says ? `${command.padEnd(49)} ${says}` : command}`);
  const codes = Object.entries(text.exitCodes).map(([code, meaning]) => `  ${code.padEnd(2)}  ${meaning}`);
  return ['', 'Examples:', ...examples, ...(text.note ? ['', text.note] : []), '', 'Exit codes:', ...codes].join('\n');
}
