/**
 * Finds the zone that a record of the domain is published in, and the DNS host that serves it: the one the user named,
 * otherwise the one that the names of its name servers point to, or the names in its SOA record.
 */
import { dnsHostOf, dnsHosts } from '../../knowledge/dns-hosts/catalogue.ts';
import { hostsByServers, hostsByStart } from '../../knowledge/dns-hosts/detect.ts';
import type { DnsHost } from '../../knowledge/dns-hosts/schema.ts';
import { isAbsent, type Resolver, recordsOf } from '../../network/dns/answer.ts';
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import type { PlannedType } from '../../standards/dns-plan/codec.ts';
import { organizationalDomain } from '../../standards/organizational-domain.ts';
import { enclosingZone } from './authority/zone.ts';
import { fact, type Needs } from './fact.ts';
import { unwatched } from './gaps.ts';

/** Who serves a zone. */
export interface HostedZone {
  /** The apex in canonical form. */
  readonly zone: string;
  /** The hosts that it may be at. Several where some have the same names of servers, and none where it is not recognised. */
  readonly hosts: readonly DnsHost[];
  /** What shows the host: the user, its NS records or its SOA record. `null` where it is not recognised. */
  readonly source: 'option' | 'ns' | 'soa' | null;
}

/** Reads what is published now, even where the run judges proposed records. What it does not see is no gap of a check. */
function publishedIn({ dns, published }: Needs<'dns' | 'published'>): Resolver {
  return published ?? unwatched(dns);
}

/** Finds the DNS host of one zone. */
export const hostedZone = fact(
  async (needs: Needs<'dns' | 'published' | 'settings'>, zone: string): Promise<HostedZone> => {
    const named = needs.settings.dnsHost === undefined ? undefined : dnsHostOf(needs.settings.dnsHost);
    if (named !== undefined) return { zone, hosts: [named], source: 'option' };
    const dns = publishedIn(needs);
    const servers = hostsByServers(recordsOf(await dns.query(zone, 'NS')), dnsHosts);
    if (servers.length > 0) return { zone, hosts: servers, source: 'ns' };
    const [start] = recordsOf(await dns.query(zone, 'SOA'));
    const hosts = start === undefined ? [] : hostsByStart(start, dnsHosts);
    return { zone, hosts, source: hosts.length > 0 ? 'soa' : null };
  },
);

/**
 * Finds the apex of the zone in which a record set of the domain's owner stands. `null` where that is not known. A denial of
 * the record set, which a plan has asked for already, names the zone.
 */
export const zoneOfSet = fact(
  async (needs: Needs<'dns' | 'published'>, name: string, type: PlannedType): Promise<string | null> => {
    const dns = publishedIn(needs);
    const answer = await dns.query(name, type);
    const denying = isAbsent(answer) && answer.chain.length === 0 ? answer.zone : null;
    const zone = denying === null ? (await enclosingZone(dns, name))?.zone : canonicalName(denying);
    const isOwn = zone !== undefined && isSameOrSubdomain(zone, organizationalDomain(name));
    return isOwn && isSameOrSubdomain(name, zone) ? zone : null;
  },
);
