/** The commands and options, as commander reads them: nothing else knows commander. Each action loads its own module. */
import { Command, CommanderError, Option } from 'commander';
import { printable } from '../reporters/printable.ts';
import { VERSION } from '../version.ts';
import { commandTree } from './command-tree.ts';
import type { PoolOptions } from './commands/pool.ts';
import type { RecordsOptions } from './commands/records.ts';
import type { SpfOptions } from './commands/spf.ts';
import { helpText } from './help-texts.ts';
import type { CheckArguments } from './options/check-arguments.ts';

/** Collects a repeatable option, whose value may also be a comma-separated list. */
const list = (value: string, previous: readonly string[] = []): string[] => [
  ...previous,
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

const repeat = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** @returns the `-f` option of a command that knows these formats, the first of them unless told. */
function formatOf(...formats: readonly [string, ...string[]]): Option {
  const option = new Option('-f, --format <format>', 'how it is printed');
  option.default(formats[0]);
  // Named for the shells' completion only: the command checks the value itself, and its message has the nearest one.
  option.argChoices = [...formats];
  return option;
}

/** @returns the program, ready to parse; its errors are thrown (CommanderError), one line of them on stderr. */
export function buildProgram(): Command {
  const program = buildCheck();
  addCommands(program);
  for (const command of program.commands) configure(command);
  return program;
}

function buildCheck(): Command {
  const program = new Command();
  program
    .name('mailcheck')
    .description(
      'Will mail sent from this address for this domain be accepted? Checks DNS, PTR, HELO, SPF, DKIM, DMARC, block lists and relaying, and says what to type to fix what is wrong.',
    )
    .usage('[options] <domain> [ip...]')
    // Options behind a subcommand are its own, though the check has some of the same name.
    .enablePositionalOptions()
    .argument('[domain]', 'the domain that mail is sent for')
    .argument('[ip...]', 'the addresses it is sent from; the MX hosts’ when absent')
    .optionsGroup('Target:')
    .option('--helo <name>', 'the name the host announces in EHLO')
    .option('--selector <name>', 'DKIM selector in use (repeatable)', list)
    .option('--dkim-key <file>', 'private key (PEM) the host signs with: checked against the published one')
    .option('--message <file>', 'a message the host has sent (.eml): its DKIM signatures are verified')
    .option('--provider <id>', 'who the addresses are rented from, when it is not recognised (mailcheck providers)')
    .addOption(
      new Option('--volume <class>', 'how much mail receivers will see: bulk is 5000 a day to one of them')
        .choices(['low', 'bulk'])
        .default('low'),
    )
    .option('--send-only', 'the host only sends: nothing needs to listen on it')
    .optionsGroup('Checks:')
    .option('--only <rules>', 'run these checks only (comma-separated, repeatable)', list)
    .option('--skip <rules>', 'do not run these checks (comma-separated, repeatable)', list)
    .option('--dns <server[:port]>', 'DNS server to ask instead of the system’s (repeatable)', list)
    .option('--zone <file>', 'check these records as if they were published: a zone file or JSON (repeatable)', repeat)
    .option('--dnsbl <zone>', 'block list zone, instead of the default lists (repeatable)', list)
    .option('--dnsbl-except <zone>', 'a block list not to ask (repeatable)', list)
    .option('--neighbours', 'look up a sample of the /24 around each address too')
    .option('--no-asn-lookup', 'do not ask Team Cymru which network announces an address')
    .option('--smtp-port <port>', 'SMTP port of the tested hosts', '25')
    .option('--probe-name <name>', 'the name mailcheck gives in EHLO')
    .option('--relay-rcpt <mailbox>', 'a mailbox of yours elsewhere, as recipient of relay probes')
    .option('--active-data', 'let relay probes go on to DATA, to the --relay-rcpt mailbox')
    .option('--active-rcpt', 'ask the MX hosts at RCPT if they take mail for postmaster')
    .option('--greylist-wait <seconds>', 'try deferred relay probes once more after this time')
    .option('--probe-pause <seconds>', 'time between two connections of relay probes to a host (default: 1)')
    .option('--ca-file <file>', 'certificates (PEM) of a CA of your own, trusted besides the public ones')
    .option(
      '--egress-target <host[:port]>',
      'mail server to reach from the host, instead of well-known ones (repeatable)',
      list,
    )
    .option('--egress-control <host:port>', 'service on another port that shows the network works (repeatable)', list)
    .option('--on-host', 'mailcheck runs on the mail host itself')
    .addOption(
      new Option('--vantage <place>', 'where mailcheck runs, seen from the mail host').choices([
        'self',
        'same-network',
        'outside',
      ]),
    )
    .option(
      '--whoami-name <name>',
      'DNS name that tells a machine behind NAT its public address; none: do not ask',
      'o-o.myaddr.l.google.com',
    )
    .option('--allow-private', 'test and connect to private, loopback and documentation addresses')
    .option('--connect-to <ip:port:ip:port>', 'connect to the second address instead of the first (repeatable)', repeat)
    .option('--timeout <seconds>', 'time for the whole run', '60')
    .option('--wait <time>', 'repeat the check until nothing fails, or this time (90s, 10m, 2h) is up')
    .option('--wait-for <rules>', 'with --wait, wait for these checks only (comma-separated, repeatable)', list)
    .optionsGroup('Report:')
    .option(
      '-f, --format <format[=file]>',
      'pretty (default), json, junit, sarif, github, markdown or html; several, with files (repeatable)',
      repeat,
    )
    .option('-o, --output <file>', 'write the report to a file instead of stdout')
    .addOption(
      new Option('--fail-on <severity>', 'the least severe finding that fails the run (default: error)').choices([
        'error',
        'warning',
        'never',
      ]),
    )
    .option('--strict', 'warnings fail too: --fail-on warning')
    .option('--baseline <file>', 'an earlier report (JSON): only what is new since fails the run')
    .option('--allow-inconclusive [rules]', 'checks that could not be made do not fail the run: all, or these')
    .option('-q, --quiet', 'no progress on stderr')
    .option('-v, --verbose', 'show notes, evidence, and the DNS and SMTP dialogues')
    .option('--timing', 'show what waited for what, and the longest chain of it')
    .optionsGroup('Recording:')
    .option(
      '--record <file>',
      'keep every answer of the network in this file, without keys; read it before you send it',
    )
    .option('--replay <file>', 'run the checks on what --record kept, without a network')
    .optionsGroup('Configuration:')
    .option('--config <file>', 'read this file instead of the mailcheck.config.{json,yaml,js} that is found')
    .option('--no-config', 'read no configuration file')
    .option('--print-config', 'print what would be done, and where each value comes from')
    .optionsGroup('Other:')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .action(async (domain: string | undefined, ips: string[], options: CheckArguments, command: Command) => {
      const { check } = await import('./check/check.ts');
      const typed = Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli');
      process.exitCode = await check(domain, ips, options, new Set(typed));
    });
  configure(program);
  return program;
}

/**
 * @returns the program for these arguments: behind `--` stand a domain and addresses, and no word there is a command,
 *   whoever may have put it there.
 */
export function programFor(args: readonly string[]): Command {
  const program = buildProgram();
  const before = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const isCommand = (word: string): boolean => program.commands.some((command) => command.name() === word);
  return before === args || before.some(isCommand) ? program : buildCheck();
}

function addCommands(program: Command): void {
  program
    .command('spf')
    .usage('[options] <ip> <sender>')
    .description('evaluate SPF (RFC 7208) for one address and sender, and show the tree of lookups')
    .argument('<ip>', 'the address that mail comes from')
    .argument('<sender>', "the envelope sender; '' or '<>' for a bounce, judged by --helo")
    .option('--helo <name>', 'the name given in EHLO')
    .option('--dns <server[:port]>', 'DNS server to ask instead of the system’s (repeatable)', list)
    .option('--timeout <seconds>', 'time for the whole evaluation', '30')
    .addOption(formatOf('pretty', 'json'))
    .action(async (ip: string, sender: string, options: SpfOptions) => {
      const { spf } = await import('./commands/spf.ts');
      process.exitCode = await spf(ip, sender, options);
    });
  program
    .command('pool')
    .usage('[options] <domain> <ip|network...>')
    .description('rank the addresses of a pool, cleanest first, by block lists, network and reverse name')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip|network...>', 'addresses or networks such as 203.0.113.0/29, 64 addresses at most')
    .option('--dns <server[:port]>', 'DNS server to ask instead of the system’s (repeatable)', list)
    .option('--dnsbl <zone>', 'block list zone, instead of the default lists (repeatable)', list)
    .option('--dnsbl-except <zone>', 'a block list not to ask (repeatable)', list)
    .option('--timeout <seconds>', 'time for the whole run', '60')
    .addOption(formatOf('pretty', 'json'))
    .action(async (domain: string, pool: string[], options: PoolOptions) => {
      const { pool: rank } = await import('./commands/pool.ts');
      process.exitCode = await rank(domain, pool, options);
    });
  program
    .command('records')
    .usage('[options] <domain> <ip...>')
    .description('print every record a correct host needs, merged with what is published')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip...>', 'the addresses it is sent from')
    .option('--helo <name>', 'the host’s full name; the MX host with the address, or mail.<domain>, when absent')
    .option('--selector <name>', 'DKIM selector of the key (default: "mail")')
    .option('--dkim-key <file>', 'private key (PEM) the host signs with')
    .option('--generate-dkim <file>', 'make a new key pair, and write the private key to this file')
    .option('--rua <mailbox>', 'where DMARC and TLS reports go (default: dmarc@<domain>)')
    .option('--dns <server[:port]>', 'DNS server to ask instead of the system’s (repeatable)', list)
    .option('--timeout <seconds>', 'time for all questions', '30')
    .addOption(formatOf('zone', 'json', 'table'))
    .action(async (domain: string, ips: string[], options: RecordsOptions) => {
      const { recordsCommand } = await import('./commands/records.ts');
      process.exitCode = await recordsCommand(domain, ips, options);
    });
  program
    .command('providers')
    .usage('[options] [id]')
    .description('list the providers that are known, or show what is known of one')
    .argument('[id]', 'the provider to show')
    .addOption(formatOf('pretty', 'json'))
    .action(async (id: string | undefined, options: { format: string }) => {
      const { providersCommand } = await import('./commands/providers.ts');
      process.exitCode = await providersCommand(id, options);
    });
  program
    .command('explain')
    .usage('[options] [code]')
    .description('say what a finding means, why receivers care, how to see it and how to fix it; or list all')
    .argument('[code]', 'the finding, such as ptr/missing')
    .addOption(formatOf('pretty', 'json'))
    .action(async (code: string | undefined, options: { format: string }) => {
      const { explainCommand } = await import('./commands/explain.ts');
      process.exitCode = await explainCommand(code, options);
    });
  program
    .command('completion')
    .usage('[options] <shell>')
    .description('print what makes a shell complete commands, options and their values')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionCommand } = await import('./commands/completion.ts');
      process.exitCode = await completionCommand(shell, commandTree(program));
    });
  program
    .command('help')
    .usage('[options] [command]')
    .description('print the help of a command')
    .argument('[command]', 'the command, such as records')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((candidate) => candidate.name() === name);
      if (command === undefined)
        return program.error(`there is no command ${JSON.stringify(name)}. Type: mailcheck --help`);
      command.outputHelp();
    });
}

/** Errors are one line on stderr and exit code 2, for this command and its subcommands. */
function configure(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 80, 100), minWidthToWrap: 30 })
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText('after', helpText(command.name()));
}

/** @returns the message of an error as the one line that goes to stderr. */
export function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^error:\s*/i, '');
  // It may quote a file that somebody else wrote.
  return `mailcheck: ${printable(line)}\n`;
}

/** @returns whether commander ended the parsing: with help or the version (exit code 0), or with an error it has told. */
export function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
