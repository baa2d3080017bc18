/** A resolver that answers from a table, for testing the standards without sockets. */
import type { DnsAnswer, RecordData, RecordType, Resolver } from '../../../src/network/dns/answer.ts';
import { canonicalName } from '../../../src/network/domain.ts';
import { parseIp } from '../../../src/network/ip.ts';

type Failure = 'servfail' | 'refused' | 'timeout' | 'bogus' | 'truncated-no-tcp' | 'unreachable' | 'malformed';

/** The records of one name. A name that is not in the zone is nxdomain; a type that is not at a name is nodata. */
export interface ZoneName {
  readonly A?: readonly string[] | Failure;
  readonly AAAA?: readonly string[] | Failure;
  readonly MX?: readonly (readonly [number, string])[] | Failure;
  readonly PTR?: readonly string[] | Failure;
  readonly NS?: readonly string[] | Failure;
  readonly CNAME?: string;
  /** One string each, or a list of strings for a record of several. */
  readonly TXT?: string | readonly (string | readonly string[])[] | Failure;
  /** Every type not given fails so. */
  readonly fails?: Failure;
}

export type Zone = Readonly<Record<string, ZoneName | string>>;

export interface ZoneResolver extends Resolver {
  /** Every question asked, as `type name`, in order. */
  readonly questions: string[];
}

const FAILURES: readonly string[] = [
  'servfail',
  'refused',
  'timeout',
  'bogus',
  'truncated-no-tcp',
  'unreachable',
  'malformed',
];

/** A zone entry that is a string is the one TXT record of its name. `delay` gives the milliseconds before an answer. */
export function zoneResolver(zone: Zone, delay?: (question: string) => number): ZoneResolver {
  const names = new Map(
    Object.entries(zone).map(([name, data]) => [canonicalName(name), typeof data === 'string' ? { TXT: data } : data]),
  );
  const questions: string[] = [];
  return {
    questions,
    async query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
      questions.push(`${type} ${canonicalName(name)}`);
      const wait = delay?.(`${type} ${canonicalName(name)}`) ?? 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      return answer(names, name, type);
    },
  };
}

function answer<T extends RecordType>(names: ReadonlyMap<string, ZoneName>, name: string, type: T): DnsAnswer<T> {
  const chain: string[] = [];
  const exchange = {
    name,
    type,
    server: '192.0.2.53#53',
    transport: 'udp' as const,
    durationMs: 1,
    chain,
    authenticated: false,
    authoritative: false,
    extendedErrors: [],
  };
  for (let current = canonicalName(name); ; ) {
    const found = names.get(current);
    if (found === undefined) return { ...exchange, status: 'nxdomain', ttl: 300, zone: 'example' };
    const data = dataOf(found, type);
    if (typeof data === 'string') return { ...exchange, status: data, detail: `test says ${data}` };
    if (data !== undefined && data.length > 0) {
      // The table is written by hand in each type's shape.
      return { ...exchange, status: 'answer', records: data as readonly RecordData[T][], ttl: 300 };
    }
    if (found.fails !== undefined) return { ...exchange, status: found.fails, detail: `test says ${found.fails}` };
    if (found.CNAME === undefined) return { ...exchange, status: 'nodata', ttl: 300, zone: 'example' };
    current = canonicalName(found.CNAME);
    if (chain.includes(current)) return { ...exchange, status: 'malformed', detail: 'CNAME loop' };
    chain.push(current);
  }
}

function dataOf(found: ZoneName, type: RecordType): readonly unknown[] | Failure | undefined {
  switch (type) {
    case 'TXT': {
      const { TXT } = found;
      if (typeof TXT === 'string') return isFailureName(TXT) ? TXT : [[TXT]];
      return TXT?.map((record) => (typeof record === 'string' ? [record] : record));
    }
    case 'A':
    case 'AAAA': {
      const data = found[type];
      return typeof data === 'object' ? data.map((text) => parseIp(text)) : data;
    }
    case 'MX': {
      const { MX } = found;
      return typeof MX === 'object'
        ? MX.map(([preference, exchangeName]) => ({ preference, exchange: exchangeName }))
        : MX;
    }
    case 'PTR':
    case 'NS':
      return found[type];
    default:
      return undefined;
  }
}

function isFailureName(text: string): text is Failure {
  return FAILURES.includes(text);
}
