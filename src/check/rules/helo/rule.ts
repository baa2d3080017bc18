/**
 * Checks the HELO name (RFC 5321 §2.3.5, §4.1.1.1): the EHLO argument, the PTR record and the address record agree. A
 * name from the greeting is the one used for receiving. Most servers use the same name for sending, but not all.
 */
import type { MtaId } from '../../../knowledge/mail-servers/mta.ts';
import { greetingNameOf } from '../../../knowledge/mail-servers/sending-name.ts';
import { type DnsAnswer, isFailure, queryEvidence, recordsOf } from '../../../network/dns/answer.ts';
import { canonicalName, isHostName, sameName } from '../../../network/domain.ts';
import { type IpAddress, parseIp, sameIp, specialPurpose } from '../../../network/ip.ts';
import { specialUse } from '../../../standards/special-use-name.ts';
import { greeting, overwrittenIn } from '../../facts/greeting.ts';
import { type HeloName, type HeloSource, heloName } from '../../facts/helo-name.ts';
import { hostName } from '../../facts/host-name.ts';
import { hostObstacle } from '../../facts/host-obstacle.ts';
import { mailServer } from '../../facts/mail-server.ts';
import { meantHost } from '../../facts/meant-host.ts';
import { confirmedNames, type PtrFact, ptr } from '../../facts/ptr.ts';
import { heloSpf } from '../../facts/spf.ts';
import { behindProxy } from '../../facts/web-proxy.ts';
import { whyNoSmtp } from '../connections.ts';
import { type Emit, type Finding, questionsOf } from '../finding.ts';
import { type Context, defineRule, note } from '../rule.ts';
import { proxyEvidence } from '../web-proxy.ts';
import { findings, isGreetingFault, type NameFault } from './findings.ts';
import { seenHelo } from './seen.ts';

type Emitter = Emit<typeof findings>;

export default defineRule({
  id: 'helo',
  title: 'HELO name',
  reference: 'RFC 5321 §2.3.5',
  findings,
  restsOnDns: true,
  step: 'announced-name',
  needsAddress: true,

  async *check(context, finding) {
    const { target, facts } = context;
    const names = await Promise.all(target.ips.map(async (ip) => ({ ip, helo: await facts(heloName, ip) })));
    const perAddress = await Promise.all(names.map(({ ip, helo }) => judge(ip, helo, context, finding)));
    yield* perAddress.flat();
    return note(seenHelo(names.map(({ helo }) => helo)));
  },
});

/** The sources that are words of the server. */
const IN_DIALOGUE: readonly HeloSource[] = ['greeting', 'ehlo', 'submission', 'other-address'];

async function judge(ip: IpAddress, helo: HeloName, context: Context, finding: Emitter): Promise<Finding[]> {
  const found = await judgeName(ip, helo, context, finding);
  return helo.name !== null && IN_DIALOGUE.includes(helo.source)
    ? withGreeting({ ip, helo: helo.name, source: helo.source }, found, context, finding)
    : found;
}

/**
 * Weighs what was found of a name in a greeting. Where the greeting has a name of its own, or may have one, the findings
 * become one warning: they would be true only if the server sent with that name.
 */
async function withGreeting(about: About, found: Finding[], { facts }: Context, finding: Emitter): Promise<Finding[]> {
  const { ip } = about;
  const mta = await facts(mailServer, ip);
  const relation = greetingNameOf(mta?.id ?? null);
  const against = found.filter(({ code, severity }) => isGreetingFault(code) && severity !== 'info');
  const [first] = against;
  if (relation === 'same' || first === undefined) return found;
  const evidence = {
    ...about,
    server: mta?.id ?? null,
    serverName: relation === 'apart' ? (mta?.name ?? null) : null,
    faults: against.map(({ code }) => code).filter(isGreetingFault),
    wanted: (await facts(hostName, ip)).name,
    ifSame: relation === 'apart' ? null : first.remediation.summary,
  };
  const rests = against.flatMap((one) => one.rests);
  const others = found.filter(({ severity }) => severity === 'inconclusive');
  return [finding('helo/greeting-name', evidence, { about: { ip }, rests }), ...others];
}

async function judgeName(ip: IpAddress, helo: HeloName, context: Context, finding: Emitter): Promise<Finding[]> {
  const reverse = await context.facts(ptr, ip);
  const isSeen = helo.name === null || helo.source === 'ptr';
  const without = whyNoSmtp(context.settings);
  const noName = {
    isOverwritten: isSeen && overwrittenIn(await context.facts(greeting, ip)).length > 0,
    ...(without === null ? {} : { isUnread: true, ...(without === 'change' ? { isChange: true } : {}) }),
    // A name that was read on another port is known all the same.
    obstacle: isSeen ? await context.facts(hostObstacle, ip) : null,
  };
  if (helo.name === null) {
    const detail = { about: { ip }, rests: questionsOf(reverse.query) };
    return [finding('helo/unknown', { reason: 'no-source', ip, tried: helo.tried, ...noName }, detail)];
  }
  const { name, source } = helo;
  const about = { ip, helo: name, source };
  const found: Finding[] = [];
  if (source === 'ptr') {
    const detail = { about: { ip }, rests: questionsOf(reverse.query) };
    found.push(finding('helo/unknown', { reason: 'assumed-from-ptr', ip, assumed: name, ...noName }, detail));
  }
  const fault = await syntaxFinding(about, context, finding);
  if (fault) return [...found, fault];
  const [a, aaaa] = await Promise.all([context.dns.query(name, 'A'), context.dns.query(name, 'AAAA')]);
  const addresses = [...recordsOf(a), ...recordsOf(aaaa)];
  const leadsToIp = addresses.some((address) => sameIp(address, ip));
  const resolution = await resolutionFinding(about, { a, aaaa, addresses, leadsToIp, reverse }, context, finding);
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

async function syntaxFinding(about: About, { facts }: Context, finding: Emitter): Promise<Finding | undefined> {
  const { helo, ip } = about;
  const isLiteral = /^\[.*\]$/.test(helo);
  const isAddress = parseIp(helo) !== undefined || /^[\d.]+$/.test(helo);
  const fault = nameFault(helo);
  if (!isLiteral && !isAddress && fault === undefined) return undefined;
  // The name goes into commands. The fact gives a host name, or one that is made of the domain.
  const wanted = (await facts(hostName, ip)).name;
  const evidence = { ...about, server: await serverAt(ip, facts), wanted };
  if (isLiteral) return finding('helo/address-literal', evidence, { about: { ip } });
  if (isAddress || fault === undefined) return finding('helo/bare-ip', evidence, { about: { ip } });
  return finding('helo/not-fqdn', { ...evidence, fault }, { about: { ip } });
}

/** @returns the mail server whose settings a remediation names. It takes a connection. */
async function serverAt(ip: IpAddress, facts: Context['facts']): Promise<MtaId | null> {
  return (await facts(mailServer, ip))?.id ?? null;
}

/** @returns why a host must not announce the name, or `undefined` when it may. */
function nameFault(name: string): NameFault | undefined {
  const use = specialUse(name);
  if (use === 'machine' || use === 'network') return 'local';
  if (!canonicalName(name).includes('.')) return 'single-label';
  return isHostName(name) ? undefined : 'characters';
}

interface Resolution {
  readonly a: DnsAnswer<'A'>;
  readonly aaaa: DnsAnswer<'AAAA'>;
  readonly addresses: readonly string[];
  readonly leadsToIp: boolean;
  readonly reverse: PtrFact;
}

async function resolutionFinding(
  about: About,
  { a, aaaa, addresses, leadsToIp, reverse }: Resolution,
  { facts, settings, target, clock }: Context,
  finding: Emitter,
): Promise<Finding | undefined> {
  if (leadsToIp) return undefined;
  const { helo, ip } = about;
  const detail = { about: { ip }, rests: questionsOf(a, aaaa) };
  const behind = behindProxy(helo, [a, aaaa]);
  const failed = [a, aaaa].find(isFailure);
  if (failed && behind === null) {
    const reason = 'lookup-failed';
    const evidence = { reason, ...about, query: queryEvidence(failed) } as const;
    return finding('helo/inconclusive', evidence, { ...detail, about: { ip, item: reason } });
  }
  const confirmed = confirmedNames(reverse).find(isHostName) ?? null;
  const server = await serverAt(ip, facts);
  if (addresses.length === 0 && behind === null) {
    const alias = a.chain.at(-1);
    const found = await facts(meantHost, alias ?? helo, helo);
    const meant = found?.addresses.includes(ip) ? found : null;
    return finding('helo/unresolvable', { ...about, server, query: queryEvidence(a), meant, confirmed }, detail);
  }
  const isAlias = a.chain.length > 0 || aaaa.chain.length > 0;
  const isNamed = reverse.names.some(({ name }) => sameName(name, helo));
  const isTested = addresses.some((address) => target.ips.some((tested) => sameIp(tested, address)));
  const isPublic = (address: string): boolean => {
    const parsed = parseIp(address);
    return settings.allowPrivate || parsed === undefined || specialPurpose(parsed) === undefined;
  };
  const evidence = {
    ...about,
    server,
    addresses,
    proxy: behind && proxyEvidence(behind, [...a.chain, ...aaaa.chain], clock.now()),
    // A name that was only assumed from the PTR record is judged by that record.
    isOwn: about.source !== 'ptr' && !isAlias && (isNamed || isTested),
    confirmed,
    notPublic: about.source === 'ptr' || isAlias || addresses.some(isPublic) ? [] : addresses,
  };
  return finding('helo/ip-mismatch', evidence, detail);
}

/** Checks the HELO identity of SPF (RFC 7208 §2.3), whose sender is `postmaster@<helo>`. */
async function spfFindings(about: About, { facts }: Context, finding: Emitter): Promise<Finding[]> {
  const { ip, helo } = about;
  const outcome = await facts(heloSpf, ip, helo);
  const problem = outcome.problem?.message ?? null;
  const own = outcome.answers.find(({ name, type }) => type === 'TXT' && sameName(name, helo));
  const owner = own?.chain.at(-1) ?? canonicalName(helo);
  const detail = { about: { ip }, rests: questionsOf(...outcome.answers) };
  switch (outcome.result) {
    case 'fail':
    case 'permerror':
      return [finding('helo/spf-fail', { ...about, result: outcome.result, problem, owner }, detail)];
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
