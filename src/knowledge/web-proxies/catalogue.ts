/** Recognises the web proxies that mailcheck knows, by their addresses and by the names of their aliases. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { type IpAddress, parseIp, samePrefix } from '../../network/ip.ts';
import { rowsOf } from '../data-folder.ts';
import type { WebProxy } from './schema.ts';

/** Every web proxy. The tests validate the rows, so a run does not have to. */
export const webProxies = rowsOf('web-proxies/data') as readonly WebProxy[];

interface Network {
  readonly proxy: WebProxy;
  readonly ip: IpAddress;
  readonly length: number;
}

const networksOf = (proxy: WebProxy, ranges: readonly string[]): Network[] =>
  ranges.flatMap((range) => {
    const [text = '', length] = range.split('/');
    const ip = parseIp(text);
    return ip === undefined ? [] : [{ proxy, ip, length: Number(length) }];
  });

const proxied = webProxies.flatMap((proxy) => networksOf(proxy, proxy.ranges));
const ofMail = webProxies.flatMap((proxy) => networksOf(proxy, proxy.mailRanges));

/** @returns the web proxy at an address, or `undefined` when the address is not known to be one's. */
export function webProxyAt(address: IpAddress): WebProxy | undefined {
  const holds = ({ ip, length }: Network): boolean => samePrefix(ip, address, length);
  return ofMail.some(holds) ? undefined : proxied.find(holds)?.proxy;
}

/** @returns the web proxy with this id. */
export function webProxyWithId(id: string): WebProxy | undefined {
  return webProxies.find((proxy) => proxy.id === id);
}

/** @returns the web proxy that one of the names is an endpoint of. */
export function webProxyNamed(names: readonly string[]): WebProxy | undefined {
  return webProxies.find(({ nameSuffixes }) =>
    names.some((name) => nameSuffixes.some((suffix) => isSameOrSubdomain(name, suffix))),
  );
}

/** @returns whether the name is one of the proxy's own mail hosts. */
export function isOwnMailHost({ ownMailSuffixes }: WebProxy, name: string): boolean {
  return ownMailSuffixes.some((suffix) => isSameOrSubdomain(name, suffix));
}

/**
 * Recognises an edge server of a web proxy that publishes no networks. A mail host of the operator may have such a name
 * too, so a host that greets as a mail server is none.
 *
 * @param ptrNames the names in the PTR records of the address.
 * @param asns the autonomous systems that announce it.
 */
export function webProxyOfEdge(ptrNames: readonly string[], asns: readonly number[]): WebProxy | undefined {
  return webProxies.find(
    (proxy) =>
      proxy.asns.some((number) => asns.includes(number)) ||
      proxy.ptrSuffixes.some((suffix) => ptrNames.some((name) => isSameOrSubdomain(name, suffix))),
  );
}
