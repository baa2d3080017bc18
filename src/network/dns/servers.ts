/** The DNS servers of a run: those of `--dns server[:port]`, or the servers of this machine's configuration. */
import { getServers } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { type IpAddress, ipFamily, isLinkLocal, parseIp } from '../ip.ts';

export interface DnsServer {
  readonly address: IpAddress;
  readonly port: number;
  /** The interface through which a link-local address is reached, such as `eth0` (RFC 4007 §11). */
  readonly zoneIndex?: string;
}

/** The port of DNS servers (RFC 1035 §4.2). */
export const DNS_PORT = 53;

/** Name of an interface. RFC 4007 §11 leaves its syntax to the system, and systems use these characters. */
const ZONE_INDEX = /^[\w.@-]{1,32}$/;

/**
 * Parses `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353` or, with an interface, `fe80::1%eth0`.
 *
 * @param flag the option to name in the error message.
 * @returns the server, with port 53 by default.
 * @throws UsageError when the text is none of these.
 */
export function parseServer(text: string, flag = '--dns'): DnsServer {
  const trimmed = text.trim();
  const bare = readAddress(trimmed);
  if (bare) return { ...bare, port: DNS_PORT };
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(trimmed) ?? /^([^:[\]]+):(\d{1,5})$/.exec(trimmed);
  const found = readAddress(match?.[1] ?? '');
  const port = match?.[2] === undefined ? DNS_PORT : Number(match[2]);
  if (found && port >= 1 && port <= 65535) return { ...found, port };
  throw new UsageError(
    `${quoteInput(text)} is not a DNS server address. Type one such as ${flag} 192.0.2.53, ${flag} 192.0.2.53:5353 or ${flag} [2001:db8::53]:5353`,
  );
}

/** Parses an address with an optional `%interface`. Only a link-local address may have one. */
function readAddress(text: string): Omit<DnsServer, 'port'> | undefined {
  const [addressText = '', zoneIndex, ...rest] = text.split('%');
  const address = parseIp(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  if (zoneIndex === undefined) return { address };
  return hasZone(address) && ZONE_INDEX.test(zoneIndex) ? { address, zoneIndex } : undefined;
}

/** @returns whether the address needs an interface: IPv6 link-local addresses do (RFC 4007 §11). */
export function hasZone(address: IpAddress): boolean {
  return ipFamily(address) === 6 && isLinkLocal(address);
}

/** @returns the DNS servers of this machine's configuration, in order of preference. */
export function systemServers(): DnsServer[] {
  return serversIn(getServers(), configuredZones());
}

/**
 * Addresses that Windows gives an interface without a DNS server for IPv6. Site-local addresses are deprecated (RFC 3879),
 * and nothing answers there.
 */
const NEVER_THERE = /^fec0:0:0:ffff::[123](?:%|$)/i;

/** @returns the servers of the texts of `dns.getServers`, and the interfaces that link-local ones are reached through. */
export function serversIn(texts: readonly string[], zones: ReadonlyMap<IpAddress, string>): DnsServer[] {
  return texts.flatMap((text) => {
    if (NEVER_THERE.test(text)) return [];
    try {
      const server = parseServer(text);
      const zoneIndex = server.zoneIndex ?? zones.get(server.address);
      return [zoneIndex === undefined ? server : { ...server, zoneIndex }];
    } catch {
      return [];
    }
  });
}

const RESOLV_CONF = '/etc/resolv.conf';

/** Reads the interfaces of link-local servers from resolv.conf(5). Node drops them, and the servers need them. */
function configuredZones(): ReadonlyMap<IpAddress, string> {
  try {
    // Reading a named pipe would block until another process writes to it.
    return statSync(RESOLV_CONF).isFile() ? zonesOf(readFileSync(RESOLV_CONF, 'utf8')) : new Map();
  } catch {
    return new Map();
  }
}

/** @returns the interface of each link-local name server in the text of a resolv.conf(5), by address. */
export function zonesOf(resolvConf: string): ReadonlyMap<IpAddress, string> {
  const servers = resolvConf.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return new Map(
    servers.flatMap((text) => {
      const { address, zoneIndex } = readAddress(text) ?? {};
      return address === undefined || zoneIndex === undefined ? [] : [[address, zoneIndex] as const];
    }),
  );
}

/** @returns the address in the form that sockets accept: `192.0.2.53`, or `fe80::53%eth0` when it has an interface. */
export function serverHost({ address, zoneIndex }: DnsServer): string {
  return zoneIndex === undefined ? address : `${address}%${zoneIndex}`;
}

/** @returns the server that `serverLabel` wrote, or `undefined` for another text. */
export function serverOfLabel(label: string): DnsServer | undefined {
  const [, text = '', port = ''] = /^(.+)#(\d{1,5})$/.exec(label) ?? [];
  const bare = readAddress(text);
  return bare === undefined ? undefined : { ...bare, port: Number(port) };
}

/** The labels of the servers, because each question needs that of its server. */
const labels = new WeakMap<DnsServer, string>();

/** @returns the server in the notation of dig: `192.0.2.53#53`. */
export function serverLabel(server: DnsServer): string {
  const known = labels.get(server);
  if (known !== undefined) return known;
  const label = `${serverHost(server)}#${server.port}`;
  labels.set(server, label);
  return label;
}
