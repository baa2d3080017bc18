/**
 * Finds out whether a name leads to a web proxy (a content delivery network or a web firewall) and not to the host
 * itself. A proxy carries HTTP: mail does not arrive at its addresses, and none leaves from them.
 */

import { isOwnMailHost, webProxyAt, webProxyNamed } from '../../knowledge/web-proxies/catalogue.ts';
import type { WebProxy } from '../../knowledge/web-proxies/schema.ts';
import { type DnsAnswer, recordsOf } from '../../network/dns/answer.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import type { Proxied, Target } from '../target.ts';
import type { MailHost } from './mx.ts';

type AddressAnswer = DnsAnswer<'A'> | DnsAnswer<'AAAA'>;

/** The web proxy that a name leads to, and its addresses among those of the name. */
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
 * Takes the addresses of web proxies out of the tested ones, because no mail leaves from them.
 *
 * @param hosts the MX hosts that the addresses are from. Empty when the user gave the addresses.
 * @returns the target with the addresses that are left, and with those that were taken out.
 */
export function withoutProxies(target: Target, hosts: readonly MailHost[]): Target {
  const found = hosts.flatMap((host) => {
    const behind = proxyBefore(host);
    return behind === null ? [] : behind.addresses.map((ip) => ({ ip, proxy: behind.proxy.name, name: host.name }));
  });
  // A mail host of the operator of a proxy is in the same networks.
  const own = new Set(hosts.flatMap(({ addresses }) => addresses));
  const typed = target.ips.flatMap((ip) => {
    const proxy = own.has(ip) ? undefined : webProxyAt(ip);
    return proxy === undefined ? [] : [{ ip, proxy: proxy.name, name: null }];
  });
  const proxied: readonly Proxied[] = [...found, ...typed];
  if (proxied.length === 0) return target;
  return { ...target, ips: target.ips.filter((ip) => !proxied.some((one) => one.ip === ip)), proxied };
}
