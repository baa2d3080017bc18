/**
 * The HELO name (RFC 5321 §2.3.5, §4.1.1.1): EHLO argument, PTR and address record say the same thing. A name read off
 * the greeting is the one used for receiving; most servers, but not all, send with the same one.
 */
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { canonicalName, isHostName, isSameOrSubdomain, sameName } from '../../../network/domain.ts';
import { type IpAddress, parseIp, sameIp } from '../../../network/ip.ts';
import { checkHelo } from '../../../standards/spf/index.ts';
import { type HeloName, heloName } from '../../facts/helo-name.ts';
import { ptr } from '../../facts/ptr.ts';
import type { Emit, Finding } from '../finding.ts';
import { type Context, defineRule } from '../rule.ts';
import { findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'helo',
  title: 'HELO name',
  reference: 'RFC 5321 §2.3.5',
  findings,
  step: 'announced-name',

  async *check(context, finding) {
    const { target, facts } = context;
    if (target.ips.length === 0) {
      const reason = 'There is no address to test, so no host could be asked for its name';
      yield finding('helo/unknown', { reason }, { about: {} });
      return;
    }
    const names = await Promise.all(target.ips.map(async (ip) => ({ ip, helo: await facts(heloName, ip) })));
    const perAddress = await Promise.all(names.map(({ ip, helo }) => judge(ip, helo, context, finding)));
    yield* perAddress.flat();
  },
});

async function judge(ip: IpAddress, helo: HeloName, context: Context, finding: Emitter): Promise<Finding[]> {
  if (helo.name === null) {
    const reason = `Nothing tells the name that ${ip} announces: no --helo was given, its SMTP port gave no name, and no PTR was found`;
    return [finding('helo/unknown', { reason, ip, tried: helo.tried }, { about: { ip } })];
  }
  const { name, source } = helo;
  const about = { ip, helo: name, source };
  const found: Finding[] = [];
  if (source === 'ptr') {
    const reason = `The name that ${ip} announces is not known: no --helo was given and its SMTP port gave no name. Its PTR, ${name}, was assumed`;
    found.push(finding('helo/unknown', { reason, ip, assumed: name }, { about: { ip } }));
  }
  const fault = syntaxFinding(about, await wantedName(ip, context), finding);
  if (fault) return [...found, fault];
  const [a, aaaa, reverse] = await Promise.all([
    context.dns.query(name, 'A'),
    context.dns.query(name, 'AAAA'),
    context.facts(ptr, ip),
  ]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)];
  const leadsToIp = addresses.some((address) => sameIp(address, ip));
  const resolution = resolutionFinding(about, { a, aaaa, addresses, leadsToIp }, finding);
  if (resolution) found.push(resolution);

  const reverseNames = reverse.names.map(({ name: reverseName }) => reverseName);
  if (reverseNames.length > 0 && !reverseNames.some((reverseName) => sameName(reverseName, name))) {
    const evidence = { ...about, ptr: reverseNames, heloLeadsToIp: leadsToIp };
    found.push(finding('helo/ptr-mismatch', evidence, { about: { ip }, severity: leadsToIp ? 'info' : 'warning' }));
  }
  found.push(...(await spfFindings(about, context, finding)));
  return found;
}

interface About {
  readonly ip: IpAddress;
  readonly helo: string;
  readonly source: string;
}

/** Names that mean something on one machine or in one network only. */
const LOCAL_SUFFIXES = ['localhost', 'local', 'lan', 'localdomain', 'internal', 'home.arpa'];

function syntaxFinding(about: About, wanted: string, finding: Emitter): Finding | undefined {
  const { helo, ip } = about;
  if (/^\[.*\]$/.test(helo)) return finding('helo/address-literal', { ...about, wanted }, { about: { ip } });
  if (parseIp(helo) || /^[\d.]+$/.test(helo)) return finding('helo/bare-ip', { ...about, wanted }, { about: { ip } });
  const reason = nameFault(helo);
  return reason === undefined ? undefined : finding('helo/not-fqdn', { ...about, reason, wanted }, { about: { ip } });
}

function nameFault(name: string): string | undefined {
  if (LOCAL_SUFFIXES.some((suffix) => isSameOrSubdomain(name, suffix))) {
    return 'that name exists on one machine or in one network only';
  }
  if (!canonicalName(name).includes('.')) return 'a single label is not a full name';
  return isHostName(name) ? undefined : 'it has characters that a host name cannot have';
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
  const failed = [a, aaaa].find(isFailure);
  if (failed) {
    const reason = `The HELO name ${about.helo} could not be looked up: ${failed.detail}`;
    return finding(
      'helo/inconclusive',
      { ...about, reason, query: queryEvidence(failed) },
      { about: { ip: about.ip } },
    );
  }
  if (addresses.length > 0) return finding('helo/ip-mismatch', { ...about, addresses }, { about: { ip: about.ip } });
  return finding('helo/unresolvable', { ...about, query: queryEvidence(a) }, { about: { ip: about.ip } });
}

/** The HELO identity of SPF (RFC 7208 §2.3): the sender is `postmaster@<helo>`. */
async function spfFindings(about: About, { dns }: Context, finding: Emitter): Promise<Finding[]> {
  const { ip, helo } = about;
  const outcome = await checkHelo({ ip, heloName: helo, resolver: dns });
  const problem = outcome.problem?.message ?? null;
  switch (outcome.result) {
    case 'fail':
    case 'permerror':
      return [finding('helo/spf-fail', { ...about, result: outcome.result, problem }, { about: { ip } })];
    case 'none':
      return [finding('helo/spf-missing', about, { about: { ip } })];
    case 'temperror': {
      const reason = `SPF of the HELO name ${helo} could not be looked up${problem === null ? '' : `: ${problem}`}`;
      return [finding('helo/inconclusive', { ...about, reason }, { about: { ip } })];
    }
    default:
      return [];
  }
}

/** The name to announce instead: the confirmed reverse name, else the customary one. */
async function wantedName(ip: IpAddress, { target, facts }: Context): Promise<string> {
  const { names } = await facts(ptr, ip);
  // It goes into commands, and a reverse name may be anything that someone put into the DNS.
  const usable = names.find(({ name, confirmation }) => confirmation === 'confirmed' && isHostName(name));
  return usable?.name ?? `mail.${target.domain}`;
}
