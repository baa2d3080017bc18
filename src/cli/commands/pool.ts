/** The command around `rankPool`: reads its arguments and options, asks the DNS, and prints the ranking. */
import { Address4, Address6 } from 'ip-address';
import { parseArguments } from '../../check/target.ts';
import { chooseLists, keySecrets } from '../../knowledge/lists/catalogue.ts';
import { createDnsClient } from '../../network/dns/client.ts';
import { serverLabel } from '../../network/dns/servers.ts';
import { type IpAddress, parseIp } from '../../network/ip.ts';
import { type PoolEntry, rankPool } from '../../pool/rank.ts';
import { EXIT } from '../../report/status.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { POOL_OPTIONS, type PoolOptions } from '../options/command-options.ts';
import { dnsServersOf } from '../options/hosts.ts';
import { listKeysOf } from '../options/lists.ts';
import { optionReader } from '../options/read.ts';
import { reportFault } from '../terminal/faults.ts';
import { interruptible } from '../terminal/interrupt.ts';
import { stdoutPaint, writeText } from '../terminal/output.ts';
import { formatPool } from './pool-text.ts';

/** A /26: more is no pool to choose from, and lists take many lookups from one resolver for abuse. */
export const MAX_POOL = 64;

/** @returns the exit code: 0 no address is listed · 1 some address is listed · 3 none is, but some list could not say. */
export async function pool(domainText: string, poolTexts: readonly string[], options: PoolOptions): Promise<number> {
  const { read, settings } = optionReader(POOL_OPTIONS, options);
  const format = await read('format');
  const { domain } = parseArguments(domainText, []);
  const ips = parsePool(poolTexts, domain);
  const { listKeys: keys = {} } = listKeysOf(process.env);
  const { dnsblZones: zones, dnsblExcept: except } = await settings();
  const servers = dnsServersOf(await read('dns'));
  const timeoutMs = await read('timeout');
  const interrupt = interruptible();
  const signal = interrupt.within(timeoutMs);
  try {
    const dns = createDnsClient({ servers, signal, secrets: keySecrets(keys), onFault: reportFault });
    const entries = await rankPool({ target: { domain, ips }, lists: chooseLists({ zones, except, keys }), dns });
    if (interrupt.signal.aborted) return interrupt.exitCode();
    const paint = stdoutPaint();
    const text =
      format === 'json'
        ? `${JSON.stringify(entries, null, 2)}\n`
        : formatPool(entries, { domain, resolvers: servers.map(serverLabel), paint });
    await writeText(process.stdout, text);
    return exitCodeOf(entries);
  } finally {
    interrupt.stop();
  }
}

function exitCodeOf(entries: readonly PoolEntry[]): number {
  if (entries.some(({ status }) => status === 'listed')) return EXIT.failed;
  return entries.some(({ status }) => status === 'unknown') ? EXIT.inconclusive : EXIT.ok;
}

/**
 * Reads addresses and networks (`203.0.113.0/29`), every address of which counts.
 *
 * @throws UsageError for what is neither, and for more than `MAX_POOL` addresses together.
 */
export function parsePool(texts: readonly string[], domain: string): IpAddress[] {
  const ips = new Set<IpAddress>();
  for (const text of texts) {
    for (const ip of text.includes('/') ? addressesOf(text.trim()) : [parseAddress(text.trim(), domain)]) ips.add(ip);
    if (ips.size > MAX_POOL) throw tooLarge(`${ips.size} addresses`);
  }
  return [...ips];
}

function parseAddress(text: string, domain: string): IpAddress {
  const ip = parseIp(text);
  if (ip) return ip;
  throw new UsageError(
    `${quoteInput(text)} is neither an address nor a network. Type such as: mailcheck pool ${domain} 203.0.113.0/29`,
  );
}

function addressesOf(text: string): IpAddress[] {
  const [base = '', length = ''] = text.split('/');
  const ip = parseIp(base);
  const bits = ip?.includes(':') ? 128 : 32;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (!ip || prefix < 0 || prefix > bits) {
    throw new UsageError(`${quoteInput(text)} is not a network. Type one such as 203.0.113.0/29 or 2001:db8::/125`);
  }
  if (2 ** (bits - prefix) > MAX_POOL) throw tooLarge(text);
  const subnet = bits === 32 ? new Address4(`${ip}/${prefix}`) : new Address6(`${ip}/${prefix}`);
  const first = subnet.startAddress().bigInt();
  const toText = (value: bigint): string =>
    bits === 32 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm();
  return Array.from({ length: 2 ** (bits - prefix) }, (_, index) => parseIp(toText(first + BigInt(index)))).filter(
    (address) => address !== undefined,
  );
}

function tooLarge(what: string): UsageError {
  return new UsageError(
    `${quoteInput(what)} is too large a pool: at most ${MAX_POOL} addresses, such as a /26 or, for IPv6, a /122`,
  );
}
