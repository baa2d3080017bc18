/** The DNS servers to ask: `--dns server[:port]`, else the system's. */
import { getServers } from 'node:dns';
import { type IpAddress, parseIp } from '../ip.ts';
import { quoteInput, UsageError } from '../target.ts';

export interface DnsServer {
  readonly address: IpAddress;
  readonly port: number;
}

const DNS_PORT = 53;

/**
 * Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`.
 *
 * @throws UsageError when the text is none of these.
 */
export function parseServer(text: string): DnsServer {
  const trimmed = text.trim();
  const bare = parseIp(trimmed);
  if (bare) return { address: bare, port: DNS_PORT };
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(trimmed) ?? /^([^:[\]]+):(\d{1,5})$/.exec(trimmed);
  const address = parseIp(match?.[1] ?? '');
  const port = match?.[2] === undefined ? DNS_PORT : Number(match[2]);
  if (address && port >= 1 && port <= 65535) return { address, port };
  throw new UsageError(
    `${quoteInput(text)} is not a DNS server address. Type one such as --dns 192.0.2.53, --dns 192.0.2.53:5353 or --dns [2001:db8::53]:5353`,
  );
}

/** @returns the servers this machine is configured with, in order. */
export function systemServers(): DnsServer[] {
  // A zone id ("fe80::1%eth0") is no address that parseServer knows; such a server is left out.
  return getServers().flatMap((text) => {
    try {
      return [parseServer(text)];
    } catch {
      return [];
    }
  });
}

/** @returns `192.0.2.53#5353`, as dig writes it. */
export function serverLabel(server: DnsServer): string {
  return `${server.address}#${server.port}`;
}
