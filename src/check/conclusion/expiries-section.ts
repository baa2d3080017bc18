/**
 * Builds the section of the Report on what ends: the certificates of the mail and policy servers, and the DNSSEC
 * signatures of the zones. It uses only what the rules have seen, and asks nothing itself.
 */
import type { X509Certificate } from 'node:crypto';
import { TYPE } from '../../network/dns/record-types.ts';
import { canonicalName } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import { isoTime } from '../../report/iso-time.ts';
import type { Expiry, Report } from '../../report/status.ts';
import { certificateEvidence } from '../../standards/certificate.ts';
import { policyHost } from '../../standards/mta-sts/places.ts';
import type { Facts } from '../facts/fact.ts';
import { type TlsFact, tls } from '../facts/greeting.ts';
import { mtaSts } from '../facts/mta-sts.ts';
import { type MailHost, mailRoute } from '../facts/mx.ts';
import { delegation, stateOfRecords } from '../facts/security.ts';
import { tlsEndpoints } from '../facts/tls-endpoints.ts';
import { firstEnd, hostQuestions, judge, ownQuestions, type ZoneQuestion } from '../rules/dnssec/zone.ts';
import type { Target } from '../target.ts';

/** The most entries of a Report, the first to end first. A domain seldom has more than ten. */
const MAX_EXPIRIES = 100;

type Of = Pick<Target, 'domain' | 'ips'>;

/**
 * @param now the time of the run, in milliseconds since the epoch.
 * @returns the section `expiries`, the first to end first, or an empty object when the rules saw nothing that ends.
 */
export async function expiriesSection(target: Of, facts: Facts, now: number): Promise<Pick<Report, 'expiries'>> {
  const hosts = facts.known(mailRoute) ? (await facts(mailRoute)).hosts : [];
  const parts = [
    mailCertificates(target, hosts, facts),
    policyCertificate(target, facts),
    zoneSignatures(target, hosts, facts, now),
  ];
  // The rule that asked for a fact reports its fault.
  const found = await Promise.all(parts.map((part) => part.catch((): Expiry[] => [])));
  const distinct = new Map(found.flat().map((expiry) => [JSON.stringify(expiry), expiry]));
  const expiries = [...distinct.values()].sort((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0));
  return expiries.length === 0 ? {} : { expiries: expiries.slice(0, MAX_EXPIRIES) };
}

/** Finds the certificates that the mail servers showed, on every port that the TLS rule examined, or else on the SMTP port. */
async function mailCertificates({ ips }: Of, hosts: readonly MailHost[], facts: Facts): Promise<Expiry[]> {
  if (facts.known(tlsEndpoints)) {
    const { observations } = await facts(tlsEndpoints);
    return observations.flatMap((seen) => ofServer(seen.tls, seen.endpoint.ip, seen.endpoint.names));
  }
  const all = [...new Set([...ips, ...hosts.flatMap(({ addresses }) => addresses)])];
  const asked = all.filter((ip) => facts.known(tls, ip));
  const shown = await Promise.all(asked.map(async (ip) => ({ ip, seen: await facts(tls, ip) })));
  return shown.flatMap(({ ip, seen }) => {
    const names = hosts.filter(({ addresses }) => addresses.includes(ip)).map(({ name }) => name);
    return ofServer(seen, ip, names);
  });
}

/** @param names the names that senders look for in the certificate. */
function ofServer(seen: TlsFact, ip: IpAddress, names: readonly string[]): Expiry[] {
  if (seen.kind !== 'secured') return [];
  const [leaf] = seen.tls.chain;
  const name = names[0] ?? seen.serverName;
  return leaf === undefined ? [] : ofCertificate(leaf, ip, name);
}

function ofCertificate(leaf: X509Certificate, ip: IpAddress, name: string | null): Expiry[] {
  const until = timeText(Date.parse(leaf.validTo));
  const shown = name ?? certificateEvidence(leaf).names[0] ?? ip;
  return until === null ? [] : [{ kind: 'certificate', name: shown, ip, until }];
}

/** Finds the certificate of the web server that has the MTA-STS policy. */
async function policyCertificate({ domain }: Of, facts: Facts): Promise<Expiry[]> {
  if (!facts.known(mtaSts)) return [];
  const { outcome } = await facts(mtaSts);
  if (outcome === null || !('tls' in outcome)) return [];
  const [leaf] = outcome.tls.chain;
  return leaf === undefined ? [] : ofCertificate(leaf, outcome.ip, policyHost(domain));
}

/** Finds when the first signature ends in each signed zone: that of the domain, and those of its MX hosts. */
async function zoneSignatures(
  { domain }: Of,
  hosts: readonly MailHost[],
  facts: Facts,
  now: number,
): Promise<Expiry[]> {
  const names = [...new Set([domain, ...hosts.map(({ name }) => canonicalName(name))])];
  const known = names.filter((name) => facts.known(delegation, name));
  const found = await Promise.all(known.map(async (name) => ({ name, of: await facts(delegation, name) })));
  const zones = new Set(found.flatMap(({ of }) => (of.kind === 'signed' ? [of.zone] : [])));
  const ends = [...zones].map(async (zone): Promise<Expiry[]> => {
    const questions = [...ownQuestions(zone), ...ofDomain(domain), ...names.flatMap(hostQuestions)];
    const asked = questions.filter(({ name, type }) => facts.known(stateOfRecords, name, type));
    const until = timeText(firstEnd(await judge({ facts }, asked), zone, now));
    return until === null ? [] : [{ kind: 'signature', name: zone, until }];
  });
  return (await Promise.all(ends)).flat();
}

function ofDomain(domain: string): ZoneQuestion[] {
  const texts = [domain, `_dmarc.${domain}`, `_domainkey.${domain}`].map((name) => ({ name, type: TYPE.TXT }));
  return [{ name: domain, type: TYPE.MX }, ...texts];
}

/** @returns a time in ISO 8601, or `null` for none and for one that has no year of four digits. */
function timeText(time: number | null): string | null {
  const text = time === null || Number.isNaN(time) ? null : isoTime(time);
  return text !== null && /^\d{4}-/.test(text) ? text : null;
}
