/** Says what is wrong with a name of the mail host that leads to a web proxy, and what takes it out of the proxy. */
import { isConfirmed } from '../../knowledge/verification.ts';
import { sameName } from '../../network/domain.ts';
import { confirmationMark } from '../../report/confirmation.ts';
import { addressValue } from '../../standards/zone-file/line.ts';
import type { BehindProxy } from '../facts/web-proxy.ts';
import type { Target } from '../target.ts';
import { type Edit, onlyValues, removeValues } from './edit.ts';
import type { Fix } from './fix.ts';

/** The web proxy that a name leads to, as evidence. */
export interface ProxyEvidence {
  /** The name of the proxy, such as `Cloudflare`. */
  readonly proxy: string;
  /** The addresses of the proxy to which the name leads. Empty if a proposed record puts the name behind the proxy. */
  readonly addresses: readonly string[];
  /** What takes the name out of the proxy, with `{name}` for the name. */
  readonly bypass: string;
  /** Whether the name is an alias, so that no address record can stand beside it. */
  readonly isAlias: boolean;
  /** Whether the data on the proxy is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
}

/**
 * Makes the evidence of a web proxy.
 *
 * @param chain the aliases of the name.
 * @param now the time of the run, in milliseconds since the epoch.
 */
export function proxyEvidence({ proxy, addresses }: BehindProxy, chain: readonly string[], now: number): ProxyEvidence {
  const confirmed = isConfirmed(proxy, now);
  return { proxy: proxy.name, addresses, bypass: proxy.bypass, isAlias: chain.length > 0, confirmed };
}

/** @returns what the addresses are, as a clause behind them: `addresses of Cloudflare’s web proxy`. */
export function proxyText({ proxy, addresses, confirmed }: ProxyEvidence): string {
  const what = addresses.length > 1 ? 'addresses' : 'an address';
  return `${what} of ${proxy}’s web proxy${confirmationMark(confirmed)}`;
}

/** @returns where a name leads, as the beginning of a sentence: `mail.example.com resolves to 192.0.2.1, an address of …`. */
export function leadsText(name: string, proxy: ProxyEvidence): string {
  const { addresses, confirmed } = proxy;
  if (addresses.length > 0) return `${name} resolves to ${addresses.join(', ')}, ${proxyText(proxy)}`;
  return `The proposed record of ${name} is proxied, so it will resolve to addresses of ${proxy.proxy}’s web proxy${confirmationMark(confirmed)}`;
}

/**
 * @param name the name of the mail host.
 * @param ips the addresses of the mail host. Empty when they are not known.
 * @returns what lets the name lead to the mail host itself.
 */
export function leadToHost(name: string, proxy: ProxyEvidence, ips: readonly string[], { domain }: Target): Fix {
  const isProposed = proxy.addresses.length === 0;
  const held = ips.length > 0 ? ips.join(', ') : 'the mail server’s own address';
  if (sameName(name, domain) || sameName(name, `www.${domain}`)) {
    const other = `mail.${domain}`;
    return {
      summary: `Give the mail server its own name, such as ${other}, with an address record for ${held}. ${isProposed ? turnedOff(other) : bypassOf(proxy, other)} Then use that name in the MX record, in the PTR record and as the HELO name.`,
    };
  }
  if (isProposed) return { summary: `${turnedOff(name)} Its address record must hold ${held}.` };
  return {
    summary: `Point ${name} to the mail server itself: its address record must hold ${held}. ${bypassOf(proxy, name)}`,
    edits: proxy.isAlias || ips.length === 0 ? [] : ownAddresses(name, proxy, ips),
  };
}

const turnedOff = (name: string): string =>
  `In the proposed records, turn the proxy off for ${name}: proxied = false (Terraform, octoDNS) or CF_PROXY_OFF (dnscontrol).`;

const bypassOf = ({ bypass }: ProxyEvidence, name: string): string => bypass.replaceAll('{name}', () => name);

/** @returns the edits that put the addresses of the host in place of the proxy's. */
function ownAddresses(name: string, { addresses }: ProxyEvidence, ips: readonly string[]): Edit[] {
  return ([false, true] as const).flatMap((isV6): Edit[] => {
    const ofFamily = (list: readonly string[]) => list.filter((ip) => ip.includes(':') === isV6).map(addressValue);
    const [own, foreign] = [ofFamily(ips), ofFamily(addresses)];
    const type = isV6 ? 'AAAA' : 'A';
    if (own.length > 0) return [onlyValues(type, name, ...own)];
    return foreign.length > 0 ? [removeValues(type, name, ...foreign)] : [];
  });
}
