/**
 * Runs `mailcheck lint <file...>`: judges files with DNS records by themselves, without a network. It is made for a hook that
 * runs before each commit, so a zone without any word of mail passes at once.
 */
import { run } from '../../check/run.ts';
import type { ProposedZone } from '../../network/dns/proposal.ts';
import { type Domain, isSameOrSubdomain, parseDomain } from '../../network/domain.ts';
import { EXIT, exitCode, type Report, worstExitCode } from '../../report/status.ts';
import { reporters } from '../../reporters/index.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { SMTP_PORT } from '../options/check-options.ts';
import { LINT_OPTIONS, type LintOptions } from '../options/command-options.ts';
import { readProposalFile } from '../options/files.ts';
import { optionReader } from '../options/read.ts';
import { reportFault } from '../terminal/faults.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { lintText } from './lint-text.ts';

/** Milliseconds for one file. Nothing is waited for, so only a fault of mailcheck takes as long. */
const TIMEOUT_MS = 60_000;

/** The most domains of one file that are judged. */
const MAX_DOMAINS = 100;

/** Completes the names of a text until its zone is known. Nobody has this domain (RFC 2606 §2). */
const NO_ZONE = 'zone.invalid';

/**
 * @param files the paths of zone files, or of the other forms that `--zone` takes. `-` is standard input.
 * @returns the exit code: 1 if something in a file is wrong, otherwise 0.
 * @throws UsageError for a file that cannot be read, that no name server would load, or whose zone is not known.
 */
export async function lintCommand(files: readonly string[], options: LintOptions): Promise<number> {
  const { read } = optionReader(LINT_OPTIONS, options);
  const format = await read('format');
  const given = await read('domain');
  const policy = { failOn: options.strict ? ('warning' as const) : ('error' as const) };
  const reports: Report[] = [];
  const judgedFiles = new Map<string, { readonly domains: number; readonly left: number }>();
  // One after the other, so that many files are not all in memory at once.
  for (const file of new Set(files)) {
    const { zone, readFor } = await readFile(file, given);
    const domains = domainsOf(zone).filter((domain) => given === undefined || isSameOrSubdomain(domain, given));
    const chosen = domains.slice(0, MAX_DOMAINS);
    for (const domain of chosen) reports.push(await judged(await readFor(domain), domain));
    judgedFiles.set(file, { domains: chosen.length, left: domains.length - chosen.length });
  }
  if (format === 'pretty') await writeText(process.stdout, lintText(reports, judgedFiles, stdoutTones()));
  else if (reports.length > 0 || format === 'json' || format === 'sarif') {
    await writeText(process.stdout, reporters[format](reports, { color: false, verbose: false, policy }));
  }
  return reports.length === 0 ? EXIT.ok : worstExitCode(reports.map((report) => exitCode(report, policy)));
}

interface Read {
  readonly zone: ProposedZone;
  /** @returns the records as they are for one domain of the file. */
  readonly readFor: (domain: Domain) => Promise<ProposedZone>;
}

/** Reads a file. Its zone is the one given, or what its content or its name tells. A plan names its zones itself. */
async function readFile(file: string, given: Domain | undefined): Promise<Read> {
  const proposal = await readProposalFile(file);
  const named = given ?? (proposal.isJson ? undefined : proposal.zone);
  const first = await proposal.read(named ?? NO_ZONE);
  const isPlan = first.format !== 'zone' && first.format !== 'json';
  const isOpen = named === undefined && namesIn(first).some((name) => isSameOrSubdomain(name, NO_ZONE));
  const origin = isOpen && !isPlan ? proposal.zone : undefined;
  if (isOpen && origin === undefined) throw new UsageError(`${quoteInput(file)} ${zoneUnknown(first)}`);
  const zone = origin === undefined ? first : await proposal.read(origin);
  // Terraform names some zones by ids alone. The domain tells which zone has its records.
  return { zone, readFor: async (domain) => (zone.format === 'terraform' ? proposal.read(domain) : zone) };
}

function zoneUnknown({ format = 'zone' }: ProposedZone): string {
  const typed = 'type --domain example.com';
  if (format === 'zone') return `does not say which zone it is of. Begin it with $ORIGIN, or ${typed}`;
  if (format === 'json') return `does not say which domain its names are below. Write whole names, or ${typed}`;
  return `does not say which zone all of its records are in, so ${typed}`;
}

function namesIn({ records, removed = [], edits = [], undetermined = [] }: ProposedZone): string[] {
  const all = [...records, ...removed, ...edits];
  return [...all.map(({ name }) => name), ...undetermined.flatMap(({ name, zone }) => name ?? zone ?? [])];
}

/** The names of records that say something of the mail of the domain behind them. */
const OF_MAIL = /^(?:_dmarc|_mta-sts|_smtp\._tls|default\._bimi|(?:.+\.)?_domainkey)\./;

/**
 * @returns the domains of which the records say something that concerns mail: those with an MX or SPF record, or with a record
 *   at a name such as `_dmarc` below them. The shortest names are the first.
 */
function domainsOf({ records, removed = [], edits = [] }: ProposedZone): Domain[] {
  const set = edits.flatMap(({ name, type, add, remove }) => [...add, ...remove].map((data) => ({ name, type, data })));
  const all: readonly { name: string; type: string; data?: unknown }[] = [...records, ...removed, ...set];
  const domains = all.flatMap(({ name, type, data }) => {
    const behind = OF_MAIL.exec(name)?.[0];
    if (behind !== undefined) return name.slice(behind.length);
    const isSpf = Array.isArray(data) && /^v=spf1/i.test(data.join(''));
    return type === 'MX' || isSpf ? name : [];
  });
  return [...new Set(domains)]
    .filter((name) => !name.startsWith('_') && !name.includes('._'))
    .flatMap((name) => parseDomain(name) ?? [])
    .sort((a, b) => a.split('.').length - b.split('.').length);
}

/** @returns the selectors whose keys a file has. */
function selectorsIn({ records }: ProposedZone, domain: Domain): string[] {
  const below = `._domainkey.${domain}`;
  const names = records.filter(({ name }) => name.endsWith(below) && !name.startsWith('*'));
  return [...new Set(names.map(({ name }) => name.slice(0, -below.length)))];
}

function judged(zone: ProposedZone, domain: Domain): Promise<Report> {
  return run(
    { domain, ips: [], selectors: selectorsIn(zone, domain) },
    {
      settings: { smtpPort: SMTP_PORT, allowPrivate: false, gate: 'all', offline: true },
      proposed: [zone],
      timeoutMs: TIMEOUT_MS,
      onFault: reportFault,
    },
  );
}
