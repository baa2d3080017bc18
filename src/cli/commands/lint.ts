/**
 * Runs `mailcheck lint <file...>`: judges files with DNS records by themselves, without a network. It is made for a hook that
 * runs before each commit, so a zone without any word of mail passes at once.
 */
import { run } from '../../check/run.ts';
import type { ProposedZone } from '../../network/dns/overlay.ts';
import { type Domain, isSameOrSubdomain } from '../../network/domain.ts';
import { EXIT, exitCode, type Report, worstExitCode } from '../../report/status.ts';
import { reporters } from '../../reporters/index.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { SMTP_PORT } from '../options/check-options.ts';
import { LINT_OPTIONS, type LintOptions } from '../options/command-options.ts';
import { MAX_ZONE_BYTES, readOptionText, zoneReader } from '../options/files.ts';
import { optionReader } from '../options/read.ts';
import { reportFault } from '../terminal/faults.ts';
import { stdoutTones, writeText } from '../terminal/output.ts';
import { lintText } from './lint-text.ts';

/** Milliseconds for one file. Nothing is waited for, so only a fault of mailcheck takes as long. */
const TIMEOUT_MS = 60_000;

/**
 * @param files the paths of zone files, or of the other forms that `--zone` takes.
 * @returns the exit code: 1 if something in a file is wrong, otherwise 0.
 * @throws UsageError for a file that cannot be read, that no name server would load, or whose zone is not known.
 */
export async function lintCommand(files: readonly string[], options: LintOptions): Promise<number> {
  const { read } = optionReader(LINT_OPTIONS, options);
  const format = await read('format');
  const given = await read('domain');
  const policy = { failOn: options.strict ? ('warning' as const) : ('error' as const) };
  const readZones = zoneReader();
  const reports: Report[] = [];
  // One after the other, so that many files are not all in memory at once.
  for (const file of new Set(files)) {
    const domain = given ?? (await zoneOfFile(file));
    for (const zone of await readZones([file], domain)) {
      if (isOfMail(zone, domain)) reports.push(await judged(zone, domain));
    }
  }
  const [first] = reports;
  if (format === 'pretty') await writeText(process.stdout, lintText(reports, new Set(files).size, stdoutTones()));
  else if (first !== undefined || format === 'sarif') {
    await writeText(process.stdout, reporters[format](reports, { color: false, verbose: false, policy }));
  }
  return first === undefined ? EXIT.ok : worstExitCode(reports.map((report) => exitCode(report, policy)));
}

async function zoneOfFile(file: string): Promise<Domain> {
  const { zoneOf } = await import('../../standards/zone-file/origin.ts');
  const zone = zoneOf(await readOptionText(file, MAX_ZONE_BYTES), file);
  if (zone !== undefined) return zone;
  throw new UsageError(
    `${quoteInput(file)} does not say which zone it is of. Begin it with $ORIGIN, or type --domain example.com`,
  );
}

/** Tells whether a file says anything of the mail of a domain. Most zones of a repository do not. */
function isOfMail({ records, removed = [] }: ProposedZone, domain: Domain): boolean {
  const isOwn = ({ name, type }: { name: string; type: string }): boolean =>
    (type === 'MX' && name === domain) || /^(?:_dmarc|_mta-sts|_smtp\._tls|default\._bimi|.+\._domainkey)\./.test(name);
  const isSpf = ({ name, data }: ProposedZone['records'][number]): boolean =>
    name === domain && Array.isArray(data) && /^v=spf1/i.test(data.join(''));
  return (
    [...records, ...removed].some((one) => isSameOrSubdomain(one.name, domain) && isOwn(one)) || records.some(isSpf)
  );
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
