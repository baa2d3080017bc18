/**
 * Keeps answers apart that the resolver makes up from what the public DNS has. A mail server elsewhere does not see such
 * answers, so nothing may be judged by them:
 * - Addresses that a resolver with DNS64 makes out of IPv4 addresses (RFC 6147) are left out.
 * - An answer from a hosts file or from other data of the resolver itself counts as a failed lookup.
 * - So does an address that a proxy on this machine or in this network gives in place of the real one.
 */
import { type IpAddress, parseIp, samePrefix } from '../ip.ts';
import { embeddings, isReachedBy } from '../nat64.ts';
import {
  type DnsAnswer,
  type DnsFailure,
  type DnsRecords,
  isFailure,
  type RecordType,
  type Resolver,
} from './answer.ts';
import type { DnsClient } from './client.ts';
import { through } from './through.ts';
import { findTranslators } from './translators.ts';

/**
 * The addresses that proxies give in place of real ones ("fake IP"). They are reserved for benchmarks of networks (RFC
 * 2544), so no name of the public DNS has one.
 */
const PLACEHOLDERS = { network: parseIp('198.18.0.0'), prefixLength: 15 } as const;

/** The types of records that a hosts file gives. */
const HOSTS_FILE_TYPES: readonly RecordType[] = ['A', 'AAAA', 'PTR'];

/** Tells whether no such name exists (RFC 6761 §6.4). What a resolver makes up for it shows how it lies. */
function isImpossible(name: string): boolean {
  return /(?:^|\.)invalid\.?$/i.test(name);
}

/** @returns whether proxies give the address in place of a real one. */
export function isPlaceholder(text: string): boolean {
  const ip = parseIp(text);
  const { network, prefixLength } = PLACEHOLDERS;
  return ip !== undefined && network !== undefined && samePrefix(ip, network, prefixLength);
}

/**
 * @param tested the addresses under test. If one of them is an address for benchmarks, such addresses are real here.
 * @returns the client, whose answers now are those of the public DNS. Its clients towards other servers stay as they are.
 */
export function vetted(dns: DnsClient, tested: readonly IpAddress[] = []): DnsClient {
  const mayBePlaceholder = !tested.some(isPlaceholder);

  async function vet<T extends RecordType>(answer: DnsAnswer<T>): Promise<DnsAnswer<T>> {
    if (!HOSTS_FILE_TYPES.includes(answer.type) || isImpossible(answer.name)) return answer;
    if (answer.authoritative && (await isLocal(answer, dns))) {
      return failed(answer, `${answer.server ?? 'the resolver'} answers from a hosts file or other data of its own`);
    }
    if (answer.status !== 'answer') return answer;
    if (mayBePlaceholder && (await hasPlaceholder(answer, dns))) {
      return failed(answer, `${addressesOf(answer).join(', ')} is the placeholder of a proxy or VPN`);
    }
    return answer.type === 'AAAA' ? withoutTranslated(answer, dns) : answer;
  }

  return through(dns, {
    query: async <T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> =>
      vet(await dns.query(name, type)),
  });
}

/**
 * Tells whether the addresses are placeholders of a proxy. Beside one for IPv4, proxies give a unique local address for
 * IPv6 (RFC 4193).
 */
async function hasPlaceholder(answer: DnsRecords, dns: Resolver): Promise<boolean> {
  const addresses = addressesOf(answer);
  if (answer.type !== 'AAAA') return answer.type === 'A' && addresses.some(isPlaceholder);
  if (!addresses.some((address) => /^f[cd]/i.test(address))) return false;
  const beside = await dns.query(answer.name, 'A');
  return beside.status === 'answer' && beside.records.some(isPlaceholder);
}

/** @returns the addresses in an answer of type A or AAAA. */
function addressesOf(answer: DnsRecords): string[] {
  return answer.records.filter((record) => typeof record === 'string');
}

function failed<T extends RecordType>(answer: DnsAnswer<T>, detail: string): DnsFailure {
  const { name, type, server, transport, durationMs, chain, authenticated, authoritative, extendedErrors } = answer;
  const exchange = { name, type, server, transport, durationMs, chain, authenticated, authoritative, extendedErrors };
  return { ...exchange, status: 'local-data', detail: `${detail}, not from the public DNS` };
}

/**
 * Tells whether the server answered from data of its own. It calls such an answer authoritative. A name server of the
 * zone does so too, and then its answer about the zone itself is authoritative as well.
 */
async function isLocal({ name, server }: DnsAnswer, dns: Resolver): Promise<boolean> {
  if (server === null) return false;
  const own = await dns.query(name, 'SOA');
  if (own.status === 'answer') return !own.authoritative;
  const zone = 'zone' in own && own.zone !== null ? own.zone : name.split('.').slice(1).join('.');
  if (zone === '') return false;
  const start = await dns.query(zone, 'SOA');
  return !isFailure(start) && !start.authoritative;
}

/** @returns the answer without the addresses that a translator of this network stands for. */
async function withoutTranslated<T extends RecordType>(answer: DnsRecords<T>, dns: Resolver): Promise<DnsAnswer<T>> {
  const translators = await findTranslators(dns);
  if (translators === null || translators.length === 0) return answer;
  const records = answer.records.filter((record) => {
    const ip = typeof record === 'string' ? parseIp(record) : undefined;
    return ip === undefined || !embeddings(ip).some((embedding) => isReachedBy(embedding, translators));
  });
  if (records.length === answer.records.length) return answer;
  if (records.length > 0) return { ...answer, records };
  const { records: _made, status: _status, ttl, ...exchange } = answer;
  return { ...exchange, status: 'nodata', ttl, zone: null };
}
