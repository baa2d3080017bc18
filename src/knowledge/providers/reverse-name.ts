/**
 * Judges whether the name in a PTR record looks like a provider's default. It is deterministic and reports the pattern
 * that matched. It follows the tests of receivers: SpamAssassin's RDNS_DYNAMIC family, Rspamd's hfilter, and the client
 * access tables of large receivers.
 */
import { getSubdomain } from 'tldts';
import { type IpAddress, ipBytes, ipFamily } from '../../network/ip.ts';
import { defaultReverseSuffixes } from './catalogue.ts';
import { hasLineWord, type LineWords, lineWords } from './line-words.ts';

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

/** The words that, together with the last two octets of the address, show that a name is made from the address. */
const ADDRESS_KEYWORDS =
  /(?:^|[^a-z])(?:ip|ec2|host|vps|server|static|node|srv|client|customer|unassigned|vm|cloud|rev|reverse|ptr)(?:[^a-z]|$)/;

/** The pattern that a name matched. */
export interface GenericName {
  readonly pattern: 'ip-in-name' | 'provider-default';
  /** The part of the name, or the known ending, that matched. */
  readonly evidence: string;
}

/** The patterns that a name matched. */
export interface NameJudgement {
  /** Set for a default name of a provider and for a name made from the address. */
  readonly generic: GenericName | undefined;
  /** The word that marks the line of an end user, if the name reads as one. */
  readonly dynamic: string | undefined;
  /** A word that spam filters score, in a name that is neither of these. */
  readonly scored: LineWords['scored'];
}

/**
 * Judges the name in the PTR record of an address.
 *
 * @param isOwn whether the sender chose the name: it is below the sender's own domain.
 * @returns what the name shows. Every member is `undefined` for a custom name.
 */
export function judgeReverseName(name: string, ip: IpAddress, isOwn: boolean): NameJudgement {
  // The labels before the registered domain. A public suffix such as "co.uk" has none.
  const host = getSubdomain(name) ?? '';
  const address = addressInName(host, ip);
  const generic: GenericName | undefined = address
    ? { pattern: 'ip-in-name', evidence: address }
    : providerDefault(name, host);
  const { line, scored } = lineWords(host, address !== undefined, isOwn);
  const isTold = generic !== undefined || line !== undefined;
  return { generic, dynamic: line, scored: isTold ? undefined : scored };
}

/** @returns whether a mail server may have the name: it is no default of a provider, and no line of an end user. */
export function isCustomName(name: string, ip: IpAddress, isOwn: boolean): boolean {
  const { generic, dynamic } = judgeReverseName(name, ip, isOwn);
  return generic === undefined && dynamic === undefined;
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
    if (found && (ADDRESS_KEYWORDS.test(host) || hasLineWord(host))) return found[0];
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
