/**
 * Defines the commands and options for commander. No other module runs commander. Each action loads the module of its
 * command, so that the others cost no time.
 */
import { Command, CommanderError, Option } from 'commander';
import { printable } from '../reporters/printable.ts';
import { VERSION } from '../version.ts';
import { commandTree } from './command-tree.ts';
import { helpText } from './help-texts.ts';
import {
  EXPLAIN_OPTIONS,
  type ExplainOptions,
  POOL_OPTIONS,
  type PoolOptions,
  PROVIDERS_OPTIONS,
  type ProvidersOptions,
  RECORDS_OPTIONS,
  type RecordsOptions,
  SPF_OPTIONS,
  type SpfOptions,
} from './options/command-options.ts';
import { KINDS } from './options/kinds.ts';
import { flagOf, type OptionRow, type OptionRows } from './options/row.ts';
import { type CheckArguments, OPTION_GROUPS } from './options/table.ts';

/** Adds an option to a command for each row. */
function addOptions(command: Command, rows: OptionRows): Command {
  for (const row of Object.values(rows)) {
    command.addOption(optionOf(row));
    if (row.negation !== undefined) command.option(negated(row), row.negation);
  }
  return command;
}

function optionOf(row: OptionRow): Option {
  const option = new Option(row.flags, row.help);
  const { collect } = KINDS[row.takes];
  if (row.default !== undefined) option.default(row.default);
  if (collect) option.argParser(collect);
  if (row.takes === 'choice') option.choices(row.choices ?? []);
  // These choices are for shell completion only. The row's own parser checks the value and suggests the nearest choice.
  else if (row.choices) option.argChoices = [...row.choices];
  return option;
}

const negated = ({ flags }: OptionRow): string => flagOf(flags).replace(/^--/, '--no-');

/**
 * @returns the program, ready to parse arguments. On an error it prints one line to stderr and throws a CommanderError.
 */
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
    // An option after a subcommand belongs to that subcommand, even if the check has an option of the same name.
    .enablePositionalOptions()
    .argument('[domain]', 'the domain that mail is sent for')
    .argument('[ip...]', 'the addresses it is sent from; the MX hosts’ when absent');
  for (const [heading, rows] of OPTION_GROUPS) addOptions(program.optionsGroup(heading), rows);
  program
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
 * @returns the program for these arguments. Words after `--` are a domain and addresses, so the program has no
 *   subcommands if there is no command before `--`. A script can thus pass untrusted text after `--`.
 */
export function programFor(args: readonly string[]): Command {
  const program = buildProgram();
  const before = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const isCommand = (word: string): boolean => program.commands.some((command) => command.name() === word);
  return before === args || before.some(isCommand) ? program : buildCheck();
}

function addCommands(program: Command): void {
  addOptions(program.command('spf'), SPF_OPTIONS)
    .usage('[options] <ip> <sender>')
    .description('evaluate SPF (RFC 7208) for one address and sender, and show the tree of lookups')
    .argument('<ip>', 'the address that mail comes from')
    .argument('<sender>', "the envelope sender; '' or '<>' for a bounce, judged by --helo")
    .action(async (ip: string, sender: string, options: SpfOptions) => {
      const { spf } = await import('./commands/spf.ts');
      process.exitCode = await spf(ip, sender, options);
    });
  addOptions(program.command('pool'), POOL_OPTIONS)
    .usage('[options] <domain> <ip|network...>')
    .description('rank the addresses of a pool, cleanest first, by block lists, network and reverse name')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip|network...>', 'addresses or networks such as 203.0.113.0/29, 64 addresses at most')
    .action(async (domain: string, pool: string[], options: PoolOptions) => {
      const { pool: rank } = await import('./commands/pool.ts');
      process.exitCode = await rank(domain, pool, options);
    });
  addOptions(program.command('records'), RECORDS_OPTIONS)
    .usage('[options] <domain> <ip...>')
    .description('print every record a correct host needs, merged with what is published')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip...>', 'the addresses it is sent from')
    .action(async (domain: string, ips: string[], options: RecordsOptions) => {
      const { recordsCommand } = await import('./commands/records.ts');
      process.exitCode = await recordsCommand(domain, ips, options);
    });
  addOptions(program.command('providers'), PROVIDERS_OPTIONS)
    .usage('[options] [id]')
    .description('list the providers that are known, or show what is known of one')
    .argument('[id]', 'the provider to show')
    .action(async (id: string | undefined, options: ProvidersOptions) => {
      const { providersCommand } = await import('./commands/providers.ts');
      process.exitCode = await providersCommand(id, options);
    });
  addOptions(program.command('explain'), EXPLAIN_OPTIONS)
    .usage('[options] [code...]')
    .description('explain a finding, a check or a bounce, and say how to fix it; or list all findings')
    .argument('[code...]', 'a finding (ptr/missing), a check (spf), an SMTP reply, or - to read a bounce from stdin')
    .action(async (words: readonly string[], options: ExplainOptions) => {
      const { explainCommand } = await import('./commands/explain.ts');
      process.exitCode = await explainCommand(words, options);
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

/** Sets up help and errors of a command. An error throws, and prints one line to stderr. */
function configure(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 80, 100), minWidthToWrap: 30 })
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText('after', helpText(command.name()));
}

/** @returns the message of an error as one line for stderr, safe to print. */
export function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^error:\s*/i, '');
  // The message may quote a file that somebody else wrote.
  return `mailcheck: ${printable(line)}\n`;
}

/**
 * @returns whether commander ended the parsing. It does so after the help or the version (exit code 0), and after an
 *   error that it has printed.
 */
export function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}
