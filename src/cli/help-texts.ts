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
      { command: 'mailcheck example.com 203.0.113.5', says: 'check one address for a domain' },
      { command: 'mailcheck example.com 203.0.113.5 2001:db8::5', says: 'check IPv4 and IPv6 of one server' },
      { command: 'mailcheck example.com', says: 'check the addresses of the MX hosts' },
      { command: 'mailcheck example.com 203.0.113.5 --helo mail.example.com --selector s1' },
      { command: 'mailcheck example.com 203.0.113.5 --json --output report.json' },
      { command: 'mailcheck example.com 203.0.113.5 -f pretty -f junit=mailcheck.xml --fail-on warning' },
      { command: 'mailcheck example.com --only spf,ptr --wait 10m', says: 'wait for new DNS records' },
      { command: 'mailcheck example.com 203.0.113.5 --zone new.zone', says: 'judge a change of DNS' },
      { command: 'mailcheck example.com 203.0.113.5 --dns 192.0.2.53 --allow-inconclusive open-relay' },
      { command: 'mailcheck example.com 203.0.113.5 --plan plan.tf', says: 'write the DNS changes as Terraform' },
      { command: 'source <(mailcheck completion bash)', says: 'complete options with Tab (also zsh, fish)' },
    ],
    note: [
      'Checks: dns, ptr, helo, spf, dkim, dmarc, rbl, provider, egress, open-relay, tls, mx,',
      '  dnssec, dane, mta-sts, tls-rpt, bimi, asked (with --ask-receivers), receiver',
    ].join('\n'),
    exitCodes: {
      0: 'no check failed (warnings are allowed)',
      1: 'a check failed, or warned with --fail-on warning',
      2: 'wrong usage or configuration, or a file that cannot be read or written',
      3: 'no check failed, but a check could not run',
      70: 'a bug in mailcheck; one line on stderr says how to report it',
    },
  },
  fleet: {
    examples: [
      { command: 'mailcheck fleet hosts.csv', says: 'one line per target, then totals and causes' },
      { command: 'mailcheck fleet hosts.csv --state state', says: 'go on where an interrupted run was' },
      { command: 'mailcheck fleet hosts.csv -f list -f ndjson=all.ndjson', says: 'also keep every report' },
      { command: 'mailcheck fleet hosts.csv --tags prod --failed-only' },
      { command: 'mailcheck fleet - -f csv=result.csv < hosts.csv' },
    ],
    note: [
      'CSV has a header: domain,ips,helo,selectors,provider,tags. Only domain is needed. Other columns are tags.',
      'NDJSON has an object with these members a line. Several values in a cell are separated by blanks.',
    ].join('\n'),
    exitCodes: {
      0: 'no target failed (warnings are allowed)',
      1: 'a target failed, or warned with --fail-on warning',
      2: 'wrong usage, lines that are no target, or a file that cannot be read or written',
      3: 'no target failed, but some check could not run',
      130: 'ended by Ctrl-C (143: by SIGTERM); with --state, the same command goes on',
    },
  },
  worker: {
    examples: [
      { command: 'mailcheck worker --queue redis://queue.example.net/' },
      { command: 'mailcheck worker --queue rediss://queue.example.net:6380/ --concurrency 32', says: 'over TLS' },
    ],
    note: [
      'It needs the packages bullmq and ioredis: npm install bullmq ioredis',
      'Name and password are read from MAILCHECK_REDIS_USERNAME and MAILCHECK_REDIS_PASSWORD, keys for lists from their variables.',
    ].join('\n'),
    exitCodes: {
      0: 'a signal ended it, and all targets under way are judged',
      2: 'wrong usage, or a queue that cannot be used',
      130: 'a second Ctrl-C ended it at once (143: SIGTERM)',
    },
  },
  watch: {
    examples: [
      { command: 'mailcheck watch hosts.csv --every 6h --state state', says: 'one line per run, and what changed' },
      { command: 'mailcheck watch hosts.csv --state state --webhook https://hooks.example.com/mail' },
      { command: 'mailcheck watch hosts.csv --state state -f csv=/var/www/mail.csv', says: 'written anew by each run' },
    ],
    note: [
      'A change counts when two runs agree, so that a list that comes and goes is not told each time.',
      'MAILCHECK_WEBHOOK_SECRET in the environment signs what is posted.',
    ].join('\n'),
    exitCodes: {
      0: 'ended by Ctrl-C or SIGTERM; the same command goes on with the run that was under way',
      2: 'wrong usage, or the first run could not be made',
    },
  },
  init: {
    examples: [
      { command: 'mailcheck init', says: 'ask for everything' },
      { command: 'mailcheck init example.com --ci github', says: 'also write a GitHub workflow' },
      { command: 'mailcheck init example.com --ip 203.0.113.5 --yes', says: 'ask nothing' },
    ],
    note: 'It never overwrites a file. If there is a configuration, --ci adds the CI file alone.\nWithout a terminal it asks nothing, as with --yes.',
    exitCodes: {
      0: 'the files are written',
      2: 'wrong usage, or a file that exists or cannot be written',
      3: 'the files are written, but some DNS questions got no answer',
    },
  },
  spf: {
    examples: [
      { command: 'mailcheck spf 203.0.113.5 user@example.com' },
      { command: 'mailcheck spf 2001:db8::5 example.com --helo mail.example.com --json' },
      { command: "mailcheck spf 203.0.113.5 '<>' --helo mail.example.com" },
    ],
    exitCodes: { 0: 'pass', 1: 'any other result', 2: 'wrong usage', 3: 'temperror: the DNS did not answer' },
  },
  pool: {
    examples: [
      { command: 'mailcheck pool example.com 203.0.113.0/29' },
      { command: 'mailcheck pool example.com 203.0.113.5 198.51.100.7 --json' },
    ],
    note: 'Keys for lists are read from the environment: SPAMHAUS_DQS_KEY, ABUSIX_API_KEY and others.',
    exitCodes: {
      0: 'no address is on a list that receivers reject mail by',
      1: 'at least one address is on such a list',
      2: 'wrong usage',
      3: 'no address is known to be listed, but some lists did not answer',
    },
  },
  records: {
    examples: [
      { command: 'mailcheck records example.com 203.0.113.5' },
      { command: 'mailcheck records example.com 203.0.113.5 --generate-dkim mail.private.pem > proposed.zone' },
      { command: 'mailcheck example.com 203.0.113.5 --selector mail --zone proposed.zone --gate all' },
      { command: 'mailcheck records example.com 203.0.113.5 -f octodns', says: 'whole record sets, for a tool' },
    ],
    exitCodes: {
      0: 'the records are printed',
      2: 'wrong usage, or a file that cannot be read or written',
      3: 'some DNS questions got no answer; nothing is printed if the DNS server invents answers',
    },
  },
  lint: {
    examples: [
      { command: 'mailcheck lint dns/*.zone', says: 'judge every zone file of a folder' },
      { command: 'mailcheck lint new.zone --domain example.com --strict' },
      { command: 'mailcheck lint dns/example.com.zone --format github', says: 'annotate a pull request' },
    ],
    note: 'It asks nobody, and judges only what the file decides. What SPF includes, for example, is not known.',
    exitCodes: {
      0: 'nothing in the files is wrong (warnings are allowed)',
      1: 'something is wrong, or is a warning with --strict',
      2: 'wrong usage, or a file that cannot be read or that no name server would load',
    },
  },
  providers: {
    examples: [
      { command: 'mailcheck providers', says: 'list all' },
      { command: 'mailcheck providers hetzner-cloud', says: 'show one' },
      { command: 'mailcheck providers --all --json', says: 'also closed and renamed ones, as JSON' },
    ],
    exitCodes: { 0: 'printed', 2: 'wrong usage, or an unknown provider' },
  },
  'dns-hosts': {
    examples: [
      { command: 'mailcheck dns-hosts', says: 'list all' },
      { command: 'mailcheck dns-hosts route53', says: 'show one' },
      { command: 'mailcheck example.com --dns-host bind', says: 'check with the commands of one' },
    ],
    exitCodes: { 0: 'printed', 2: 'wrong usage, or an unknown DNS host' },
  },
  explain: {
    examples: [
      { command: 'mailcheck explain', says: 'list all findings' },
      { command: 'mailcheck explain ptr/missing', says: 'explain one finding' },
      { command: 'mailcheck explain spf', says: 'list the findings of one check' },
      { command: 'mailcheck explain 5.7.25', says: 'explain the reply code of a receiver' },
      { command: 'mailcheck explain - < bounce.eml', says: 'explain a bounce' },
    ],
    exitCodes: { 0: 'printed', 2: 'wrong usage, or an unknown finding' },
  },
  mcp: {
    examples: [
      { command: 'mailcheck mcp', says: 'an editor or an agent starts it' },
      { command: 'mailcheck mcp --vantage self', says: 'on the mail server itself' },
      { command: 'mailcheck mcp --dns 192.0.2.53', says: 'ask this resolver' },
    ],
    note: [
      'It only reads: no tool writes a file, reads a file of the caller, runs a command or takes a private key.',
      'It reads no mailcheck.config. The options are what whoever starts it says about this machine.',
      'Keys for lists are read from the environment: SPAMHAUS_DQS_KEY, ABUSIX_API_KEY and others.',
    ].join('\n'),
    exitCodes: {
      0: 'the client closed the connection',
      2: 'wrong usage',
      130: 'ended by Ctrl-C (143: by SIGTERM)',
    },
  },
  completion: {
    examples: [
      { command: 'mailcheck example.com 203.0.113.5 --plan plan.tf', says: 'write the DNS changes as Terraform' },
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
  const examples = text.examples.map(
    ({ command, says }) => `  $ ${says ? `${command.padEnd(47)} # ${says}` : command}`,
  );
  const codes = Object.entries(text.exitCodes).map(([code, meaning]) => `  ${code.padEnd(2)}  ${meaning}`);
  return ['', 'Examples:', ...examples, ...(text.note ? ['', text.note] : []), '', 'Exit codes:', ...codes].join('\n');
}
