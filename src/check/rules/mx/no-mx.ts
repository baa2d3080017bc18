/** Finds out what is known of the mail host of a domain that has no MX record (RFC 5321 §5.1). */

import { isAbsent, type MxRecord, recordsOf } from '../../../network/dns/answer.ts';
import { misplacedNames } from '../../../standards/doubled-name.ts';
import { organizationalDomain } from '../../../standards/organizational-domain.ts';
import { mxValue } from '../../../standards/zone-file/line.ts';
import { greeting } from '../../facts/greeting.ts';
import { hostName } from '../../facts/host-name.ts';
import { addressesOf, meantHost } from '../../facts/meant-host.ts';
import type { MailRoute } from '../../facts/mx.ts';
import type { Context } from '../rule.ts';
import type { MisplacedMx, NoMx, Receiver } from './remedies.ts';

type RouteWithoutMx = Extract<MailRoute, { kind: 'implicit' | 'none' }>;

/** @returns what is known of the mail host of the domain, besides the lookup. */
export async function withoutMx(route: RouteWithoutMx, context: Context): Promise<Omit<NoMx, 'query'>> {
  const alias = route.query.chain.at(-1) ?? null;
  // No MX record can be published beside a CNAME record, so no host is sought.
  if (alias !== null) return { alias, receiver: null, misplaced: null };
  const misplaced = await misplacedMx(route, context);
  return { alias, receiver: misplaced === null ? await receiverOf(route, context) : null, misplaced };
}

/** Finds the host that receives mail: where it arrives today, or else the tested host. */
async function receiverOf(route: RouteWithoutMx, { facts, target }: Context): Promise<Receiver | null> {
  const addresses = route.hosts.flatMap((host) => host.addresses);
  const greetings = await Promise.all(addresses.map(async (ip) => ({ ip, greeting: await facts(greeting, ip) })));
  const answering = greetings.filter((one) => one.greeting.kind !== 'failed').map(({ ip }) => ip);
  const named = await Promise.all(target.ips.map(async (ip) => ({ ip, ...(await facts(hostName, ip)) })));
  const tested = named.filter(({ leads }) => leads === 'here');
  if (answering.length > 0) {
    return { name: tested.find(({ ip }) => answering.includes(ip))?.name ?? target.domain, as: 'today' };
  }
  const [first] = tested;
  return first === undefined ? null : { name: first.name, as: 'tested' };
}

/** Looks for MX records at the name to which an editor appended the zone. */
async function misplacedMx({ query }: RouteWithoutMx, context: Context): Promise<MisplacedMx | null> {
  const { dns, target } = context;
  const zones = [...(isAbsent(query) && query.zone !== null ? [query.zone] : []), organizationalDomain(target.domain)];
  for (const at of misplacedNames(target.domain, zones)) {
    const zone = at.slice(target.domain.length + 1);
    const [found, wildcard] = await Promise.all([dns.query(at, 'MX'), dns.query(`*.${zone}`, 'MX')]);
    const records = recordsOf(found);
    // A wildcard answers for every name that does not exist.
    if (records.length === 0 || wildcard.status === 'answer') continue;
    const right = await Promise.all(records.map((record) => rightRecord(record, context)));
    const values = right.filter((record) => record !== null).map(mxValue);
    return values.length === records.length ? { at, zone, values } : null;
  }
  return null;
}

/** @returns the record with the host that was meant, or `null` when that host has no address. */
async function rightRecord(record: MxRecord, { dns, facts, target }: Context): Promise<MxRecord | null> {
  if ((await addressesOf(dns, record.exchange)).length > 0) return record;
  const meant = await facts(meantHost, record.exchange, target.domain);
  return meant === null || meant.addresses.length === 0 ? null : { ...record, exchange: meant.name };
}
