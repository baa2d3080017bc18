/**
 * Looks up the TLSA records of the MX hosts as mail servers with DANE do (RFC 7672 §2). They ask for TLSA records only of
 * a host whose addresses are secure, and they use only records that are secure. If a lookup fails that might have given
 * some, they keep the mail in their queue.
 *
 * This fact asks for the records of other hosts too, once: a record in a zone without signatures is published in vain.
 */
import { type DnsAnswer, type DnsRecords, isCutOff, isFailure, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { sameName } from '../../network/domain.ts';
import { tlsaName } from '../../standards/tlsa/publish.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';
import { type MailHost, mailRoute } from './mx.ts';
import { type Security, validated } from './security.ts';

/** A state of security in which nothing is known or nothing can be trusted. */
export type Unsafe = Extract<Security, { kind: 'bogus' | 'unknown' }>;

/** What the lookups of one MX host gave. */
export type TlsaLookup =
  /** The host has no address, so that no mail server asks for its records. */
  | { readonly kind: 'no-address' }
  /** The zone of the host, or of its records, is not signed. Senders use none of the records, if there are any. */
  | { readonly kind: 'insecure'; readonly zone: string; readonly tlsa: DnsAnswer<'TLSA'> }
  /** The host has no records. `isSecure` tells whether that is proved. */
  | { readonly kind: 'absent'; readonly isSecure: boolean; readonly answers: readonly DnsAnswer<'TLSA'>[] }
  /** `base` is the TLSA base domain: the name that senders use for SNI and look for in the certificate. */
  | { readonly kind: 'found'; readonly base: string; readonly tlsa: DnsRecords<'TLSA'> }
  /** A lookup fails in a zone that is signed. `bogus` when the signatures are what fails. */
  | { readonly kind: 'fails'; readonly answer: DnsAnswer; readonly bogus: Extract<Unsafe, { kind: 'bogus' }> | null }
  /** The addresses could not be looked up, or this resolver failed. */
  | { readonly kind: 'failed'; readonly answer: DnsAnswer }
  /** The addresses cannot be trusted, or it is not known whether they or the records can. */
  | { readonly kind: 'unproved'; readonly security: Unsafe; readonly answer: DnsAnswer };

/** One MX host with its lookups. */
export interface DaneHost {
  readonly host: MailHost;
  readonly lookup: TlsaLookup;
}

/** The TLSA records of all MX hosts, and the security of the MX records that lead to them. */
export interface DaneRecords {
  readonly hosts: readonly DaneHost[];
  /** The security of the MX records, or of their absence. `null` if no host receives mail. */
  readonly mx: Security | null;
  /** The tested domain, and the name at the end of its alias. Senders accept both in a certificate (RFC 7672 §3.2.2). */
  readonly domains: readonly string[];
}

type DaneNeeds = Needs<'clock' | 'dns' | 'settings' | 'target'>;

/** Looks up the TLSA records of the MX hosts. */
export const daneRecords = fact(async ({ facts, target }: DaneNeeds): Promise<DaneRecords> => {
  const route = await facts(mailRoute);
  if (route.hosts.length === 0) return { hosts: [], mx: null, domains: [target.domain] };
  const [mx, hosts] = await Promise.all([
    facts(validated, target.domain, 'MX'),
    Promise.all(route.hosts.map((host) => facts(daneHost, host))),
  ]);
  const domains = [...new Set([target.domain as string, mx.canonical])];
  return { hosts, mx: mx.security, domains };
});

const daneHost = fact(async (needs: DaneNeeds, host: MailHost): Promise<DaneHost> => {
  return { host, lookup: await lookUp(needs, host) };
});

async function lookUp(needs: DaneNeeds, host: MailHost): Promise<TlsaLookup> {
  const { name } = host;
  const answers = [host.a, host.aaaa].filter((answer) => answer.status === 'answer');
  const [first] = answers;
  if (first === undefined) {
    const failed = [host.a, host.aaaa].find(isFailure);
    return failed === undefined ? { kind: 'no-address' } : { kind: 'failed', answer: failed };
  }
  const states = await Promise.all(answers.map(({ type }) => needs.facts(validated, name, type)));
  const secure = states.find(({ security }) => security.kind === 'secure');
  if (secure !== undefined) {
    // The name at the end of an alias comes first, then the name in the MX record (RFC 7672 §2.2.2).
    const bases = sameName(secure.canonical, name) ? [name] : [secure.canonical, name];
    return lookUpAt(needs, bases);
  }
  const unsafe = states.map(({ security }) => security).find(isUnsafe);
  if (unsafe !== undefined) return unproved(needs, name, unsafe, first);
  // The target of an alias may be in a zone without signatures, and the alias in one with them.
  if (first.chain.length > 0) {
    const { security } = await needs.facts(validated, name, 'CNAME');
    if (security.kind === 'secure') return lookUpAt(needs, [name]);
  }
  const zone = states.map(({ security }) => zoneOf(security)).find((found) => found !== null) ?? name;
  return { kind: 'insecure', zone, tlsa: await ask(needs.dns, tlsaName(name), 'TLSA') };
}

/** Looks for records at each base domain in turn. The first that has some counts (RFC 7672 §2.2.3). */
async function lookUpAt({ dns, facts }: DaneNeeds, bases: readonly string[]): Promise<TlsaLookup> {
  const absent: DnsAnswer<'TLSA'>[] = [];
  let insecure: TlsaLookup | undefined;
  for (const base of bases) {
    const name = tlsaName(base);
    const tlsa = await ask(dns, name, 'TLSA');
    const failure = failureOf(tlsa);
    if (failure !== null) return failure;
    const { security } = await facts(validated, name, 'TLSA');
    switch (security.kind) {
      case 'secure':
        if (tlsa.status === 'answer')
          return (await faultOfDenial({ dns, facts }, name)) ?? { kind: 'found', base, tlsa };
        absent.push(tlsa);
        break;
      case 'insecure':
        absent.push(tlsa);
        if (recordsOf(tlsa).length > 0) insecure ??= { kind: 'insecure', zone: security.zone, tlsa };
        break;
      case 'bogus':
        return { kind: 'fails', answer: tlsa, bogus: security };
      case 'unknown':
        if (recordsOf(tlsa).length > 0) return { kind: 'unproved', security, answer: tlsa };
        return { kind: 'absent', isSecure: false, answers: [...absent, tlsa] };
    }
  }
  return insecure ?? { kind: 'absent', isSecure: true, answers: absent };
}

/**
 * Resolvers that ask for as little of a name as possible (RFC 9156) ask for an address at the name of the records. Its
 * denial must be right too.
 */
async function faultOfDenial(
  { dns, facts }: Pick<DaneNeeds, 'dns' | 'facts'>,
  name: string,
): Promise<TlsaLookup | null> {
  const answer = await ask(dns, name, 'A');
  if (answer.status === 'bogus') return { kind: 'fails', answer, bogus: null };
  if (isFailure(answer)) {
    // The records were found. The watched client notes that this lookup failed.
    await dns.query(name, 'A');
    return null;
  }
  const { security } = await facts(validated, name, 'A');
  return security.kind === 'bogus' ? { kind: 'fails', answer, bogus: security } : null;
}

/** The failures that lie at this machine or its resolver, and say nothing of the zone. */
const OWN_FAILURES: readonly string[] = ['unreachable', 'local-data'];

function failureOf(answer: DnsAnswer): TlsaLookup | null {
  if (!isFailure(answer)) return null;
  return isCutOff(answer) || OWN_FAILURES.includes(answer.status)
    ? { kind: 'failed', answer }
    : { kind: 'fails', answer, bogus: null };
}

/** Without records it does not matter that it is not known whether the addresses are secure. */
async function unproved({ dns }: DaneNeeds, name: string, security: Unsafe, answer: DnsAnswer): Promise<TlsaLookup> {
  if (security.kind === 'bogus') return { kind: 'unproved', security, answer };
  const tlsa = await ask(dns, tlsaName(name), 'TLSA');
  return recordsOf(tlsa).length > 0
    ? { kind: 'unproved', security, answer }
    : { kind: 'absent', isSecure: false, answers: [tlsa] };
}

function zoneOf(security: Security): string | null {
  return security.kind === 'insecure' ? security.zone : null;
}

function isUnsafe(security: Security): security is Unsafe {
  return security.kind === 'bogus' || security.kind === 'unknown';
}

/** Asks a question whose failure the rule reports itself, or that is about records in vain only. */
function ask<T extends 'A' | 'TLSA'>(dns: DnsClient, name: string, type: T): Promise<DnsAnswer<T>> {
  return unwatched(dns).query(name, type);
}
