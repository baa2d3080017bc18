/**
 * Checks the HELO name (RFC 5321 §2.3.5, §4.1.1.1): the EHLO argument, the PTR record and the address record agree. A
 * name from the greeting is the one used for receiving. Most servers use the same name for sending, but not all.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { canonicalName, isHostName, isSameOrSubdomain, sameName } from '../../../network/domain.ts';
import { type IpAddress, parseIp, sameIp } from '../../../network/ip.ts';
import { type HeloName, heloName } from '../../facts/helo-name.ts';
import { confirmedNames, type PtrFact, ptr } from '../../facts/ptr.ts';
import { heloSpf } from '../../facts/spf.ts';
import type { Target } from '../../target.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { findings, type NameFault } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'helo',
  title: 'HELO name',
  reference: 'RFC 5321 §2.3.5',
  findings,
  restsOnDns: true,
  step: 'announced-name',
  unfinished: 'helo/unknown',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts } = context;
    const names = await Promise.all(target.ips.map(async (ip) => ({ ip, helo: await facts(heloName, ip) })));
    const perAddress = await Promise.all(names.map(({ ip, helo }) => judge(ip, helo, context, finding)));
    yield* perAddress.flat();
  },
});

async function judge(ip: IpAddress, helo: HeloName, context: Context, finding: Emitter): Promise<Finding[]> {
  const reverse = await context.facts(ptr, ip);
  if (helo.name === null) {
    const detail = { about: { ip }, rests: questionsOf(reverse.query) };
    return [finding('helo/unknown', { reason: 'no-source', ip, tried: helo.tried }, detail)];
  }
  const { name, source } = helo;
  const about = { ip, helo: name, source };
  const found: Finding[] = [];
  if (source === 'ptr') {
    const detail = { about: { ip }, rests: questionsOf(reverse.query) };
    found.push(finding('helo/unknown', { reason: 'assumed-from-ptr', ip, assumed: name }, detail));
  }
  const fault = syntaxFinding(about, wantedName(reverse, context.target), finding);
  if (fault) return [...found, fault];
  const [a, aaaa] = await Promise.all([context.dns.query(name, 'A'), context.dns.query(name, 'AAAA')]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)];
  const leadsToIp = addresses.some((address) => sameIp(address, ip));
  const resolution = resolutionFinding(about, { a, aaaa, addresses, leadsToIp }, finding);
  if (resolution) found.push(resolution);

  const reverseNames = reverse.names.map(({ name: reverseName }) => reverseName);
  if (reverseNames.length > 0 && !reverseNames.some((reverseName) => sameName(reverseName, name))) {
    const evidence = { ...about, ptr: reverseNames, heloLeadsToIp: leadsToIp };
    const severity = leadsToIp ? 'info' : 'warning';
    found.push(
      finding('helo/ptr-mismatch', evidence, { about: { ip }, rests: questionsOf(reverse.query, a, aaaa), severity }),
    );
  }
  found.push(...(await spfFindings(about, context, finding)));
  return found;
}

interface About {
  readonly ip: IpAddress;
  readonly helo: string;
  readonly source: string;
}

/** The domains whose names are valid only on one machine or in one network. */
const LOCAL_SUFFIXES = ['localhost', 'local', 'lan', 'localdomain', 'internal', 'home.arpa'];

function syntaxFinding(about: About, wanted: string, finding: Emitter): Finding | undefined {
  const { helo, ip } = about;
  if (/^\[.*\]$/.test(helo)) return finding('helo/address-literal', { ...about, wanted }, { about: { ip } });
  if (parseIp(helo) || /^[\d.]+$/.test(helo)) return finding('helo/bare-ip', { ...about, wanted }, { about: { ip } });
  const fault = nameFault(helo);
  return fault === undefined ? undefined : finding('helo/not-fqdn', { ...about, fault, wanted }, { about: { ip } });
}

/** @returns why a host must not announce the name, or `undefined` when it may. */
function nameFault(name: string): NameFault | undefined {
  if (LOCAL_SUFFIXES.some((suffix) => isSameOrSubdomain(name, suffix))) return 'local';
  if (!canonicalName(name).includes('.')) return 'single-label';
  return isHostName(name) ? undefined : 'characters';
}

interface Resolution {
  readonly a: DnsAnswer<'A'>;
  readonly aaaa: DnsAnswer<'AAAA'>;
  readonly addresses: readonly string[];
  readonly leadsToIp: boolean;
}

function resolutionFinding(
  about: About,
  { a, aaaa, addresses, leadsToIp }: Resolution,
  finding: Emitter,
): Finding | undefined {
  if (leadsToIp) return undefined;
  const detail = { about: { ip: about.ip }, rests: questionsOf(a, aaaa) };
  const failed = [a, aaaa].find(isFailure);
  if (failed) {
    const reason = 'lookup-failed';
    const evidence = { reason, ...about, query: queryEvidence(failed) } as const;
    return finding('helo/inconclusive', evidence, { ...detail, about: { ip: about.ip, item: reason } });
  }
  if (addresses.length > 0) return finding('helo/ip-mismatch', { ...about, addresses }, detail);
  return finding('helo/unresolvable', { ...about, query: queryEvidence(a) }, detail);
}

/** Checks the HELO identity of SPF (RFC 7208 §2.3), whose sender is `postmaster@<helo>`. */
async function spfFindings(about: About, { facts }: Context, finding: Emitter): Promise<Finding[]> {
  const { ip, helo } = about;
  const outcome = await facts(heloSpf, ip, helo);
  const problem = outcome.problem?.message ?? null;
  const detail = { about: { ip }, rests: questionsOf(...outcome.answers) };
  switch (outcome.result) {
    case 'fail':
    case 'permerror':
      return [finding('helo/spf-fail', { ...about, result: outcome.result, problem }, detail)];
    case 'none':
      return [finding('helo/spf-missing', about, detail)];
    case 'temperror': {
      const reason = 'spf-lookup-failed';
      return [finding('helo/inconclusive', { reason, ...about, problem }, { ...detail, about: { ip, item: reason } })];
    }
    default:
      return [];
  }
}

/** @returns the name to announce instead: the confirmed PTR name, or else `mail.` and the domain. */
function wantedName(reverse: PtrFact, { domain }: Target): string {
  // The name goes into commands, and a PTR record may hold anything, so only a valid host name is used.
  return confirmedNames(reverse).find(isHostName) ?? `mail.${domain}`;
}
