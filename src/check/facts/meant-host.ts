/**
 * Finds the host that was meant by a name that has no address. The spelling gives candidates, and the DNS decides: a
 * name counts only if it has an address.
 */
import { type DnsAnswer, isAbsent, isFailure, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { canonicalName, isHostName } from '../../network/domain.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { misplacedNames, type TypedName, typedNames } from '../../standards/doubled-name.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { fact, type Needs } from './fact.ts';

/**
 * The mistake behind a name without address:
 * - `zone-appended`: the final dot is missing, so the zone editor appended the zone to the name.
 * - `zone-missing`: the name is a single label with a final dot, so the zone was not appended.
 * - `ending-doubled`: the last label appears twice, as in `mail.example.com.com`.
 * - `record-misplaced`: the name is right, but its address record stands at `at`, the name with the zone appended.
 */
export type NameSlip = 'zone-appended' | 'zone-missing' | 'ending-doubled' | 'record-misplaced';

/** The host that was meant. */
export interface MeantHost {
  readonly slip: NameSlip;
  /** The right name. */
  readonly name: string;
  readonly zone: string;
  /** The name at which the address record stands by mistake. Only for `record-misplaced`. */
  readonly at?: string;
  /** Empty when the right name has no address yet. Then the spelling of the wrong one leaves no doubt. */
  readonly addresses: readonly IpAddress[];
}

/**
 * @param name a name that has no address.
 * @param owner the owner name of the record that shows the name, or the name itself.
 * @returns the host that was meant, or `null` when that is not certain.
 */
export const meantHost = fact(
  async ({ dns, facts }: Needs<'dns'>, name: string, owner: string): Promise<MeantHost | null> => {
    const appended = await facts(appendedZone, name, owner);
    if (appended !== null) return appended;
    const zones = [...new Set([canonicalName(owner), organizationalDomain(owner)])];
    if (!canonicalName(name).includes('.')) {
      for (const zone of zones) {
        const whole = `${canonicalName(name)}.${zone}`;
        const addresses = isHostName(whole) ? await addressesOf(dns, whole) : [];
        if (addresses.length > 0) return { slip: 'zone-missing', name: whole, zone, addresses };
      }
      return null;
    }
    const ending = await doubledEnding(dns, name, owner);
    return ending ?? (await misplacedAddress(dns, canonicalName(name))) ?? (await spelledName(dns, name, owner));
  },
);

/**
 * Finds the host that was meant by a name to which an editor appended the zone. The name itself may have an address: a
 * wildcard record gives it one.
 *
 * @param owner the owner name of the record that shows the name, or the name itself.
 */
export const appendedZone = fact(
  async ({ dns }: Needs<'dns'>, name: string, owner: string): Promise<MeantHost | null> => {
    // The name goes into records and commands, and a record may hold anything, so only a valid host name is used.
    const typed = typedNames(name, owner).filter((one) => isHostName(one.name));
    const readings = await Promise.all(
      typed.map(async (one) => {
        const [addresses, isCertain] = await Promise.all([
          addressesOf(dns, one.name),
          one.isPlain || isUnused(dns, name, one),
        ]);
        return { slip: 'zone-appended' as const, name: one.name, zone: one.zone, addresses, isCertain };
      }),
    );
    const found = readings.find(({ addresses, isCertain }) => addresses.length > 0 && isCertain);
    return found ? { slip: found.slip, name: found.name, zone: found.zone, addresses: found.addresses } : null;
  },
);

/**
 * Finds the host whose top-level domain was typed twice, if it is of the same organization as the record, or if that
 * record stands in a reverse zone.
 */
async function doubledEnding(dns: DnsClient, name: string, owner: string): Promise<MeantHost | null> {
  const labels = canonicalName(name).split('.');
  const right = labels.slice(0, -1).join('.');
  const zone = organizationalDomain(owner);
  const isOwn = organizationalDomain(right) === zone || /(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(owner);
  if (labels.at(-1) !== labels.at(-2) || !isHostName(right) || !isOwn) return null;
  const addresses = await addressesOf(dns, right);
  return addresses.length === 0 ? null : { slip: 'ending-doubled', name: right, zone, addresses };
}

/** Finds the host that has no address either, where the spelling alone shows that a zone was appended. */
async function spelledName(dns: DnsClient, name: string, owner: string): Promise<MeantHost | null> {
  const plain = typedNames(name, owner).filter((one) => one.isPlain && isHostName(one.name));
  const [typed] = plain.sort((a, b) => a.name.length - b.name.length);
  if (typed === undefined) return null;
  const answers = await Promise.all([dns.query(typed.name, 'A'), dns.query(typed.name, 'AAAA')]);
  return answers.every(isAbsent) ? { slip: 'zone-appended', name: typed.name, zone: typed.zone, addresses: [] } : null;
}

/** @returns the A and AAAA records of a name. Empty when the name has none, and when a lookup fails. */
export async function addressesOf(dns: DnsClient, name: string): Promise<IpAddress[]> {
  const [a, aaaa] = await Promise.all([dns.query(name, 'A'), dns.query(name, 'AAAA')]);
  return [...recordsOf(a), ...recordsOf(aaaa)].map(parseIp).filter((ip) => ip !== undefined);
}

/**
 * Tells whether the zone has no names in place of the typed one: with `net.example.com`, the name
 * `mx.example.net.example.com` may be one of them. A name that only a wildcard answers for is none.
 */
export async function isUnused(dns: DnsClient, name: string, { name: typed, zone }: TypedName): Promise<boolean> {
  const above = `${typed.split('.').at(-1)}.${zone}`;
  const answers = await Promise.all([dns.query(name, 'A'), dns.query(above, 'A')]);
  if (answers.every(({ status }) => status === 'nxdomain')) return true;
  const [own, wildcard] = await Promise.all([addressesOf(dns, name), addressesOf(dns, `*.${zone}`)]);
  return own.length > 0 && own.length === wildcard.length && own.every((ip) => wildcard.includes(ip));
}

/** Looks for the address of a name at the name to which an editor appended the zone. A wildcard's answer is no find. */
async function misplacedAddress(dns: DnsClient, name: string): Promise<MeantHost | null> {
  const answer = await dns.query(name, 'A');
  if (isFailure(answer)) return null;
  const zones = [...zoneOf(answer), organizationalDomain(name)].filter((zone) => name.endsWith(`.${zone}`));
  const places = await Promise.all(
    misplacedNames(name, zones).map(async (at) => {
      const zone = at.slice(name.length + 1);
      const [addresses, wildcard] = await Promise.all([addressesOf(dns, at), addressesOf(dns, `*.${zone}`)]);
      return { at, zone, addresses, isWildcard: addresses.some((ip) => wildcard.includes(ip)) };
    }),
  );
  const found = places.find(({ addresses, isWildcard }) => addresses.length > 0 && !isWildcard);
  return found ? { slip: 'record-misplaced', name, zone: found.zone, at: found.at, addresses: found.addresses } : null;
}

function zoneOf(answer: DnsAnswer): string[] {
  return isAbsent(answer) && answer.zone !== null ? [canonicalName(answer.zone)] : [];
}
