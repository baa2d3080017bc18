/** Runs `mailcheck init [domain]`, which writes a configuration file and, if the user wants one, a file for CI. */
import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { shellWord } from '../../check/rules/pasted.ts';
import { parseArguments, parseHelo, parseSelector } from '../../check/target.ts';
import type { DnsServer } from '../../network/dns/servers.ts';
import type { Domain } from '../../network/domain.ts';
import { EXIT } from '../../report/status.ts';
import { UsageError } from '../../usage-error.ts';
import { EXTENSIONS } from '../config/source.ts';
import { CI_KINDS, type CiFile, type CiKind, ciFile } from '../init/ci-file.ts';
import { type ConfigContent, configText } from '../init/config-text.ts';
import { type Discovered, discover, type Given, NOTHING } from '../init/discover.ts';
import { Cancelled, canAsk, type Questions, terminalQuestions } from '../init/questions.ts';
import { oneOf } from '../options/choices.ts';
import { INIT_OPTIONS, type InitOptions } from '../options/command-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { optionReader } from '../options/read.ts';
import { isThere, refuseExisting, writeNewFile } from '../terminal/new-file.ts';
import { warn, writeText } from '../terminal/output.ts';
import { askDns } from './ask-dns.ts';

const CONFIG_FILE = 'mailcheck.config.yaml';

/** The exit code after Ctrl-C: 128 and the number of SIGINT. */
const CANCELLED = 130;

/**
 * Writes the files, and prints what to run next.
 *
 * @returns the exit code: 3 if some DNS questions got no answer, and 0 otherwise.
 * @throws UsageError for an argument or option that cannot be used, or a file that exists or cannot be written.
 */
export async function initCommand(domainText: string | undefined, options: InitOptions): Promise<number> {
  const questions = options.yes !== true && canAsk() ? terminalQuestions() : undefined;
  try {
    return await initialise(domainText, options, questions);
  } catch (error) {
    if (error instanceof Cancelled) return CANCELLED;
    throw error;
  }
}

async function initialise(
  domainText: string | undefined,
  options: InitOptions,
  questions: Questions | undefined,
): Promise<number> {
  const { read } = optionReader(INIT_OPTIONS, options);
  const helo = await read('helo');
  const selectors = (await read('selector')) ?? [];
  const timeoutMs = await read('timeout');
  const servers = dnsServersOf(await read('dns'));
  const folder = options.outputDir ?? '.';
  if (domainText !== undefined) parseArguments(domainText, options.ip ?? []);
  const added = options.ci === undefined ? undefined : ciFile(options.ci);
  if (added !== undefined && (await isThere(join(folder, CONFIG_FILE)))) return addCi(folder, added);
  // Nobody wants to answer questions for a file that is then refused.
  for (const extension of EXTENSIONS) await refuseExisting(join(folder, `mailcheck.config${extension}`));
  await refuseExistingCi(folder, options.ci);
  const domain = domainText ?? (await askDomain(questions));
  const given: Given = {
    ...parseArguments(domain, options.ip ?? []),
    selectors,
    ...(helo === undefined ? {} : { helo }),
  };
  const { found, code } = await lookUp(given, { servers, timeoutMs });
  if (code > EXIT.inconclusive) return code;
  warnOf(found, given.domain, questions !== undefined);
  const content = questions === undefined ? { domain: given.domain, ...found } : await asked(questions, given, found);
  const kind = options.ci ?? (await askCi(questions));
  await refuseExistingCi(folder, kind);
  const ci = ciFile(kind);
  const config = join(folder, CONFIG_FILE);
  await writeNewFile(config, configText(content));
  if (ci !== undefined) await writeNewFile(join(folder, ci.path), ci.text);
  await writeText(process.stdout, nextSteps(content, { config, ci, folder }));
  return found.isComplete ? code : EXIT.inconclusive;
}

/** Writes the file for CI beside a configuration that exists. The file needs nothing but its name. */
async function addCi(folder: string, { path, text, needs }: CiFile): Promise<number> {
  const file = join(folder, path);
  await writeNewFile(file, text);
  const shown = (name: string): string => shellWord(name) ?? JSON.stringify(name);
  const config = shown(join(folder, CONFIG_FILE));
  await writeText(process.stdout, `Kept ${config} as it is\nWrote ${shown(file)}\n\n${needs}\n`);
  return EXIT.ok;
}

async function refuseExistingCi(folder: string, kind: CiKind | undefined): Promise<void> {
  const file = kind === undefined ? undefined : ciFile(kind);
  if (file !== undefined) await refuseExisting(join(folder, file.path));
}

/** Asks the DNS. If it gives no answers that count, only what the user gave is known. */
async function lookUp(
  given: Given,
  { servers, timeoutMs }: { readonly servers: readonly DnsServer[]; readonly timeoutMs: number },
): Promise<{ found: Discovered; code: number }> {
  const { domain, ips, selectors, helo = null } = given;
  let found: Discovered = { ...NOTHING, ips, selectors, helo };
  const run = { now: Date.now(), seed: randomBytes(16).toString('hex') };
  const code = await askDns(
    { domain, servers, timeoutMs },
    (dns) => discover(dns, given, run),
    async (answer) => {
      found = answer;
      return EXIT.ok;
    },
  );
  return { found, code };
}

function warnOf(
  { ips, helo, selectors, foreignHosts, isComplete }: Discovered,
  domain: Domain,
  isAsking: boolean,
): void {
  if (!isComplete) warn('some DNS questions got no answer, so not everything could be found');
  const [foreign] = foreignHosts;
  if (ips.length === 0 && foreign !== undefined) {
    warn(`the MX host ${foreign} is not below ${domain}, so its address may not be the one that sends mail: use --ip`);
  }
  if (isAsking || (ips.length > 0 && helo !== null && selectors.length > 0)) return;
  const missing = [
    ...(ips.length === 0 ? ['no address (--ip)'] : []),
    ...(helo === null ? ['no HELO name (--helo)'] : []),
    ...(selectors.length === 0 ? ['no DKIM selector (--selector)'] : []),
  ];
  warn(`found ${missing.join(', ')}; the file does not name ${missing.length === 1 ? 'it' : 'them'}`);
}

async function askDomain(questions: Questions | undefined): Promise<string> {
  if (questions === undefined) throw new UsageError('which domain? Type: mailcheck init example.com');
  return questions.ask('Domain that mail is sent for', '', (answer) => parseArguments(answer, []).domain);
}

/** Asks about everything that the user has not given, and proposes what was found. */
async function asked(questions: Questions, given: Given, found: Discovered): Promise<ConfigContent> {
  const { domain } = given;
  const listed = (answer: string): string[] => answer.split(/[\s,]+/).filter((part) => part !== '');
  const ips =
    given.ips.length > 0
      ? given.ips
      : await questions.ask(
          'Addresses that the mail is sent from',
          found.ips.join(', '),
          (answer) => parseArguments(domain, listed(answer)).ips,
        );
  return {
    domain,
    ips,
    helo:
      given.helo ??
      (await questions.ask('HELO name of the server', found.helo ?? '', (answer) =>
        answer === '' ? null : parseHelo(answer),
      )),
    selectors:
      given.selectors.length > 0
        ? given.selectors
        : await questions.ask('DKIM selectors', found.selectors.join(', '), (answer) =>
            listed(answer).map(parseSelector),
          ),
    provider: ips.join() === found.ips.join() ? found.provider : null,
  };
}

async function askCi(questions: Questions | undefined): Promise<CiKind> {
  if (questions === undefined) return 'none';
  return questions.ask(`CI file: ${CI_KINDS.join(', ')}`, 'none', (answer) => oneOf(answer, CI_KINDS));
}

/** Returns what was written and what to run next. */
function nextSteps(
  { domain, ips }: ConfigContent,
  { config, ci, folder }: { readonly config: string; readonly ci: CiFile | undefined; readonly folder: string },
): string {
  const written = [config, ...(ci === undefined ? [] : [join(folder, ci.path)])];
  const isHere = relative('.', folder) === '';
  const word = shellWord(config);
  return [
    ...written.map((file) => `Wrote ${shellWord(file) ?? JSON.stringify(file)}`),
    '',
    'Next:',
    isHere ? '  mailcheck' : word === undefined ? '  mailcheck --config <file>' : `  mailcheck --config ${word}`,
    ...(ips.length === 0 ? [] : [`  mailcheck records ${[domain, ...ips].join(' ')}`]),
    ...(ci === undefined ? [] : ['', ci.needs]),
    '',
  ].join('\n');
}
