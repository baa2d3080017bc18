/**
 * What the formats have in common in which teams keep or change their DNS records: zone files, scripts for `nsupdate`, change
 * batches of Route 53, Terraform, octoDNS and dnscontrol. Each format has one file that writes it, and reads it where a plan
 * can be in it. They read text and return text, and do nothing else.
 */
import type { ProposedZone } from '../../network/dns/proposal.ts';
import type { RecordValue } from '../zone-file/line.ts';

/** The types of the record sets that a plan changes. */
export type PlannedType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'PTR' | 'TLSA' | 'TXT';

/** One record set: as published, and as it will be. */
export interface SetChange {
  /** The owner name in canonical form, without a final dot. */
  readonly name: string;
  readonly type: PlannedType;
  /** Seconds. */
  readonly ttl: number;
  /** The published values. Empty when the set does not exist. The value of a TXT record is its whole text, one letter an octet. */
  readonly before: readonly RecordValue[];
  /** All values of the set after the change. Empty when the set goes. */
  readonly after: readonly RecordValue[];
}

/** The changes of one zone. */
export interface ZoneChanges {
  /** The apex in canonical form, without a final dot. */
  readonly zone: string;
  /** The id of the DNS host that serves the zone, where it is known. */
  readonly dnsHost?: string;
  readonly sets: readonly SetChange[];
}

/** TTL of a proposed record in seconds: an hour. Every DNS host allows it. */
export const PROPOSED_TTL = 3600;

/**
 * Writes the changes of some zones in one format.
 *
 * @returns the text of the file, with a final newline. Every value in it is data: nothing of it is a command, an
 *   interpolation or a comment of the format.
 * @throws UsageError for a record that the format cannot hold. A plan is written whole or not at all.
 */
export type PlanWriter = (changes: readonly ZoneChanges[]) => string;

/**
 * Reads proposed records from parsed JSON in one format.
 *
 * @param file the path as the user typed it, for errors and the report.
 * @param domain the domain under test. A plan of other zones has nothing on it.
 * @returns the records of the plan, or `undefined` if the value is not in the format.
 * @throws UsageError for a plan in the format that cannot be used. It quotes nothing but names of DNS records.
 */
export type PlanReader = (value: unknown, file: string, domain: string) => ProposedZone | undefined;

/** @returns the name relative to the zone: `apex` for the apex itself, and the whole name if it is not in the zone. */
export function relativeName(name: string, zone: string, apex: string): string {
  if (name === zone) return apex;
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}
