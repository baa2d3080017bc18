/**
 * Finds the public address of this machine. A machine behind NAT cannot see it itself, but some DNS servers answer a
 * special name with the address of the client. A resolver would get its own address, so this asks the name servers of
 * the zone directly.
 */
import { recordsOf } from '../../network/dns/answer.ts';
import type { DnsClient } from '../../network/dns/client.ts';
import { DNS_PORT } from '../../network/dns/servers.ts';
import { findTranslators } from '../../network/dns/translators.ts';
import { refusal } from '../../network/gate.ts';
import { type IpAddress, type IpFamily, ipFamily, parseIp } from '../../network/ip.ts';
import { fact, type Needs } from './fact.ts';
import { zoneCut } from './zone-cut.ts';

/** The public address that the servers of `name` report, or the reason why there is none. */
export type PublicAddress =
  | { readonly address: IpAddress; readonly name: string }
  | { readonly address: null; readonly name: string; readonly reason: string };

/** The number of name servers of the zone to try. */
const MAX_SERVERS = 2;

/** Finds the public address of this machine over one family. The fact is `null` when the user set no name to ask. */
export const publicAddress = fact(
  async ({ dns, settings }: Needs<'dns' | 'settings'>, family: IpFamily): Promise<PublicAddress | null> =>
    settings.whoamiName === undefined ? null : gatherPublicAddress(dns, settings.whoamiName, family, settings),
);

/**
 * Asks the name servers of `name` for the client's address, over the given family: by TXT, then by A or AAAA.
 *
 * @returns the address in the answer, or the reason why there is none.
 */
export async function gatherPublicAddress(
  dns: DnsClient,
  name: string,
  family: IpFamily,
  { allowPrivate, port = DNS_PORT }: { readonly allowPrivate: boolean; readonly port?: number },
): Promise<PublicAddress> {
  const unknown = (reason: string): PublicAddress => ({ address: null, name, reason });
  const gate = { allowPrivate, translators: () => findTranslators(dns) };
  const cut = await zoneCut(dns, name);
  const servers = cut.kind === 'found' ? cut.nameServers : [];
  if (servers.length === 0) return unknown('the name servers of its zone are not found');
  const type = family === 4 ? 'A' : 'AAAA';
  const found = await Promise.all(servers.slice(0, MAX_SERVERS).map((server) => dns.query(server, type)));
  const addresses = found.flatMap(recordsOf).map(parseIp);
  const known = addresses.filter((ip) => ip !== undefined);
  if (known.length === 0) return unknown(`its name servers have no IPv${family} address`);
  const judged = await Promise.all(known.map(async (ip) => ({ ip, refused: await refusal(ip, gate) })));
  const usable = judged.flatMap(({ ip, refused }) => (refused === undefined ? [ip] : [])).slice(0, MAX_SERVERS);
  if (usable.length === 0) {
    return unknown(`its name servers have ${known.join(', ')}, which is not public and was not asked`);
  }
  const direct = dns.towards(usable.map((address) => ({ address, port })));
  const texts = recordsOf(await direct.query(name, 'TXT')).map((strings) => strings.join(''));
  const candidates = texts.length > 0 ? texts : recordsOf(await direct.query(name, type));
  const address = candidates.map(parseIp).find((ip) => ip !== undefined && ipFamily(ip) === family);
  return address ? { address, name } : unknown('its name servers do not answer with an address');
}
