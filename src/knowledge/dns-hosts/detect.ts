/** Decides which DNS host serves a zone, from its NS and SOA records. It does no lookups itself. */
import { canonicalName, isSameOrSubdomain } from '../../network/domain.ts';
import type { DnsHost } from './schema.ts';

/**
 * Matches the names of a zone's name servers against the DNS hosts.
 *
 * @param names the names in the NS records.
 * @returns the hosts of which every name is. There are several where some have the same names of servers. None for a zone
 *   that several hosts serve: it may be kept at one of them and sent to the others, or be kept at each.
 */
export function hostsByServers(names: readonly string[], hosts: readonly DnsHost[]): readonly DnsHost[] {
  const servers = names.map(canonicalName);
  return servers.length === 0 ? [] : hosts.filter((host) => servers.every((name) => isServerOf(name, host)));
}

/**
 * Matches the names in the SOA record of a zone against the DNS hosts. They show the host of a zone whose name servers have
 * names of the owner's.
 *
 * @returns the hosts whose names they are.
 */
export function hostsByStart(
  { mname, rname }: { readonly mname: string; readonly rname: string },
  hosts: readonly DnsHost[],
): readonly DnsHost[] {
  return hosts.filter(({ detect }) =>
    detect.soaNames.some((ending) => isSameOrSubdomain(mname, ending) || isSameOrSubdomain(rname, ending)),
  );
}

function isServerOf(name: string, { detect }: DnsHost): boolean {
  return (
    detect.nsSuffixes.some((ending) => isSameOrSubdomain(name, ending)) ||
    detect.nsPatterns.some((pattern) => new RegExp(pattern).test(name))
  );
}
