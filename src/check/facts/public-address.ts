/**
 * The address this machine is seen with from outside. Behind NAT it cannot know; some DNS servers answer a certain name
 * with the address of whoever asks. Through a resolver that would be the resolver's, so the zone's own servers are asked.
 */
import { isAbsent, recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { type IpAddress, type IpFamily, ipFamily, parseIp, specialPurpose } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';

export type PublicAddress =
  | { readonly address: IpAddress; readonly name: string }
  | { readonly address: null; readonly name: string; readonly reason: string };

const DNS_PORT = 53;
/** Servers of the zone that are tried. */
const MAX_SERVERS = 2;

/** The address this machine is seen with from outside; `null` where the user allows no name to be asked for it. */
export const publicAddress = fact(
  async ({ dns, settings }: Needs<'dns' | 'settings'>, family: IpFamily): Promise<PublicAddress | null> =>
    settings.whoamiName === undefined ? null : gatherPublicAddress(dns, settings.whoamiName, family, settings),
);

/**
 * Asks for `name` (TXT, then A or AAAA) over the given family.
 *
 * @returns the address in the answer, or why there is none.
 */
export async function gatherPublicAddress(
  dns: DnsClient,
  name: string,
  family: IpFamily,
  { allowPrivate, port = DNS_PORT }: { readonly allowPrivate: boolean; readonly port?: number },
): Promise<PublicAddress> {
  const unknown = (reason: string): PublicAddress => ({ address: null, name, reason });
  const servers = await zoneServers(dns, name);
  if (servers.length === 0) return unknown('the name servers of its zone are not found');
  const type = family === 4 ? 'A' : 'AAAA';
  const found = await Promise.all(servers.slice(0, MAX_SERVERS).map((server) => dns.query(server, type)));
  const addresses = found.flatMap(recordsOf).map(parseIp);
  const known = addresses.filter((ip) => ip !== undefined);
  if (known.length === 0) return unknown(`its name servers have no IPv${family} address`);
  const usable = known.filter((ip) => allowPrivate || specialPurpose(ip) === undefined).slice(0, MAX_SERVERS);
  if (usable.length === 0) {
    return unknown(`its name servers have ${known.join(', ')}, which is not public and was not asked`);
  }
  const direct = dns.towards(usable.map((address) => ({ address, port })));
  const texts = recordsOf(await direct.query(name, 'TXT')).map((strings) => strings.join(''));
  const candidates = texts.length > 0 ? texts : recordsOf(await direct.query(name, type));
  const address = candidates.map(parseIp).find((ip) => ip !== undefined && ipFamily(ip) === family);
  return address ? { address, name } : unknown('its name servers do not answer with an address');
}

/** The names of the servers of the zone that a name is in, found by walking up (RFC 8499 §7, zone cut). */
async function zoneServers(dns: DnsClient, name: string): Promise<readonly string[]> {
  const labels = name.split('.');
  for (let skip = 0; skip < labels.length - 1; skip += 1) {
    const answer = await dns.query(labels.slice(skip).join('.'), 'NS');
    if (answer.status === 'answer') return answer.records;
    if (!isAbsent(answer)) return [];
  }
  return [];
}
