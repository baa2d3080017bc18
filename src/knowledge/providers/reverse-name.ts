/**
 * Judges whether the name in a PTR record looks like a provider's default. It is deterministic and reports the pattern
 * that matched. It follows the tests of receivers: SpamAssassin's RDNS_DYNAMIC family, rspamd's hfilter, and the client
 * access tables of large receivers.
 */
import { getSubdomain } from 'tldts';
import { type IpAddress, ipBytes, ipFamily } from '../../network/ip.ts';
import { defaultReverseSuffixes } from './catalogue.ts';

/**
 * The endings of default PTR names, of the providers in the data and of hosting companies without a row there. An
 * ending counts only if the rest of the name contains two digits in a row or a long hexadecimal string.
 */
const DEFAULT_SUFFIXES: readonly string[] = [
  ...defaultReverseSuffixes(),
  'startdedicated.com',
  'hwclouds-dns.com',
  'static.cnode.io',
  'bluehost.com',
  'secureserver.net',
  'hosted-by-vdsina.com',
  'colocrossing.com',
  'hostwindsdns.com',
];

/** The words that mark the addresses of end users. */
const DYNAMIC_TOKENS = new Set(
  (
    'dyn dynamic dynip dhcp dial dialup ppp pppoe pptp pool adsl xdsl vdsl dsl cable catv cpe docsis modem broadband ' +
    'bredband gprs cdma mobile wifi nat res resnet client clients cust customer user'
  ).split(' '),
);

/** The same, for phrases of two words. */
const DYNAMIC_PHRASES = ['unused-addr', 'in-addr'];

/** The words that mark a static address. A name with one of them does not count as dynamic. */
const STATIC_TOKENS = new Set(['static', 'fix', 'fixip']);

/** The words that, together with the last two octets of the address, show that a name is made from the address. */
const ADDRESS_KEYWORDS =
  /(?:^|[^a-z])(?:ip|ec2|host|vps|server|static|node|srv|client|customer|unassigned|vm|cloud|rev|reverse|ptr)(?:[^a-z]|$)/;

/** The pattern that a name matched. */
export interface GenericName {
  readonly pattern: 'ip-in-name' | 'provider-default' | 'dynamic-token';
  /** The part of the name, or the known ending, that matched. */
  readonly evidence: string;
}

/** The patterns that a name matched. */
export interface NameJudgement {
  /** Set for a default name of a provider and for a name made from the address. */
  readonly generic: GenericName | undefined;
  /** Set for a name that marks the address of an end user. */
  readonly dynamic: GenericName | undefined;
}

/**
 * Judges the name in the PTR record of an address.
 *
 * @returns the patterns that the name matches. Both members are `undefined` for a custom name.
 */
export function judgeReverseName(name: string, ip: IpAddress): NameJudgement {
  // The labels before the registered domain. A public suffix such as "co.uk" has none.
  const host = getSubdomain(name) ?? '';
  const tokens = host.split(/[.\-_]/);
  const isStatic = tokens.some((token) => STATIC_TOKENS.has(token));
  const address = addressInName(host, ip);
  const token = isStatic ? undefined : dynamicToken(host, tokens);
  return {
    generic: address ? { pattern: 'ip-in-name', evidence: address } : providerDefault(name, host),
    dynamic: token === undefined ? undefined : { pattern: 'dynamic-token', evidence: token },
  };
}

function addressInName(host: string, ip: IpAddress): string | undefined {
  return ipFamily(ip) === 4 ? ipv4InName(host, [...ipBytes(ip)]) : ipv6InName(host, ip);
}

function ipv4InName(host: string, octets: readonly number[]): string | undefined {
  for (const order of [octets, octets.toReversed()]) {
    const separated = new RegExp(`(?<!\\d)${order.map((octet) => `0{0,2}${octet}`).join('[.\\-_x]')}(?!\\d)`).exec(
      host,
    );
    if (separated) return separated[0];
    const glued = order.map((octet) => String(octet).padStart(3, '0')).join('');
    if (host.includes(glued)) return glued;
    const bare = order.join('');
    if (bare.length >= 8 && new RegExp(`(?<!\\d)${bare}(?!\\d)`).test(host)) return bare;
    const hex = order.map((octet) => octet.toString(16).padStart(2, '0')).join('');
    if (new RegExp(`(?<![0-9a-f])${hex}(?![0-9a-f])`).test(host)) return hex;
  }
  const [, , third, fourth] = octets;
  for (const pair of [`${third}[.\\-_]${fourth}`, `${fourth}[.\\-_]${third}`]) {
    const found = new RegExp(`(?<!\\d)${pair}(?!\\d)`).exec(host);
    if (found && ADDRESS_KEYWORDS.test(host)) return found[0];
  }
  return undefined;
}

/** The number of nibbles of an IPv6 address that a name must contain to count as made from the address. */
const MIN_NIBBLES = 16;

function ipv6InName(host: string, ip: IpAddress): string | undefined {
  const nibbles = Buffer.from(ipBytes(ip)).toString('hex');
  const backwards = [...nibbles].reverse().join('');
  const compact = host.replace(/[.\-_:]/g, '');
  for (const text of [nibbles, backwards]) {
    for (let start = 0; start + MIN_NIBBLES <= text.length; start += 1) {
      const piece = text.slice(start, start + MIN_NIBBLES);
      // Many addresses contain sixteen zeroes in a row, so these do not count.
      if (!/^0+$/.test(piece) && compact.includes(piece)) return piece;
    }
  }
  const written = ip.replaceAll(':', '-').replaceAll('--', '-');
  return written.split('-').length >= 4 && host.replaceAll('--', '-').includes(written) ? written : undefined;
}

function providerDefault(name: string, host: string): GenericName | undefined {
  const suffix = DEFAULT_SUFFIXES.find((candidate) => name.endsWith(`.${candidate}`));
  const numbered = /\d{2,}|[0-9a-f]{8,}/.exec(host);
  if (suffix !== undefined && numbered) return { pattern: 'provider-default', evidence: suffix };
  // OVH's default names have the form ip-<n>.ip-<a>-<b>-<c>.eu.
  const ovh = /(?<=^|\.)ip-\d+-\d+-\d+\.(?:eu|net)$/.exec(name);
  return ovh ? { pattern: 'provider-default', evidence: ovh[0] } : undefined;
}

function dynamicToken(host: string, tokens: readonly string[]): string | undefined {
  const whole = DYNAMIC_PHRASES.find((phrase) => new RegExp(`(?:^|[.\\-_])${phrase}(?:[.\\-_]|$)`).test(host));
  return whole ?? tokens.map((token) => token.replace(/\d+$/, '')).find((token) => DYNAMIC_TOKENS.has(token));
}
