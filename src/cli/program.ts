/**
 * Defines the commands and options for commander. No other module runs commander. Each action loads the module of its
 * command, so that the others cost no time.
 */
import { Command, CommanderError, Help, Option } from 'commander';
import { parseDomain } from '../network/domain.ts';
import { EXIT } from '../report/status.ts';
import { printable } from '../reporters/printable.ts';
import { quoteInput } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { commandTree } from './command-tree.ts';
import { withRareOptionsLast } from './help-layout.ts';
import { helpText } from './help-texts.ts';
import {
  DNS_HOSTS_OPTIONS,
  type DnsHostsOptions,
  EXPLAIN_OPTIONS,
  type ExplainOptions,
  INIT_OPTIONS,
  type InitOptions,
  LINT_OPTIONS,
  type LintOptions,
  POOL_OPTIONS,
  type PoolOptions,
  PROVIDERS_OPTIONS,
  type ProvidersOptions,
  RECORDS_OPTIONS,
  type RecordsOptions,
  SPF_OPTIONS,
  type SpfOptions,
} from './options/command-options.ts';
import { FLEET_OPTION_GROUPS, type FleetOptions } from './options/fleet-options.ts';
import { KINDS } from './options/kinds.ts';
import { nearCommand } from './options/near-command.ts';
import { flagOf, type OptionGroup, type OptionRow, type OptionRows } from './options/row.ts';
import { type CheckArguments, OPTION_GROUPS, RARE_OPTIONS } from './options/table.ts';
import { WATCH_OPTION_GROUPS, type WatchOptions } from './options/watch-options.ts';
import { type McpOptions, NETWORK_OPTIONS, WORKER_OPTIONS, type WorkerOptions } from './options/worker-options.ts';
import { parseErrorText } from './parse-errors.ts';
import { shortHelp } from './short-help.ts';
import { chooseColor, terminalWidth } from './terminal/look.ts';

/** Adds an option to a command for each row. */
function addOptions(command: Command, rows: OptionRows): Command {
  for (const row of Object.values(rows)) {
    command.addOption(optionOf(row));
    if (row.negation !== undefined) command.option(negated(row), row.negation);
  }
  return command;
}

/** Adds the first of the options. */
function addFirst(command: Command, rows: OptionRows): Command {
  return addOptions(command, Object.fromEntries(Object.entries(rows).slice(0, 1)));
}

/** Adds the options of each group under its heading. */
function addGroups(command: Command, groups: readonly OptionGroup[]): Command {
  for (const [heading, rows] of groups) addOptions(command.optionsGroup(heading), rows);
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
 * @param hasShortHelp whether the help of the program itself is the short one.
 * @param words the words of the command line. A command that is none of them gets only its first option, because options
 *   take time to make. Every command gets all of its options when absent.
 * @returns the program, ready to parse arguments. On an error it prints one line to stderr and throws a CommanderError.
 */
export function buildProgram(hasShortHelp = false, words?: readonly string[]): Command {
  const program = buildCheck(hasShortHelp);
  addCommands(program, words);
  for (const command of program.commands) configure(command);
  return program;
}

function buildCheck(hasShortHelp: boolean): Command {
  const program = new Command();
  program
    .name('mailcheck')
    .description(
      'Can this server deliver mail for this domain? If not, mailcheck tells you exactly what to change. It checks DNS, PTR, HELO, SPF, DKIM, DMARC, MX, TLS, block lists, relaying and outbound port 25.',
    )
    .usage('[options] <domain> [ip...]')
    // An option after a subcommand belongs to that subcommand, even if the check has an option of the same name.
    .enablePositionalOptions()
    .argument('[domain]', 'the domain that mail is sent for')
    .argument('[ip...]', 'the addresses that it is sent from (default: those of the MX hosts)');
  addGroups(program, OPTION_GROUPS);
  program
    .optionsGroup('Other:')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help; -h prints a short one');
  addGroups(program, [RARE_OPTIONS])
    .hook('preAction', (_, command) => readShorthands(command))
    .action(async (domain: string | undefined, ips: string[], options: CheckArguments, command: Command) => {
      refuseMisspelled(domain, command);
      const { check } = await import('./check/check.ts');
      process.exitCode = await check(domain, ips, options, typedOptions(command, options));
    });
  configure(program, hasShortHelp);
  return program;
}

/** @returns the names of the options on the command line. The other options have their defaults. */
function typedOptions(command: Command, options: object): ReadonlySet<string> {
  return new Set(Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli'));
}

/** Refuses a first argument that is no domain and looks like the name of a command. */
function refuseMisspelled(word: string | undefined, program: Command): void {
  if (word === undefined || parseDomain(word) !== undefined) return;
  const near = nearCommand(word, namesOf(program));
  if (near !== undefined) {
    program.error(`there is no command ${quoteInput(word)} (did you mean ${near}?). Type: mailcheck ${near} --help`);
  }
}

const namesOf = (program: Command): string[] => program.commands.map((command) => command.name());

/** Reads `--json` as `--format json`, and applies `--color` and `--no-color`. */
function readShorthands(command: Command): void {
  const { json, color, format } = command.opts<{ json?: true; color?: boolean; format?: string | string[] }>();
  if (color !== undefined) chooseColor(color);
  if (json === undefined) return;
  const typed = command.getOptionValueSource('format') === 'cli' ? format : undefined;
  if (typeof typed === 'string' && typed !== 'json') {
    command.error(`--json and --format ${typed} contradict each other: --json is --format json`);
  }
  const others = Array.isArray(typed) ? typed.filter((one) => one !== 'json') : undefined;
  const isList = command.options.some(
    (option) => option.attributeName() === 'format' && option.defaultValue === undefined,
  );
  command.setOptionValueWithSource('format', isList ? ['json', ...(others ?? [])] : 'json', 'cli');
}

/**
 * @returns the program for these arguments. Words after `--` are a domain and addresses, so the program has no
 *   subcommands if there is no command before `--`. A script can thus pass untrusted text after `--`.
 */
function programFor(args: readonly string[]): Command {
  const program = buildProgram(asksForShortHelp(args), args);
  const before = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const names = namesOf(program);
  return before === args || before.some((word) => names.includes(word)) ? program : buildCheck(asksForShortHelp(args));
}

/** Returns whether the first option that asks for the help is `-h`. */
function asksForShortHelp(args: readonly string[]): boolean {
  return args.find((word) => word === '-h' || word === '--help') === '-h';
}

/** Adds the commands. Those that are none of the words get one option each: the help of the program tells that they have some. */
function addCommands(program: Command, words: readonly string[] | undefined): void {
  const withGroups = (command: Command, groups: readonly OptionGroup[]): Command =>
    (words?.includes(command.name()) ?? true) ? addGroups(command, groups) : addFirst(command, groups[0]?.[1] ?? {});
  const withOptions = (command: Command, rows: OptionRows): Command =>
    (words?.includes(command.name()) ?? true) ? addOptions(command, rows) : addFirst(command, rows);
  const fleet = program
    .command('fleet')
    .usage('[options] <file>')
    .description('check many hosts, from a file with one target a line')
    .argument('<file>', 'CSV, NDJSON, or a domain and its addresses a line; a configuration; -: standard input');
  withGroups(fleet, FLEET_OPTION_GROUPS).action(async (file: string, options: FleetOptions, command: Command) => {
    const { fleetCommand } = await import('./commands/fleet.ts');
    process.exitCode = await fleetCommand(file, options, typedOptions(command, options));
  });
  const watch = program
    .command('watch')
    .usage('[options] <file> --state <folder>')
    .description('check many hosts again and again, and tell what changed')
    .argument('<file>', 'the targets, as for mailcheck fleet; each run reads the file anew');
  withGroups(watch, WATCH_OPTION_GROUPS).action(async (file: string, options: WatchOptions, command: Command) => {
    const { watchCommand } = await import('./commands/watch.ts');
    process.exitCode = await watchCommand(file, options, typedOptions(command, options));
  });
  withOptions(program.command('worker'), WORKER_OPTIONS)
    .usage('[options] --queue <address>')
    .description('judge the targets that mailcheck fleet --queue submits, until a signal ends it')
    .action(async (options: WorkerOptions) => {
      const { workerCommand } = await import('./commands/worker.ts');
      process.exitCode = await workerCommand(options);
    });
  withOptions(program.command('init'), INIT_OPTIONS)
    .usage('[options] [domain]')
    .description('write a configuration file for a domain from what the DNS says, and a CI file')
    .argument('[domain]', 'the domain that mail is sent for')
    .action(async (domain: string | undefined, options: InitOptions) => {
      const { initCommand } = await import('./commands/init.ts');
      process.exitCode = await initCommand(domain, options);
    });
  withOptions(program.command('spf'), SPF_OPTIONS)
    .usage('[options] <ip> <sender>')
    .description('evaluate SPF for one address and sender, and show every lookup')
    .argument('<ip>', 'the address that the mail comes from')
    .argument('<sender>', "the envelope sender, or '<>' for a bounce, which SPF judges by --helo")
    .action(async (ip: string, sender: string, options: SpfOptions) => {
      const { spf } = await import('./commands/spf.ts');
      process.exitCode = await spf(ip, sender, options);
    });
  withOptions(program.command('pool'), POOL_OPTIONS)
    .usage('[options] <domain> <ip|network...>')
    .description('rank the addresses of a pool by block lists, network and PTR record, the cleanest first')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip|network...>', 'addresses or networks such as 203.0.113.0/29; at most 64 addresses')
    .action(async (domain: string, pool: string[], options: PoolOptions) => {
      const { pool: rank } = await import('./commands/pool.ts');
      process.exitCode = await rank(domain, pool, options);
    });
  withOptions(program.command('records'), RECORDS_OPTIONS)
    .usage('[options] <domain> <ip...>')
    .description('print the DNS records that a server needs, merged with the published ones')
    .argument('<domain>', 'the domain that mail is sent for')
    .argument('<ip...>', 'the addresses it is sent from')
    .action(async (domain: string, ips: string[], options: RecordsOptions) => {
      const { recordsCommand } = await import('./commands/records.ts');
      process.exitCode = await recordsCommand(domain, ips, options);
    });
  withOptions(program.command('lint'), LINT_OPTIONS)
    .usage('[options] <file...>')
    .description('judge the mail records in zone files by themselves, without a network')
    .argument('<file...>', 'zone files, or the other forms that --zone takes (-: standard input)')
    .action(async (files: readonly string[], options: LintOptions) => {
      const { lintCommand } = await import('./commands/lint.ts');
      process.exitCode = await lintCommand(files, options);
    });
  withOptions(program.command('providers'), PROVIDERS_OPTIONS)
    .usage('[options] [id]')
    .description('list the known hosting providers, or show one: port 25, PTR records, relay')
    .argument('[id]', 'the provider to show')
    .action(async (id: string | undefined, options: ProvidersOptions) => {
      const { providersCommand } = await import('./commands/providers.ts');
      process.exitCode = await providersCommand(id, options);
    });
  withOptions(program.command('dns-hosts'), DNS_HOSTS_OPTIONS)
    .usage('[options] [id]')
    .description('list the known DNS hosts, or show one: its commands, its console, its pitfalls')
    .argument('[id]', 'the DNS host to show')
    .action(async (id: string | undefined, options: DnsHostsOptions) => {
      const { dnsHostsCommand } = await import('./commands/dns-hosts.ts');
      process.exitCode = await dnsHostsCommand(id, options);
    });
  withOptions(program.command('explain'), EXPLAIN_OPTIONS)
    .usage('[options] [code...]')
    .description('explain a finding, a check or a bounce, and say how to fix it; or list all findings')
    .argument('[code...]', 'a finding (ptr/missing), a check (spf), an SMTP reply, or - to read a bounce from stdin')
    .action(async (words: readonly string[], options: ExplainOptions) => {
      const { explainCommand } = await import('./commands/explain.ts');
      process.exitCode = await explainCommand(words, options);
    });
  withOptions(program.command('mcp'), NETWORK_OPTIONS)
    .usage('[options]')
    .description('serve check, records, plan and explain to editors and agents (MCP over stdio)')
    .action(async (options: McpOptions) => {
      const { mcpCommand } = await import('./commands/mcp.ts');
      process.exitCode = await mcpCommand(options);
    });
  program
    .command('completion')
    .usage('[options] <shell>')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionCommand } = await import('./commands/completion.ts');
      process.exitCode = await completionCommand(shell, commandTree(buildProgram()));
    });
  program
    .command('help')
    .usage('[options] [command]')
    .description('print the help of a command')
    .argument('[command]', 'the command, such as records')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((candidate) => candidate.name() === name);
      if (command !== undefined) return command.outputHelp();
      const near = nearCommand(name ?? '', namesOf(program));
      const suggestion = near === undefined ? '' : ` (did you mean ${near}?)`;
      program.error(`there is no command ${quoteInput(name ?? '')}${suggestion}. Type: mailcheck --help`);
    });
}

/** Sets up help and errors of a command. An error throws, and prints one line to stderr. */
function configure(command: Command, hasShortHelp = false): void {
  const name = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({
      helpWidth: terminalWidth(),
      minWidthToWrap: 30,
      formatHelp: (of, help) =>
        hasShortHelp ? shortHelp() : withRareOptionsLast(Help.prototype.formatHelp.call(help, of, help)),
    })
    .configureOutput({ outputError: (text, write) => write(oneLine(parseErrorText(text, `${name} --help`))) })
    .addHelpText('after', hasShortHelp ? '' : helpText(command.name()));
}

/** @returns the message of an error as one line for stderr, safe to print. */
export function oneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ');
  // The message may quote a file that somebody else wrote.
  return `mailcheck: ${printable(line)}\n`;
}

/** How a command line ended. */
interface Ended {
  readonly code: number;
  /** Why nothing was run. It is printed already. */
  readonly refusal?: string;
}

/** Runs the command of these arguments. A wrong argument is printed to stderr in one line. */
export async function runCommandLine(args: readonly string[]): Promise<Ended> {
  try {
    await programFor(args).parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode ?? EXIT.ok) };
  } catch (error) {
    // Commander ends the parsing after the help or the version (exit code 0), and after an error that it has printed.
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? { code: EXIT.ok } : { code: EXIT.usage, refusal: errorText(error) };
    if (!(error instanceof Error) || error.name !== 'UsageError') throw error;
    process.stderr.write(oneLine(error.message));
    return { code: EXIT.usage, refusal: error.message };
  }
}

/** @returns the message of an error of commander in mailcheck's words. */
function errorText({ message }: CommanderError): string {
  return parseErrorText(message, 'mailcheck --help');
}
