/** Parses hosts, names and mailboxes that the user types. */
import { type DnsServer, parseServer, systemServers } from '../../network/dns/servers.ts';
import { type Domain, parseDomain } from '../../network/domain.ts';
import { parseIp } from '../../network/ip.ts';
import { type Mailbox, parseMailbox } from '../../network/mailbox.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { parsePort } from './numbers.ts';
import { ValueError } from './value-error.ts';

/** A host, as a name or an address, and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * @returns the given servers, or the system's servers if none are given.
 * @throws UsageError if the system has no DNS server.
 */
export function dnsServersOf(servers: readonly DnsServer[] | undefined): readonly DnsServer[] {
  const asked = servers ?? systemServers();
  if (asked.length === 0) throw new UsageError('this machine has no DNS server configured. Type one: --dns 192.0.2.53');
  return asked;
}

/**
 * @returns the servers, in the order of the texts.
 * @throws UsageError for a text that is no address.
 */
export function parseDnsServers(texts: readonly string[]): DnsServer[] {
  return texts.map((text) => parseServer(text));
}

/**
 * @returns the text of a DNS server, which is known to be one.
 * @throws UsageError for a text that is no address.
 */
export function serverText(text: string, flag: string): string {
  parseServer(text, flag);
  return text.trim();
}

/**
 * Parses texts such as `mx.example.net:25`, `203.0.113.5:25` or `[2001:db8::5]:25`.
 *
 * @param usual the default port. Without it, the text must contain a port.
 * @throws ValueError for a text of another form.
 */
export function parseHostPort(text: string, usual?: number): HostPort {
  const bare = parseIp(text.trim());
  const [, bracketed, named, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bare ?? parseIp(bracketed ?? named ?? '') ?? parseDomain(named ?? '');
  const port = portText === undefined ? usual : parsePort(portText);
  if (host && port !== undefined) return { host, port };
  throw new ValueError(`${quoteInput(text)} is not a host and port. Type one such as mx.example.net:25`);
}

/**
 * @returns the DNS name of `--whoami-name`.
 * @throws ValueError for a text that is no DNS name.
 */
export function parseWhoamiName(text: string): Domain {
  const name = parseDomain(text);
  if (name) return name;
  throw new ValueError(`${quoteInput(text)} is not a DNS name. Type one, or none`);
}

/**
 * @param example the mailbox that the error message shows as an example.
 * @throws ValueError for a text that is no mailbox.
 */
export function parseMailboxOption(text: string, example: string): Mailbox {
  const mailbox = parseMailbox(text);
  if (mailbox !== undefined) return mailbox;
  throw new ValueError(`${quoteInput(text)} is not a mailbox. Type one such as ${example}`);
}
