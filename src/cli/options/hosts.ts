/** Hosts, names and mailboxes as they are typed. */
import { type DnsServer, parseServer, systemServers } from '../../network/dns/servers.ts';
import { type Domain, parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { type Mailbox, parseMailbox } from '../../network/mailbox.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { parsePort } from './numbers.ts';
import { ValueError } from './value-error.ts';

/** A host, by name or address, and a port of it. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** @returns the servers that are named, else the system's. @throws UsageError when there are none. */
export function dnsServersOf(servers: readonly DnsServer[] | undefined): readonly DnsServer[] {
  const asked = servers ?? systemServers();
  if (asked.length === 0) throw new UsageError('this system names no DNS server. Type one: --dns 192.0.2.53');
  return asked;
}

/** @returns the servers, of which there may be none. @throws UsageError for what is no address. */
export function parseDnsServers(texts: readonly string[]): DnsServer[] {
  return texts.map(parseServer);
}

/**
 * Reads `mx.example.net:25`, `203.0.113.5:25` or `[2001:db8::5]:25`.
 *
 * @param usual the port where none is typed; one has to be typed when it is absent. @throws ValueError
 */
export function parseHostPort(text: string, usual?: number): HostPort {
  const bare = parseIp(text.trim());
  const [, bracketed, named, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bare ?? parseIp(bracketed ?? named ?? '') ?? parseDomain(named ?? '');
  const port = portText === undefined ? usual : parsePort(portText);
  if (host && port !== undefined) return { host, port };
  throw new ValueError(`${quoteInput(text)} is not a host and port. Type one such as mx.example.net:25`);
}

/** @returns the name of `--whoami-name`. @throws ValueError */
export function parseWhoamiName(text: string): Domain {
  const name = parseDomain(text);
  if (name) return name;
  throw new ValueError(`${quoteInput(text)} is not a DNS name. Type one, or none`);
}

/** @param example what the message shows as a mailbox. @throws ValueError */
export function parseMailboxOption(text: string, example: string): Mailbox {
  const mailbox = parseMailbox(text);
  if (mailbox !== undefined) return mailbox;
  throw new ValueError(`${quoteInput(text)} is not a mailbox. Type one such as ${example}`);
}
