/** A zone held in memory, answering as an authoritative server would, with the quirks DKIM and DMARC must survive. */
import type { DnsAnswer, DnsFailureStatus, RecordData, RecordType } from '../../../src/network/dns/answer.ts';
import type { DnsClient } from '../../../src/network/dns/client.ts';

/** What stands at a name: TXT texts (or strings of one record), other records, an alias, or a failure. */
export type Entry =
  | { readonly txt: readonly (string | readonly string[])[] }
  | { readonly a: readonly string[] }
  | { readonly mx: readonly (readonly [number, string])[] }
  | { readonly cname: string }
  | { readonly fail: DnsFailureStatus };

export interface Quirks {
  /** NXDOMAIN at names that only have names below them. */
  readonly breaksEmptyNonTerminals?: boolean;
  /** NODATA for names that do not exist (RFC 9824). */
  readonly compactDenial?: boolean;
}

export interface ZoneResolver extends Pick<DnsClient, 'query'> {
  /** `name type` of every query, in order. */
  readonly asked: string[];
}

/** `{ 'example.com': {…}, '*.example.com': {…} }`; a name may have several entries. */
export function zoneResolver(
  zone: Readonly<Record<string, Entry | readonly Entry[]>>,
  quirks: Quirks = {},
): ZoneResolver {
  const names = new Map(
    Object.entries(zone).map(([name, entry]): [string, readonly Entry[]] => [
      name.toLowerCase(),
      Array.isArray(entry) ? entry : [entry as Entry],
    ]),
  );
  const asked: string[] = [];

  function entriesAt(name: string): readonly Entry[] | 'empty' | 'missing' {
    const own = names.get(name);
    if (own) return own;
    if ([...names.keys()].some((other) => other.endsWith(`.${name}`))) return 'empty';
    // The closest encloser's wildcard (RFC 4592 §3.3.1).
    for (let parent = name; parent.includes('.'); ) {
      parent = parent.slice(parent.indexOf('.') + 1);
      const wildcard = names.get(`*.${parent}`);
      if (wildcard) return wildcard;
      if (names.has(parent) || [...names.keys()].some((other) => other.endsWith(`.${parent}`))) break;
    }
    return 'missing';
  }

  async function query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    asked.push(`${name} ${type}`);
    const chain: string[] = [];
    const exchange = {
      name,
      type,
      server: '127.0.0.1#53',
      transport: 'udp' as const,
      durationMs: 1,
      chain,
      authenticated: false,
      authoritative: false,
      extendedErrors: [],
    };
    let current = name.toLowerCase();
    for (let hop = 0; hop < 10; hop++) {
      const entries = entriesAt(current);
      if (entries === 'missing' || entries === 'empty') {
        const denied = entries === 'missing' ? !quirks.compactDenial : (quirks.breaksEmptyNonTerminals ?? false);
        return { ...exchange, status: denied ? 'nxdomain' : 'nodata', ttl: 300, zone: null };
      }
      const failure = entries.find((entry) => 'fail' in entry);
      if (failure && 'fail' in failure)
        return { ...exchange, status: failure.fail, detail: failure.fail.toUpperCase() };
      const alias = entries.find((entry) => 'cname' in entry);
      if (alias && 'cname' in alias) {
        current = alias.cname.toLowerCase();
        chain.push(current);
        continue;
      }
      const records = entries.flatMap((entry) => dataOf(entry, type)) as RecordData[T][];
      if (records.length > 0) return { ...exchange, status: 'answer', records, ttl: 300 };
      return { ...exchange, status: 'nodata', ttl: 300, zone: null };
    }
    return { ...exchange, status: 'malformed', detail: 'CNAME loop' };
  }
  return { asked, query };
}

function dataOf(entry: Entry, type: RecordType): unknown[] {
  if ('txt' in entry && type === 'TXT') return entry.txt.map((text) => (typeof text === 'string' ? [text] : text));
  if ('a' in entry && type === 'A') return [...entry.a];
  if ('mx' in entry && type === 'MX') return entry.mx.map(([preference, exchange]) => ({ preference, exchange }));
  return [];
}
