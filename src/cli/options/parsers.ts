/** The parsers that the rows of options use. A parser that needs large modules loads them at its first use. */
import { parseArguments, parseHelo, parseSelector } from '../../check/target.ts';
import { mailboxText } from '../../network/mailbox.ts';
import { oneOf, parseFormat } from './choices.ts';
import { parseDnsServers, parseHostPort, parseMailboxOption, parseWhoamiName, serverText } from './hosts.ts';
import { parseCount, parseDuration, parsePort, parseRate, parseSeconds } from './numbers.ts';

/** The parsers by their names. Each throws a UsageError for a value that it does not accept. */
export const parsers = {
  mailboxText,
  parseCount,
  parseDnsServers,
  parseDuration,
  parseFormat,
  parseHelo,
  parseHostPort,
  parseMailbox: parseMailboxOption,
  parsePort,
  parseRate,
  parseSeconds,
  parseSelector,
  parseWebhook: async (text: string) => (await import('../webhook/address.ts')).parseWebhook(text),
  parseWhoamiName,
  serverText,
  oneOf,
  domainOf: (text: string) => parseArguments(text, []).domain,
  parseConnectTo: async (texts: readonly string[]) => (await import('./connect-to.ts')).parseConnectTo(texts),
  parseListRates: async (texts: readonly string[]) => (await import('./lists.ts')).parseListRates(texts),
  parseListZones: async (texts: readonly string[], flag: string) =>
    (await import('./lists.ts')).parseListZones(texts, flag),
  parseQueue: async (text: string) => (await import('./queue.ts')).parseQueue(text),
  parseShard: async (text: string) => (await import('./queue.ts')).parseShard(text),
  parseRuleIds: async (ids: readonly string[]) => (await import('./rule-ids.ts')).parseRuleIds(ids),
  knownDnsHost: async (id: string) => (await import('./dns-host.ts')).knownDnsHost(id),
  knownProvider: async (id: string) => (await import('./provider.ts')).knownProvider(id),
  readCertificates: async (file: string) => (await import('./files.ts')).readCertificates(file),
  readChain: async (file: string) => (await import('./files.ts')).readChain(file),
  readKey: async (file: string) => (await import('./files.ts')).readKey(file),
  readTrustAnchors: async (files: readonly string[]) => (await import('./files.ts')).readTrustAnchors(files),
  readMessage: async (file: string) => (await import('./files.ts')).readMessage(file),
};

export type Parsers = typeof parsers;
