/**
 * Plans the complete set of DNS records that a correct mail host needs, and compares it with the published records. A
 * published record that is right stays as it is. For any other, the plan is the smallest change that makes it right.
 */

import { type DnsAnswer, isFailure, type RecordType, type Resolver, recordsOf } from '../network/dns/answer.ts';
import { canonicalName, type Domain, sameName } from '../network/domain.ts';
import { type IpAddress, ipFamily, reverseName } from '../network/ip.ts';
import { type Mailbox, mailtoUri } from '../network/mailbox.ts';
import { keyName } from '../standards/dkim/lookup.ts';
import { addressRecord, plainRecord, txtRecord } from '../standards/zone-file/line.ts';
import { planDmarc } from './dmarc.ts';
import type { PlannedRecord, RecordStatus } from './planned-record.ts';
import { planSpf } from './spf.ts';

/** The host that the records are planned for. */
export interface PlanRequest {
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly heloName: string;
  /** The selector and the key record of the key that the host signs with, or `null` if no key was given. */
  readonly dkim: { readonly selector: string; readonly record: string } | null;
  /** The mailbox that receives DMARC and TLS reports. */
  readonly reportsTo: Mailbox;
  /** The current time in milliseconds since the epoch. The `id` of the MTA-STS record is made from it. */
  readonly now: number;
}

/**
 * Looks up the published records, and plans each record that the host needs.
 *
 * @returns the planned records: addresses, MX, SPF, DKIM, DMARC, TLSRPT, MTA-STS and PTR, in this order. A record whose
 *   lookup failed has the status `unknown`.
 */
export async function planRecords(dns: Resolver, request: PlanRequest): Promise<PlannedRecord[]> {
  const { domain, ips, heloName, reportsTo } = request;
  const groups = await Promise.all([
    planAddresses(dns, heloName, ips),
    planMx(dns, domain, heloName),
    planSpf(dns, domain, ips, heloName),
    ...(sameName(heloName, domain) ? [] : [planSpf(dns, heloName, ips, heloName, 'v=spf1 a -all')]),
    planDkim(dns, request),
    planDmarc(dns, domain, reportsTo),
    planText(dns, `_smtp._tls.${domain}`, {
      prefix: 'v=TLSRPTv1',
      text: `v=TLSRPTv1; rua=${mailtoUri(reportsTo)}`,
      purpose: 'reports on TLS failures (RFC 8460)',
    }),
    planText(dns, `_mta-sts.${domain}`, {
      prefix: 'v=STSv1',
      text: `v=STSv1; id=${new Date(request.now).toISOString().replace(/\D/g, '').slice(0, 14)}`,
      purpose: `senders must use TLS (RFC 8461); only once https://mta-sts.${domain}/.well-known/mta-sts.txt is served`,
    }),
    ...ips.map((ip) => planPtr(dns, ip, heloName)),
  ]);
  return groups.flat();
}

const OWN = { where: 'own', optional: false } as const;

/** @returns the answer about the published records. `isKnown` is false if the lookup failed. */
async function published<T extends RecordType>(
  dns: Resolver,
  name: string,
  type: T,
): Promise<{ readonly answer: DnsAnswer<T>; readonly isKnown: boolean }> {
  const answer = await dns.query(name, type);
  return { answer, isKnown: !isFailure(answer) };
}

async function planAddresses(dns: Resolver, name: string, ips: readonly IpAddress[]): Promise<PlannedRecord[]> {
  const plans = ([4, 6] as const).map(async (family) => {
    const own = ips.filter((ip) => ipFamily(ip) === family);
    if (own.length === 0) return [];
    const { answer, isKnown } = await published(dns, name, family === 4 ? 'A' : 'AAAA');
    const found = recordsOf<'A' | 'AAAA'>(answer);
    const others = found.filter((address) => !own.some((ip) => ip === address));
    return own.map((ip): PlannedRecord => {
      const status = statusOf(isKnown, found.includes(ip), found.length > 0);
      const purpose = 'the host’s name, used in HELO and PTR';
      return { ...addressRecord(name, ip), ...OWN, status, purpose, published: others };
    });
  });
  return (await Promise.all(plans)).flat();
}

function statusOf(isKnown: boolean, isThere: boolean, isOtherThere: boolean): RecordStatus {
  if (!isKnown) return 'unknown';
  if (isThere) return 'right';
  return isOtherThere ? 'changed' : 'missing';
}

async function planMx(dns: Resolver, domain: Domain, heloName: string): Promise<PlannedRecord[]> {
  const { answer, isKnown } = await published(dns, domain, 'MX');
  const found = recordsOf(answer);
  const real = found.filter(({ exchange }) => exchange !== '');
  const purpose = 'where bounces and reports come back';
  const line = (preference: number, exchange: string) =>
    plainRecord(domain, 'MX', `${preference} ${canonicalName(exchange)}.`);
  if (real.length > 0) {
    const status = real.length === found.length ? 'right' : 'changed';
    const nulls = status === 'right' ? [] : ['0 .'];
    return real.map((mx) => ({ ...line(mx.preference, mx.exchange), ...OWN, status, purpose, published: nulls }));
  }
  const status = statusOf(isKnown, false, found.length > 0);
  return [{ ...line(10, heloName), ...OWN, status, purpose, published: found.length > 0 ? ['0 .'] : [] }];
}

async function planDkim(dns: Resolver, { domain, dkim }: PlanRequest): Promise<PlannedRecord[]> {
  if (dkim === null) return [];
  const name = keyName(dkim.selector, domain);
  const { answer, isKnown } = await published(dns, name, 'TXT');
  const found = recordsOf(answer).map((strings) => strings.join(''));
  const keyOf = (text: string): string | undefined => /(?:^|;)\s*p=([^;]*)/.exec(text)?.[1]?.replace(/\s/g, '');
  const [only] = found;
  const isPair = found.length === 1 && only !== undefined && keyOf(only) === keyOf(dkim.record);
  const record = txtRecord(name, isPair ? only : dkim.record);
  const purpose = 'the public half of the key the host signs with';
  const status = statusOf(isKnown, isPair, found.length > 0);
  return [{ ...record, ...OWN, status, purpose, published: isPair ? [] : found }];
}

/** Plans a TXT record. A single published record that begins with `prefix` is kept as it is. */
async function planText(
  dns: Resolver,
  name: string,
  wanted: { readonly prefix: string; readonly text: string; readonly purpose: string },
): Promise<PlannedRecord[]> {
  const { answer, isKnown } = await published(dns, name, 'TXT');
  const found = recordsOf(answer)
    .map((strings) => strings.join(''))
    .filter((text) => text.startsWith(wanted.prefix));
  const [only] = found;
  const isThere = found.length === 1 && only !== undefined;
  const record = txtRecord(name, isThere ? only : wanted.text);
  const status = statusOf(isKnown, isThere, found.length > 0);
  const { purpose } = wanted;
  return [{ ...record, where: 'own', optional: true, status, purpose, published: isThere ? [] : found }];
}

async function planPtr(dns: Resolver, ip: IpAddress, heloName: string): Promise<PlannedRecord[]> {
  const name = reverseName(ip);
  const { answer, isKnown } = await published(dns, name, 'PTR');
  const found = recordsOf(answer).map(canonicalName);
  const isThere = found.length === 1 && found.some((ptr) => sameName(ptr, heloName));
  const record = plainRecord(name, 'PTR', `${heloName}.`);
  const status = statusOf(isKnown, isThere, found.length > 0);
  const purpose = `ask the provider of ${ip} for it`;
  return [{ ...record, where: 'provider', optional: false, status, purpose, published: isThere ? [] : found }];
}
