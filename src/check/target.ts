/** Reads the target of a check: the domain, the IP addresses, the HELO name and the DKIM selectors. */
import { type Domain, isHostName, parseDomain } from '../network/domain.ts';
import { type IpAddress, parseIp } from '../network/ip.ts';
import { quoteInput, UsageError } from '../usage-error.ts';

/** The origin of the tested addresses: the command line, or the MX hosts of the domain. */
export type IpSource = 'argument' | 'mx';

/** An address of a web proxy, which no mail leaves from. */
export interface Proxied {
  readonly ip: IpAddress;
  /** The name of the proxy, such as `Cloudflare`. */
  readonly proxy: string;
  /** The MX host that leads to it. `null` when the user gave the address. */
  readonly name: string | null;
  /** What takes a name out of the proxy, with `{name}` for the name. */
  readonly bypass: string;
  /** Whether the data on the proxy is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
}

/** The target of one check. */
export interface Target {
  readonly domain: Domain;
  readonly ips: readonly IpAddress[];
  readonly ipSource: IpSource;
  /** The HELO name that the user gave (`--helo`). The helo rule judges it. */
  readonly helo?: string;
  /** The DKIM selectors that the user gave, in lower case. */
  readonly selectors: readonly string[];
  /**
   * The other options of the command line that a command for this target needs again, each a flag and its value. They go
   * into the commands that mailcheck prints.
   */
  readonly given?: readonly (readonly string[])[];
  /** The addresses that were given or found and are not tested, because they are a web proxy's. */
  readonly proxied?: readonly Proxied[];
}

/**
 * Reads `<domain> [ip…]` as typed. It accepts upper case, a trailing dot and Unicode names (IDNA).
 *
 * @returns the domain and the distinct addresses in the order typed.
 * @throws UsageError with one line that says what to type, for example for a swapped order, a URL or an e-mail address.
 */
export function parseArguments(domainText: string, ipTexts: readonly string[]): { domain: Domain; ips: IpAddress[] } {
  const domain = readDomain(domainText, ipTexts);
  const ips = new Set<IpAddress>();
  for (const text of ipTexts) {
    const ip = readIp(text, domain);
    ips.add(ip);
  }
  return { domain, ips: [...ips] };
}

function readDomain(text: string, rest: readonly string[]): Domain {
  const trimmed = text.trim();
  if (parseIp(unbracketed(trimmed))) {
    const name = rest.find((other) => parseDomain(other) && !parseIp(other));
    if (name === undefined) {
      throw new UsageError(
        `${quoteInput(trimmed)} is an address; the mail domain comes first. Type: mailcheck <domain> ${trimmed}`,
      );
    }
    const others = [trimmed, ...rest.filter((other) => other !== name)].join(' ');
    throw new UsageError(`the domain comes first, then the addresses. Type: mailcheck ${parseDomain(name)} ${others}`);
  }
  const named = nameInside(trimmed);
  if (named) {
    throw new UsageError(
      `${quoteInput(withoutCredentials(trimmed))} is ${named.what}; only its domain is needed. Type: mailcheck ${[named.domain, ...rest].join(' ')}`,
    );
  }
  const domain = parseDomain(trimmed);
  if (domain) return domain;
  throw new UsageError(`${quoteInput(trimmed)} is not a domain name. Type a full name such as example.com`);
}

function readIp(text: string, domain: Domain): IpAddress {
  const trimmed = unbracketed(text.trim());
  const ip = parseIp(trimmed);
  if (ip) return ip;
  const [network] = trimmed.split('/');
  if (trimmed.includes('/') && network !== undefined && parseIp(network)) {
    throw new UsageError(`${quoteInput(trimmed)} is a network. Type single addresses: mailcheck ${domain} ${network}`);
  }
  if (/^\d{1,3}(\.\d{1,3}){3}:\d+$/.test(trimmed)) {
    throw new UsageError(
      `${quoteInput(trimmed)} has a port. Type: mailcheck ${domain} ${trimmed.split(':')[0]} --smtp-port ${trimmed.split(':')[1]}`,
    );
  }
  if (parseDomain(trimmed)) {
    throw new UsageError(
      `${quoteInput(trimmed)} is a second name where an address was expected. One domain per run; type its address, or pass the host name with --helo`,
    );
  }
  throw new UsageError(`${quoteInput(trimmed)} is not an IP address. Type one such as 203.0.113.5 or 2001:db8::5`);
}

function unbracketed(text: string): string {
  return /^\[.*\]$/.test(text) ? text.slice(1, -1).replace(/^IPv6:/i, '') : text;
}

/** Finds the domain in a URL or an e-mail address, for the error message that says what to type. */
function nameInside(text: string): { what: string; domain: Domain } | undefined {
  const url =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:?#]+)/iu.exec(text) ?? /^(?:mailto:)?[^@/]+@([^@/:]+)$/iu.exec(text);
  const host = url?.[1] ?? /^([^/:@]+)(?:\/.*|:\d+.*)$/u.exec(text)?.[1];
  const domain = host === undefined ? undefined : parseDomain(host);
  if (!domain) return undefined;
  const what = text.includes('://') ? 'a URL' : text.includes('@') ? 'an e-mail address' : 'more than a name';
  return { what, domain };
}

/** Removes the credentials from a URL: a password typed by mistake must not end up in a log. */
function withoutCredentials(url: string): string {
  return url.replace(/(:\/\/)[^/@]*@/, '$1');
}

/**
 * Reads `--selector`. It also accepts the whole name of a key record and drops the part from `._domainkey` on.
 *
 * @returns the selector in lower case.
 * @throws UsageError for a selector that cannot be part of a DNS name (RFC 6376 §3.1).
 */
export function parseSelector(text: string): string {
  const selector = text
    .trim()
    .toLowerCase()
    .replace(/\._domainkey(\..*)?$/, '');
  const valid =
    selector.length <= 200 &&
    selector.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  if (!valid) {
    throw new UsageError(
      `${quoteInput(text)} is not a DKIM selector. Type the s= value of a signed message, such as --selector s1`,
    );
  }
  return selector;
}

/**
 * Reads `--helo`. The helo rule judges the name, so this accepts anything that a mail server could send.
 *
 * @returns the name. A host name is put in canonical form, and a Unicode name becomes its ASCII form (IDNA).
 * @throws UsageError for a name that no EHLO command can carry.
 */
export function parseHelo(text: string): string {
  const trimmed = text.trim();
  const name = /[^\x00-\x7f]/.test(trimmed) ? parseDomain(trimmed) : trimmed;
  if (!name || !/^[\x21-\x7e]{1,255}$/.test(name)) {
    throw new UsageError(
      `${quoteInput(text)} cannot be a HELO name. Type the host's full name, such as mail.example.com`,
    );
  }
  return isHostName(name) ? (parseDomain(name) ?? name) : name;
}

/** The target as it is known before the run, without the addresses of MX hosts. */
export type RunTarget = Omit<Target, 'ipSource'>;
