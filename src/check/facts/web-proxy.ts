/**
 * Finds out whether a name leads to a web proxy (a content delivery network or a web firewall) and not to the host
 * itself. A proxy carries HTTP: mail does not arrive at its addresses, and none leaves from them.
 */

import { isConfirmed } from '../../knowledge/verification.ts';
import {
  isOwnMailHost,
  webProxyAt,
  webProxyNamed,
  webProxyOfEdge,
  webProxyWithId,
} from '../../knowledge/web-proxies/catalogue.ts';
import type { WebProxy } from '../../knowledge/web-proxies/schema.ts';
import { type DnsAnswer, isFailure, recordsOf } from '../../network/dns/answer.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import type { Proxied, Target } from '../target.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { greeting } from './greeting.ts';
import type { MailHost } from './mx.ts';
import { provider } from './provider.ts';
import { ptr } from './ptr.ts';

type AddressAnswer = DnsAnswer<'A'> | DnsAnswer<'AAAA'>;

/**
 * The web proxy that a name leads to, and its addresses among those of the name. They are empty if a proposed record puts
 * the name behind the proxy: nobody has seen an address then.
 */
export interface BehindProxy {
  readonly proxy: WebProxy;
  readonly addresses: readonly IpAddress[];
}

/**
 * @param answers the answers for the addresses of the name.
 * @returns the web proxy that the name leads to, or `null`.
 */
export function behindProxy(name: string, answers: readonly AddressAnswer[]): BehindProxy | null {
  const addresses = answers
    .flatMap((answer) => recordsOf<'A' | 'AAAA'>(answer))
    .map(parseIp)
    .filter((ip) => ip !== undefined);
  const proposed = answers.find((answer) => isFailure(answer) && answer.proxy !== undefined);
  if (proposed !== undefined && isFailure(proposed)) {
    const proxy = webProxyWithId(proposed.proxy ?? '');
    return proxy === undefined ? null : { proxy, addresses: [] };
  }
  const names = [name, ...answers.flatMap(({ chain }) => chain)];
  const named = webProxyNamed(names);
  if (named !== undefined) return addresses.length === 0 ? null : { proxy: named, addresses };
  const proxy = addresses.map(webProxyAt).find((found) => found !== undefined);
  if (proxy === undefined || names.some((one) => isOwnMailHost(proxy, one))) return null;
  return { proxy, addresses: addresses.filter((ip) => webProxyAt(ip) === proxy) };
}

/** @returns the web proxy that an MX host is behind, or `null`. */
export function proxyBefore({ name, a, aaaa }: Pick<MailHost, 'name' | 'a' | 'aaaa'>): BehindProxy | null {
  return behindProxy(name, [a, aaaa]);
}

/**
 * Tells whose edge server an address is, by its PTR name and the network that announces it: the proxies that publish no
 * networks. `null` when it is none, when the lookups fail, or when a mail server answers there.
 */
export const edgeProxy = hostFact(
  async (
    { facts }: HostNeeds<'dns' | 'smtp' | 'settings' | 'target' | 'isNeeded' | 'clock'>,
    ip: IpAddress,
  ): Promise<WebProxy | null> => {
    const [{ network }, { names }] = await Promise.all([facts(provider, ip), facts(ptr, ip)]);
    const proxy = webProxyOfEdge(
      names.map(({ name }) => name),
      network?.asns ?? [],
    );
    if (proxy === undefined) return null;
    const greeted = await facts(greeting, ip);
    // Where no connection is made, a mail server may answer.
    return greeted.kind === 'failed' && greeted.failure.status !== 'unasked' ? proxy : null;
  },
);

/**
 * Takes the addresses of web proxies out of the tested ones, because no mail leaves from them.
 *
 * @param hosts the MX hosts that the addresses are from. Empty when the user gave the addresses.
 * @param now the time of the run, in milliseconds since the epoch.
 * @returns the target with the addresses that are left, and with those that were taken out.
 */
export function withoutProxies(target: Target, hosts: readonly MailHost[], now: number): Target {
  const found = hosts.flatMap((host) => {
    const behind = proxyBefore(host);
    return behind === null ? [] : behind.addresses.map((ip) => proxiedBy(behind.proxy, ip, host.name, now));
  });
  // A mail host of the operator of a proxy is in the same networks.
  const own = new Set(hosts.flatMap(({ addresses }) => addresses));
  const typed = target.ips.flatMap((ip) => {
    const proxy = own.has(ip) ? undefined : webProxyAt(ip);
    return proxy === undefined ? [] : [proxiedBy(proxy, ip, null, now)];
  });
  return withProxied(target, [...found, ...typed]);
}

/**
 * @param name the MX host that leads to the address. `null` when the user gave it.
 * @param now the time of the run, in milliseconds since the epoch.
 * @returns an address of a web proxy, with what is known of the proxy.
 */
export function proxiedBy(proxy: WebProxy, ip: IpAddress, name: string | null, now: number): Proxied {
  return { ip, proxy: proxy.name, name, bypass: proxy.bypass, confirmed: isConfirmed(proxy, now) };
}

/** @returns the target without these addresses, which are kept among the proxied ones. */
export function withProxied(target: Target, proxied: readonly Proxied[]): Target {
  if (proxied.length === 0) return target;
  const ips = target.ips.filter((ip) => !proxied.some((one) => one.ip === ip));
  return { ...target, ips, proxied: [...(target.proxied ?? []), ...proxied] };
}
