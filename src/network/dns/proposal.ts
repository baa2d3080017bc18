/** Proposed records as the readers of zone files and plans give them: what is published once a change is applied. */
import type { RecordData, RecordType } from './answer.ts';

/** One proposed record. Its data is `null` for types that mailcheck never queries: only their existence matters. */
export interface ProposedRecord {
  /** The owner name in canonical form (see `canonicalName`). */
  readonly name: string;
  readonly type: string;
  readonly data: RecordData[RecordType] | null;
  /** Seconds. */
  readonly ttl: number;
  /** The line of the file that the record begins on, from 1. Absent when the file is not for people to read. */
  readonly line?: number;
  /** The file that a person writes the record in. Absent when it is the file that was read. */
  readonly file?: string;
}

/** A record set that nobody knows before the change is applied. */
export interface UndeterminedSet {
  /** The owner name in canonical form. `null` when that is not known either: any name below `zone` may be it. */
  readonly name: string | null;
  /** The apex of the zone, in canonical form. `null` when it is not known: the set may then be in any zone. */
  readonly zone: string | null;
  /** A label that the name is below, in whatever domain of the zone: `_domainkey`. Only with `name: null`. */
  readonly below?: string;
  readonly type: string;
  /** Whether published records may go as well. Otherwise a set that is published stays. Only with `name: null`. */
  readonly isReplaced?: true;
  /** What is not known, as a clause: `aws_route53_record.ses_dkim is known after apply`. */
  readonly why: string;
}

/**
 * The records of one set that a plan changes. The others, which it does not manage, stay as they are published. If none of the
 * records that are replaced is published, the published set is not the one of the plan, and nothing of it stays.
 */
export interface EditedSet {
  /** The owner name in canonical form. */
  readonly name: string;
  readonly type: RecordType;
  /** The published records that go, or are replaced. */
  readonly remove: readonly RecordData[RecordType][];
  /** The records that are there after the change, also those that stay. */
  readonly add: readonly RecordData[RecordType][];
  /** Seconds. */
  readonly ttl: number;
  readonly line?: number;
}

/** A name that a web proxy will answer for, with addresses of its own. */
export interface ProxiedName {
  /** The owner name in canonical form. */
  readonly name: string;
  /** The id of the web proxy. */
  readonly proxy: string;
}

/** The forms in which proposed records are read. */
export const PROPOSED_FORMATS = ['zone', 'json', 'octodns', 'dnscontrol', 'terraform'] as const;
export type ProposedFormat = (typeof PROPOSED_FORMATS)[number];

/** The published records of a whole zone that the change leaves alone, although no proposed record is like them. */
export interface KeptRecords {
  /** The apex of the zone in canonical form. */
  readonly zone: string;
  /** A pattern of the names without the zone (see `globOf`), in lower case. `@` is the apex. */
  readonly label: string;
  /** All types when empty. */
  readonly types: readonly string[];
  /** A pattern of the targets: the text, the address, or the name with its final dot. All targets when absent. */
  readonly target?: string;
}

export interface ProposedZone {
  /** The path of the file as the user typed it. */
  readonly file: string;
  /** A zone file when absent. */
  readonly format?: ProposedFormat;
  readonly records: readonly ProposedRecord[];
  /** The live record sets that go without another in their place. */
  readonly removed?: readonly { readonly name: string; readonly type: string; readonly line?: number }[];
  /** The apexes of whole zones whose SOA and NS records the DNS host adds. A zone with an SOA record is whole without it. */
  readonly apexes?: readonly string[];
  /** What stays of the whole zones besides the records of the file. */
  readonly kept?: readonly KeptRecords[];
  /** The record sets of which single records change. */
  readonly edits?: readonly EditedSet[];
  readonly undetermined?: readonly UndeterminedSet[];
  readonly proxied?: readonly ProxiedName[];
}

/** Where a proposed record stands. */
export interface ProposedPlace {
  readonly file: string;
  /** The line in the file, from 1. `null` when it is not known. */
  readonly line: number | null;
}
