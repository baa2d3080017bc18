/**
 * The answer to a DNS question. Each way in which a lookup can fail has its own status.
 *
 * `nodata` and `nxdomain` mean that the record is absent. Every other status without records means *unknown*, and a
 * caller must never treat it as absent: SERVFAIL does not mean "not listed", and REFUSED does not mean "no record".
 */

import type { OctetString } from '../octet-string.ts';

export interface MxRecord {
  readonly preference: number;
  /** The host name as the server spells it, without trailing dot. The root (`MX 0 .`, RFC 7505) is the empty string. */
  readonly exchange: string;
}

export interface SoaRecord {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  /** Seconds after which a secondary server asks for changes at the latest (RFC 1035 §3.3.13). Absent if not read. */
  readonly refresh?: number;
  /** TTL of negative answers in seconds (RFC 2308 §4). */
  readonly minimum: number;
}

/** A TLSA record (RFC 6698 §2.1). The numbers are those of the registries, known or not. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  /** The certificate association data in lower-case hexadecimal. */
  readonly data: string;
}

/** A DS record (RFC 4034 §5.1). */
export interface DsRecord {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Lower-case hexadecimal. */
  readonly digest: string;
}

/** The record types that mailcheck queries, with the shape of their data. Addresses are in the form of `parseIp`. */
export interface RecordData {
  A: string;
  AAAA: string;
  CNAME: string;
  DS: DsRecord;
  MX: MxRecord;
  NS: string;
  PTR: string;
  SOA: SoaRecord;
  /** The character strings of one record of the type that SPF once had (RFC 7208 §3.1). */
  SPF: readonly OctetString[];
  TLSA: TlsaRecord;
  /** The character strings of one TXT record, not yet joined. */
  TXT: readonly OctetString[];
}

export type RecordType = keyof RecordData;

/** The facts about an exchange that findings show as evidence. */
export interface Exchange {
  readonly name: string;
  readonly type: RecordType;
  /** `address#port` of the server whose reply was used, or `null` when no server replied. */
  readonly server: string | null;
  readonly transport: 'udp' | 'tcp';
  /** Milliseconds from the first packet to the result, including retries. */
  readonly durationMs: number;
  /** The targets of the CNAME chain in order, without the queried name. Empty when the name is not an alias. */
  readonly chain: readonly string[];
  /** AD bit: the resolver claims that it validated the answer (RFC 4035 §3.2.3). */
  readonly authenticated: boolean;
  /** AA bit: the server is authoritative for the zone (RFC 1035 §4.1.1). */
  readonly authoritative: boolean;
  /** Extended errors (RFC 8914) as `code: text`. */
  readonly extendedErrors: readonly string[];
}

/** @returns the exchange of a question that was not sent to any server. */
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
  /** RCODE 2 (RFC 1035 §4.1.1): the server failed. */
  | 'servfail'
  /** RCODE 5 (RFC 1035 §4.1.1): the server refuses to answer. */
  | 'refused'
  /** No usable reply from any server in time. */
  | 'timeout'
  /** DNSSEC validation failed: SERVFAIL, but the same query with checking disabled has an answer. */
  | 'bogus'
  /** The reply over UDP was truncated (TC bit), and TCP failed. */
  | 'truncated-no-tcp'
  /** No server could be reached (ICMP error, connection refused). */
  | 'unreachable'
  /** The resolver answered with data of its own, such as a hosts file, and not from the public DNS. */
  | 'local-data'
  /** Nobody knows the records before a proposed change is applied. */
  | 'undetermined'
  /** Nobody was asked (`--offline`). */
  | 'unasked'
  /** The reply is not a DNS message, has another RCODE (FORMERR, NOTIMP …) or contains a CNAME loop. */
  | 'malformed';

/** A failure that servers, or the lack of them, can make. */
export type LiveFailureStatus = Exclude<DnsFailureStatus, 'undetermined'>;

export interface DnsRecords<T extends RecordType = RecordType> extends Exchange {
  readonly status: 'answer';
  readonly records: readonly RecordData[T][];
  /** Seconds: the smallest TTL of the records and of the aliases that lead to them. */
  readonly ttl: number;
}

export interface DnsAbsence extends Exchange {
  readonly status: 'nodata' | 'nxdomain';
  /** Seconds for which the absence may be cached (RFC 2308 §5), or `null` when the reply has no SOA record. */
  readonly ttl: number | null;
  /**
   * The zone in which the record would have to be created (the owner of the SOA record), or `null` without SOA record.
   */
  readonly zone: string | null;
}

export interface DnsFailure extends Exchange {
  readonly status: DnsFailureStatus;
  /** One line of text for users: the errno, the name of the RCODE, the defect of the message, or what is undetermined. */
  readonly detail: string;
  /** The id of the web proxy that will answer for the name with addresses of its own. Only with `undetermined`. */
  readonly proxy?: string;
}

export type DnsAnswer<T extends RecordType = RecordType> = DnsRecords<T> | DnsAbsence | DnsFailure;

/** The part of the DNS client that the standards (`spf/`, `dkim/`, `dmarc/`) and the facts need. Never rejects. */
export interface Resolver {
  query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>>;
}

/** @returns whether the DNS denies the record: NODATA or NXDOMAIN (RFC 2308 §2). */
export function isAbsent(answer: DnsAnswer): answer is DnsAbsence {
  return answer.status === 'nodata' || answer.status === 'nxdomain';
}

/** @returns whether the lookup failed, so that it is unknown whether the record exists. */
export function isFailure(answer: DnsAnswer): answer is DnsFailure {
  return answer.status !== 'answer' && !isAbsent(answer);
}

/** How the detail of a lookup begins that the end of the run cut off. */
export const RUN_ENDED = 'the run ended before';

/** @returns whether the end of the run cut the lookup off, so that nothing is known of the servers. */
export function isCutOff({ status, detail }: Pick<DnsFailure, 'status' | 'detail'>): boolean {
  return status === 'timeout' && detail.startsWith(RUN_ENDED);
}

/** @returns the records, or an empty list for any other status. Callers must handle failures before they call it. */
export function recordsOf<T extends RecordType>(answer: DnsAnswer<T>): readonly RecordData[T][] {
  return answer.status === 'answer' ? answer.records : [];
}

/** The evidence that every finding about a DNS query shows. */
export interface QueryEvidence {
  readonly name: string;
  readonly type: string;
  readonly server: string | null;
  /** `noerror`, or the status of an answer without records. */
  readonly rcode: string;
  /** Seconds, or `null` when the lookup failed or the denial has no SOA record. */
  readonly ttl: number | null;
  /** Milliseconds, rounded. */
  readonly ms: number;
  readonly detail?: string;
  readonly chain?: readonly string[];
}

/** @returns the query and its outcome in the form of a finding's evidence. */
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
