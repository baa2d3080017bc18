/**
 * Whether a reverse name looks like one that a provider hands out by default. Deterministic, and it says
 * which pattern hit. It mirrors what receivers test: SpamAssassin's RDNS_DYNAMIC family, rspamd's hfilter, and the
 * client access tables of large receivers.
 */
import { getSubdomain } from 'tldts';
import { type IpAddress, ipBytes, ipFamily } from '../../network/ip.ts';
import { defaultReverseSuffixes } from './catalogue.ts';

/**
 * Default reverse names; they count where the rest of the name carries an address or a number. Those of the providers
 * in the data, and of hosts that have no row there.
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

/** Words that mark addresses handed out to end users. */
const DYNAMIC_TOKENS = new Set(
  (
    'dyn dynamic dynip dhcp dial dialup ppp pppoe pptp pool adsl xdsl vdsl dsl cable catv cpe docsis modem broadband ' +
    'bredband gprs cdma mobile wifi nat res resnet client clients cust customer user'
  ).split(' '),
);

/** The same, of two words. */
const DYNAMIC_PHRASES = ['unused-addr', 'in-addr'];

const STATIC_TOKENS = new Set(['static', 'fix', 'fixip']);

/** Words that, beside the last two octets, make an address of a name. */
const ADDRESS_KEYWORDS =
  /(?:^|[^a-z])(?:ip|ec2|host|vps|server|static|node|srv|client|customer|unassigned|vm|cloud|rev|reverse|ptr)(?:[^a-z]|$)/;

export interface GenericName {
  readonly pattern: 'ip-in-name' | 'provider-default' | 'dynamic-token';
  /** What in the name gave it away. */
  readonly evidence: string;
}

export interface NameJudgement {
  /** A default name of the provider or one made of the address. */
  readonly generic: GenericName | undefined;
  /** A name of an address handed out to an end user. */
  readonly dynamic: GenericName | undefined;
}

/** @returns what the name gives away about the address; both members `undefined` for a name of its own. */
export function judgeReverseName(name: string, ip: IpAddress): NameJudgement {
  // What stands before the registered domain; nothing does in a public suffix such as "co.uk".
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

/** Nibbles of an IPv6 address that a name must hold to be called made of it. */
const MIN_NIBBLES = 16;

function ipv6InName(host: string, ip: IpAddress): string | undefined {
  const nibbles = Buffer.from(ipBytes(ip)).toString('hex');
  const backwards = [...nibbles].reverse().join('');
  const compact = host.replace(/[.\-_:]/g, '');
  for (const text of [nibbles, backwards]) {
    for (let start = 0; start + MIN_NIBBLES <= text.length; start += 1) {
      const piece = text.slice(start, start + MIN_NIBBLES);
      // Sixteen zeroes in a row are in many addresses and say nothing.
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
  // OVH hands out ip-<n>.ip-<a>-<b>-<c>.eu.
  const ovh = /(?<=^|\.)ip-\d+-\d+-\d+\.(?:eu|net)$/.exec(name);
  return ovh ? { pattern: 'provider-default', evidence: ovh[0] } : undefined;
}

function dynamicToken(host: string, tokens: readonly string[]): string | undefined {
  const whole = DYNAMIC_PHRASES.find((phrase) => new RegExp(`(?:^|[.\\-_])${phrase}(?:[.\\-_]|$)`).test(host));
  return whole ?? tokens.map((token) => token.replace(/\d+$/, '')).find((token) => DYNAMIC_TOKENS.has(token));
}
