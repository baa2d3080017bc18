/**
 * What the DNS said, with its failure modes kept apart.
 *
 * `nodata` and `nxdomain` mean *absent*; every other outcome without records means *unknown* and must never be read
 * as absent: NXDOMAIN is not NODATA, SERVFAIL is not "not listed", REFUSED is not "no record".
 */

/** Octets of a character string (RFC 1035 §3.3), one char per octet (latin1), so nothing is lost or normalised. */
export type OctetString = string;

export interface MxRecord {
  readonly preference: number;
  /** As the server spelled it, without the trailing dot; the root (`MX 0 .`, RFC 7505) is the empty string. */
  readonly exchange: string;
}

export interface SoaRecord {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  /** Seconds. */
  readonly minimum: number;
}

/** The record types asked for, with the shape of their data. Addresses are canonical text (see `parseIp`). */
export interface RecordData {
  A: string;
  AAAA: string;
  CNAME: string;
  MX: MxRecord;
  NS: string;
  PTR: string;
  SOA: SoaRecord;
  /** The character strings of one TXT record, boundaries kept. */
  TXT: readonly OctetString[];
}

export type RecordType = keyof RecordData;

/** What is kept of every exchange, for evidence. */
export interface Exchange {
  readonly name: string;
  readonly type: RecordType;
  /** `address#port` of the server that gave the answer that counts, or `null` when none answered. */
  readonly server: string | null;
  readonly transport: 'udp' | 'tcp';
  /** Milliseconds from first packet to result, retries included. */
  readonly durationMs: number;
  /** The CNAME chain followed, in order, without the name asked; empty when there was none. */
  readonly chain: readonly string[];
  /** AD bit: the resolver says it validated the answer (RFC 4035 §3.2.3). */
  readonly authenticated: boolean;
  /** AA bit: the answer comes from a server of the zone itself. */
  readonly authoritative: boolean;
  /** Extended errors (RFC 8914) as `code: text`. */
  readonly extendedErrors: readonly string[];
}

/** @returns the exchange of a question that nobody was asked. */
export function unasked<T extends RecordType>(name: string, type: T): Exchange & { readonly type: T } {
  return {
    name,
    type,
    server: null,
    transport: 'udp',
    durationMs: 0,
    chain: [],
    authenticated: false,
    authoritative: false,
    extendedErrors: [],
  };
}

export type DnsFailureStatus =
  /** RCODE 2. */
  | 'servfail'
  /** RCODE 5. */
  | 'refused'
  /** No usable reply from any server in time. */
  | 'timeout'
  /** SERVFAIL that becomes an answer with checking disabled: DNSSEC validation failed. */
  | 'bogus'
  /** TC over UDP, and TCP did not work. */
  | 'truncated-no-tcp'
  /** The server could not be reached at all (ICMP, connection refused). */
  | 'unreachable'
  /** A reply that is not a DNS message, or another RCODE (FORMERR, NOTIMP …), or a CNAME loop. */
  | 'malformed';

export interface DnsRecords<T extends RecordType = RecordType> extends Exchange {
  readonly status: 'answer';
  readonly records: readonly RecordData[T][];
  /** Seconds; the smallest TTL along the chain. */
  readonly ttl: number;
}

export interface DnsAbsence extends Exchange {
  readonly status: 'nodata' | 'nxdomain';
  /** Seconds the absence may be cached (RFC 2308), or `null` when the reply had no SOA. */
  readonly ttl: number | null;
  /** The zone whose SOA denied the name: who could create the record. */
  readonly zone: string | null;
}

export interface DnsFailure extends Exchange {
  readonly status: DnsFailureStatus;
  /** One line of detail for a person: an errno, the RCODE's name, what was wrong with the message. */
  readonly detail: string;
}

export type DnsAnswer<T extends RecordType = RecordType> = DnsRecords<T> | DnsAbsence | DnsFailure;

/** The part of the client that the standards (`spf/`, `dkim/`, `dmarc/`) and facts need. Never rejects. */
export interface Resolver {
  query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>>;
}

export function isAbsent(answer: DnsAnswer): answer is DnsAbsence {
  return answer.status === 'nodata' || answer.status === 'nxdomain';
}

export function isFailure(answer: DnsAnswer): answer is DnsFailure {
  return answer.status !== 'answer' && !isAbsent(answer);
}

/** @returns the records, or an empty list for any other outcome; only for callers that have dealt with failures. */
export function recordsOf<T extends RecordType>(answer: DnsAnswer<T>): readonly RecordData[T][] {
  return answer.status === 'answer' ? answer.records : [];
}

/** Common evidence of a query (RULES: `query {name,type,server,rcode,ttl,ms}`). */
export interface QueryEvidence {
  readonly name: string;
  readonly type: string;
  readonly server: string | null;
  readonly rcode: string;
  readonly ttl: number | null;
  readonly ms: number;
  readonly detail?: string;
  readonly chain?: readonly string[];
}

/** @returns the query and its outcome as raw facts for a finding's evidence. */
export function queryEvidence(answer: DnsAnswer): QueryEvidence {
  return {
    name: answer.name,
    type: answer.type,
    server: answer.server,
    rcode: answer.status === 'answer' ? 'noerror' : answer.status,
    ttl: isFailure(answer) ? null : answer.ttl,
    ms: Math.round(answer.durationMs),
    ...(isFailure(answer) ? { detail: answer.detail } : {}),
    ...(answer.chain.length > 0 ? { chain: answer.chain } : {}),
  };
}
