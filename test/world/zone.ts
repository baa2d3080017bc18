/**
 * The one syntax for the DNS of a test, and the one lookup over it. A server on loopback (`dns.ts`) and a resolver in
 * memory (`zone-resolver.ts`) both answer from it.
 *
 * A name that is not in the zone is NXDOMAIN, unless names exist below it (an empty non-terminal, RFC 8020). A type that
 * a name does not have is NODATA. `*.name` is a wildcard (RFC 4592).
 */
import type { SignedWorld } from './signer.ts';

export type Fault =
  | 'servfail'
  | 'refused'
  /** No reply at all. */
  | 'timeout'
  /** The server cannot be reached. In memory only: a server on loopback that was asked is one that was reached. */
  | 'unreachable'
  | 'nxdomain'
  | 'nodata'
  /** The right ID, then garbage. */
  | 'malformed'
  /** TC over UDP, no records; the whole answer over TCP needs `records`. */
  | 'truncated'
  /** TC over UDP, and a TCP connection that is closed at once. */
  | 'truncated-no-tcp'
  /** SERVFAIL unless CD is set. */
  | 'bogus'
  /** RCODE 4. */
  | 'notimp'
  /** RCODE 1 to a query with EDNS0, as servers older than it give. */
  | 'no-edns'
  /** NOERROR with NS records of another zone and nothing else. */
  | 'referral'
  /** A forged reply with the wrong ID before the right one. */
  | 'spoofed';

/**
 * TXT values are one text, or an array of the strings of one record whose boundaries are kept. MX values are
 * `'10 mail.example.com'`.
 */
export type Data = string | readonly string[];

export interface Answer {
  readonly records?: readonly Data[];
  readonly fault?: Fault;
  /** Seconds; 300 when absent. */
  readonly ttl?: number;
  readonly delayMs?: number;
  /** Set the AD bit. */
  readonly ad?: boolean;
  /** Whether the server calls the answer authoritative. */
  readonly aa?: boolean;
  /** Extended error (RFC 8914). */
  readonly ede?: { readonly code: number; readonly text: string };
  /** The fault applies to this many queries, then the records are given. On loopback only, since it is about retries. */
  readonly times?: number;
}

/** A text with an equals sign, as SPF, DKIM and DMARC records have: the one TXT record of its name. */
type TagText = `${string}=${string}`;

/** What is at a name for one type: records, the one record, or a fault. */
export type TypeEntry = readonly Data[] | TagText | Fault | Answer;

/**
 * What is at a name: a fault for every question, its one TXT record, or answers by type. The type `*` is for every type
 * that is not there.
 */
export type NameScript = Fault | TagText | Readonly<Record<string, TypeEntry>>;

/** Names and what is at each. */
export type ZoneScript = Readonly<Record<string, NameScript>>;

export interface DnsScript {
  readonly zone: ZoneScript;
  /** Names that have an SOA; the last two labels of the name asked when absent. */
  readonly apexes?: readonly string[];
  /** Instead of NXDOMAIN, this address for every name that does not exist: a resolver that rewrites. */
  readonly rewriteTo?: string;
  /** NXDOMAIN at empty non-terminals, as old servers wrongly do. */
  readonly breaksEmptyNonTerminals?: boolean;
  /** NODATA for every name that does not exist (compact denial, RFC 9824). */
  readonly neverNxdomain?: boolean;
  /** Address → what the name server there has, when it is asked itself. A server that is not here does not answer. */
  readonly nameServers?: Readonly<Record<string, Omit<DnsScript, 'nameServers'>>>;
  /** Whether the server is a name server of its zones and calls every answer authoritative. A resolver does not. */
  readonly isAuthoritative?: boolean;
  /**
   * Signed zones (`signer.ts`). They answer every question with the DO bit, and those without it for names that are not in
   * `zone`. Whatever `zone` says of the faults of a name and type holds for both.
   */
  readonly signed?: Pick<SignedWorld, 'answerTo'>;
  /** Applies to every question. */
  readonly fault?: Fault;
  readonly delayMs?: number;
}

/** Seconds, of records that give none of their own and of aliases. */
export const DEFAULT_TTL = 300;
/** Seconds, of every denial. */
export const NEGATIVE_TTL = 60;
/** Octets of one character string (RFC 1035 §3.3). */
const MAX_STRING = 255;

/** A script, ready to be looked up in. Names may be in any case. */
export interface Zone {
  /** @returns what is at a name for a type; the alias of a name is not followed. */
  at(name: string, type: string): Answer;
  /** @returns whether the script has the name, itself or by a wildcard. */
  has(name: string): boolean;
  /** @returns the name that a name is an alias of, if it is one. */
  aliasAt(name: string): string | undefined;
  /** @returns the name whose SOA denies what a name does not have. */
  apexOf(name: string): string;
}

/** @returns the zone of a script. */
export function zoneOf(script: DnsScript): Zone {
  const names = new Map(Object.entries(script.zone).map(([name, value]) => [name.toLowerCase(), value]));
  const existing = new Set([...names.keys()].flatMap(selfAndParents));

  /** RFC 4592 §3.3.1: the wildcard below the closest name that exists, and no other. */
  function entryAt(name: string): NameScript | undefined {
    if (existing.has(name)) return names.get(name);
    const closest = selfAndParents(name).find((parent) => existing.has(parent));
    return names.get(`*.${closest}`);
  }

  function absenceOf(name: string, type: string): Answer {
    if (existing.has(name) && !script.breaksEmptyNonTerminals) return {};
    if (script.rewriteTo !== undefined) return type === 'A' ? { records: [script.rewriteTo] } : {};
    return script.neverNxdomain ? {} : { fault: 'nxdomain' };
  }

  return {
    at(asked, type) {
      const name = asked.toLowerCase();
      if (script.fault !== undefined) return { fault: script.fault };
      const entry = entryAt(name);
      if (entry === undefined) return absenceOf(name, type);
      if (typeof entry !== 'string') return answerOf(entry[type] ?? entry['*']);
      return isTagText(entry) && type !== 'TXT' ? {} : answerOf(entry);
    },
    has: (name) => entryAt(name.toLowerCase()) !== undefined,
    aliasAt(name) {
      const entry = entryAt(name.toLowerCase());
      const { CNAME = [] } = typeof entry === 'object' ? entry : {};
      const { records = [] } = answerOf(CNAME);
      return records[0]?.toString();
    },
    apexOf(asked) {
      const name = asked.toLowerCase();
      const [longest] = (script.apexes ?? [])
        .filter((apex) => selfAndParents(name).includes(apex))
        .sort((a, b) => b.length - a.length);
      return longest ?? name.split('.').slice(-2).join('.');
    },
  };
}

/** @returns the character strings of a TXT record: a text that is too long for one becomes several. */
export function stringsOf(data: Data): readonly string[] {
  if (typeof data !== 'string') return data;
  const count = Math.max(1, Math.ceil(data.length / MAX_STRING));
  return Array.from({ length: count }, (_, index) => data.slice(index * MAX_STRING, (index + 1) * MAX_STRING));
}

/** @returns a TLSA record, `'3 1 1 ab12'`, in the form of the codec. */
export function codecTlsa(data: Data) {
  const [usage, selector, matchingType, hex = ''] = data.toString().split(' ');
  const certificate = Buffer.from(hex, 'hex');
  return { usage: Number(usage), selector: Number(selector), matchingType: Number(matchingType), certificate };
}

/** @returns a DS record, `'12345 13 2 ab12'`, in the form of the codec. */
export function codecDs(data: Data) {
  const [keyTag, algorithm, digestType, hex = ''] = data.toString().split(' ');
  const digest = Buffer.from(hex, 'hex');
  return { keyTag: Number(keyTag), algorithm: Number(algorithm), digestType: Number(digestType), digest };
}

/** @returns the strings as octets, each with its length before it. */
export function wireStrings(strings: readonly string[]): Buffer {
  return Buffer.concat(
    strings.map((text) => {
      const octets = Buffer.from(text, 'latin1');
      return Buffer.concat([Buffer.from([octets.length]), octets]);
    }),
  );
}

/** @returns the preference and the host of an MX record. */
export function mxOf(data: Data): { readonly preference: number; readonly exchange: string } {
  const [preference = '0', exchange = ''] = data.toString().split(' ');
  return { preference: Number(preference), exchange: exchange === '.' ? '' : exchange };
}

/** @returns what is at a name for one type, in one shape. */
export function answerOf(value: TypeEntry | undefined): Answer {
  if (value === undefined) return {};
  if (typeof value === 'string') return isTagText(value) ? { records: [value] } : { fault: value };
  return isRecords(value) ? { records: value } : value;
}

function isRecords(value: readonly Data[] | Answer): value is readonly Data[] {
  return Array.isArray(value);
}

function isTagText(entry: Fault | TagText): entry is TagText {
  return entry.includes('=');
}

/** The name itself, and the names above it up to the top-level domain. */
function selfAndParents(name: string): string[] {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
