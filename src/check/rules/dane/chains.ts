/** Compares the TLSA records of an MX host with the certificates that it shows at each of its addresses. */
import type { DnsRecords } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import { quoteReply } from '../../../network/smtp/quote.ts';
import { isHeldBack, type SmtpFailure, smtpEvidence } from '../../../network/smtp/types.ts';
import type { Question } from '../../../report/status.ts';
import { certificateEvidence } from '../../../standards/certificate.ts';
import { type Compared, compareTlsa, isLostToAgility, isMatched } from '../../../standards/tlsa/match.ts';
import { recordToPublish } from '../../../standards/tlsa/publish.ts';
import { fieldsText, isUsable, shortTlsa, tlsaText } from '../../../standards/tlsa/record.ts';
import type { Facts } from '../../facts/fact.ts';
import { wasReached } from '../../facts/greeting.ts';
import { hostObstacle } from '../../facts/host-obstacle.ts';
import type { MailHost } from '../../facts/mx.ts';
import { editedOnTheWay, isOverwrittenAt } from '../../facts/overwritten.ts';
import { type Presented, presentedChain } from '../../facts/presented-chain.ts';
import { proxyBefore } from '../../facts/web-proxy.ts';
import type { Emit, EvidenceOf, Finding } from '../finding.ts';
import { type HeldBack, heldBack } from '../held-back.ts';
import type { Obstructed } from '../inconclusive.ts';
import { comparedEvidence } from './compared.ts';
import type { AboutHost, findings } from './findings.ts';

type Emitter = Emit<typeof findings>;

/** A host with records that senders use, and whom they expect there. */
export interface Expected extends AboutHost {
  readonly mailHost: MailHost;
  /** The TLSA base domain. */
  readonly base: string;
  readonly tlsa: DnsRecords<'TLSA'>;
  /** The TTL of the records as they are published, in seconds. */
  readonly ttl: number;
  /** The names of which one must be in the certificate where names count. */
  readonly names: readonly string[];
  readonly rests: readonly Question[];
}

/** What findings say of one address, without the host and the addresses. */
type Without<C extends keyof typeof findings> = Omit<EvidenceOf<(typeof findings)[C]>, keyof AboutHost | 'addresses'>;

type Judged = { readonly ip: IpAddress } & (
  | { readonly code: 'dane/inconclusive'; readonly evidence: Untold }
  | { readonly code: 'dane/no-starttls'; readonly evidence: Without<'dane/no-starttls'> }
  | { readonly code: 'dane/mismatch' | 'dane/digest-agility'; readonly evidence: Without<'dane/mismatch'> }
);

/** Why an address could not be compared. */
type Untold = Obstructed &
  (
    | {
        readonly reason: 'unreached' | 'no-route' | 'forbidden' | 'handshake-failed' | 'overwritten-here' | 'aborted';
        readonly detail: string;
      }
    | ({ readonly reason: 'limited' | 'shut-out' } & HeldBack)
  );

/** What the comparison needs besides the records. */
export interface Comparing {
  readonly facts: Facts;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Compares the records with what each address shows.
 *
 * @returns the fields of the records that match at some address, such as `3 1 1`.
 */
export async function* compareChains(
  expected: Expected,
  comparing: Comparing,
  finding: Emitter,
): AsyncGenerator<Finding, readonly string[], undefined> {
  const { mailHost, host, name, base, tlsa, ttl, names, rests } = expected;
  const { facts, now } = comparing;
  const hasUsable = tlsa.records.some(isUsable);
  const behindProxy = proxyBefore(mailHost)?.addresses ?? [];
  const judged: Judged[] = [];
  const matched: Compared[][] = [];
  const seen = await Promise.all(
    mailHost.addresses.map(async (ip) => ({ ip, presented: await facts(presentedChain, ip, base) })),
  );
  for (const { ip, presented } of seen) {
    // A web proxy carries no mail. The mx rule reports it.
    const isProxy = presented.kind === 'unreached' && behindProxy.includes(ip) && !wasReached(presented.greeting);
    if (isProxy) continue;
    if (presented.kind !== 'shown') {
      const judgement = await withoutChain(presented, ip, comparing);
      // Without a record that can be used nothing is compared, but senders demand TLS all the same (RFC 7672 §2.2).
      if (hasUsable || judgement.code === 'dane/no-starttls') judged.push({ ip, ...judgement });
    } else if (hasUsable) {
      const { chain } = presented.tls;
      const compared = compareTlsa(tlsa.records, { chain, names, now });
      if (isMatched(compared)) matched.push(compared);
      else {
        const code = isLostToAgility(compared) ? 'dane/digest-agility' : 'dane/mismatch';
        judged.push({
          ip,
          code,
          evidence: { ...liveEvidence(chain), records: comparedEvidence(compared), ttl },
        });
      }
    }
  }
  const groups = grouped(judged);
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const addresses = group.map(({ ip }) => ip);
    const about = { name: host, ...itemOf(group, groups) };
    const evidence = { host, name, addresses };
    const detail = { about, rests };
    if (first.code === 'dane/inconclusive') yield finding(first.code, { ...evidence, ...first.evidence }, detail);
    else if (first.code === 'dane/no-starttls') yield finding(first.code, { ...evidence, ...first.evidence }, detail);
    else yield finding(first.code, { ...evidence, ...first.evidence }, detail);
  }
  if (matched.some((compared) => targetsOf(compared).size < 2)) yield withoutSpare(expected, finding);
  return [...new Set(matched.flat().flatMap((one) => (one.matches ? [fieldsText(one.record)] : [])))];
}

/** Reports that no usable record is for another key or issuer than the one in use. */
export function withoutSpare({ host, name, tlsa, rests }: Expected, finding: Emitter): Finding {
  const records = tlsa.records.filter(isUsable).map(shortTlsa);
  return finding('dane/no-rollover', { host, name, records }, { about: { name: host }, rests });
}

/** Returns what the records that count are for: the certificates that match, and each other record for itself. */
function targetsOf(compared: readonly Compared[]): Set<string> {
  const counting = compared.filter((one) => one.matches || !['unusable', 'weaker'].includes(one.miss.why));
  return new Set(counting.map((one) => (one.matches ? one.certificate.fingerprint256 : tlsaText(one.record))));
}

function liveEvidence(chain: Extract<Presented, { kind: 'shown' }>['tls']['chain']) {
  const [leaf] = chain;
  return leaf === undefined
    ? { certificate: null, publish: null }
    : { certificate: certificateEvidence(leaf), publish: recordToPublish(leaf) };
}

type WithoutChain = Exclude<Presented, { kind: 'shown' }>;
type Judgement = Judged extends infer J ? (J extends { readonly ip: IpAddress } ? Omit<J, 'ip'> : never) : never;

async function withoutChain(presented: WithoutChain, ip: IpAddress, comparing: Comparing): Promise<Judgement> {
  const untold = (evidence: Untold): Judgement => ({ code: 'dane/inconclusive', evidence });
  switch (presented.kind) {
    case 'no-tls': {
      const { command, reply } = presented;
      // A firewall in this network takes STARTTLS out of the dialogue with every mail server.
      const isHere = isOverwrittenAt(presented.seen) && (await editedOnTheWay(comparing.facts))(ip);
      if (isHere) return untold({ reason: 'overwritten-here', detail: '' });
      return { code: 'dane/no-starttls', evidence: { smtp: smtpEvidence(command, { status: 'reply', reply }) } };
    }
    case 'failed':
      return untold(ofFailure(presented.failure, 'handshake-failed'));
    case 'unreached': {
      const { greeting } = presented;
      const obstacle = await comparing.facts(hostObstacle, ip);
      switch (greeting.kind) {
        case 'failed':
          return untold({ ...ofFailure(greeting.failure, 'unreached'), obstacle });
        case 'rejected':
          return untold({ reason: 'unreached', detail: quoteReply(greeting.reply), obstacle });
        case 'greeted': {
          const { hello } = greeting;
          const evidence: Untold =
            hello.status === 'reply'
              ? { reason: 'unreached', detail: `EHLO: ${quoteReply(hello.reply)}` }
              : ofFailure(hello, 'unreached');
          return untold({ ...evidence, obstacle });
        }
      }
    }
  }
}

function ofFailure(failure: SmtpFailure, otherwise: 'unreached' | 'handshake-failed'): Untold {
  const { status, detail } = failure;
  if (isHeldBack(status)) return { reason: status, ...heldBack(failure) };
  if (status === 'no-route' || status === 'forbidden' || status === 'aborted') return { reason: status, detail };
  return { reason: otherwise, detail };
}

/** Puts addresses with the same evidence together, so that they are one finding. */
function grouped(judged: readonly Judged[]): Judged[][] {
  const groups = new Map<string, Judged[]>();
  for (const one of judged) {
    const { ip: _ip, ...evidence } = one;
    const key = JSON.stringify(evidence);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** Tells groups with one code apart. The result does not depend on the order of the addresses. */
function itemOf(group: readonly Judged[], groups: readonly (readonly Judged[])[]): { readonly item?: string } {
  const [first] = group;
  const firstIp = (of: readonly Judged[]): string => of.map(({ ip }) => ip).toSorted()[0] ?? '';
  const rivals = groups.filter((other) => other[0]?.code === first?.code).map(firstIp);
  const reason = first?.code === 'dane/inconclusive' ? [first.evidence.reason] : [];
  const own = rivals.some((ip) => ip < firstIp(group)) ? [firstIp(group)] : [];
  const words = [...reason, ...own];
  return words.length === 0 ? {} : { item: words.join(' ') };
}
