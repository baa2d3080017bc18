/** A DNS record that a correct mail host needs, compared with the published one. */
import type { RecordToPublish } from '../standards/zone-file/line.ts';

/** How the published record compares with the planned one. */
export type RecordStatus =
  | 'right'
  | 'changed'
  | 'missing'
  /**
   * The lookup failed, so nothing is known about the published record. `value` and `line` are empty, unless the user gave
   * the value: the key of the host.
   */
  | 'unknown'
  /** No record can be given: the owner has to decide what `purpose` says. `value` and `line` are empty. */
  | 'undecided';

/** One planned record, and what is published in its place. */
export interface PlannedRecord extends RecordToPublish {
  readonly status: RecordStatus;
  /** What the record does, or what else it needs, in a few words. */
  readonly purpose: string;
  /** The values published at this name and type that differ from the planned one. */
  readonly published: readonly string[];
  /** What changes, one clause each, if a published record is replaced. */
  readonly notes?: readonly string[];
  /**
   * Who sets the record: `own` is the user, in the zone of the domain. `provider` is the hosting provider of the address.
   * `other` is whoever runs the zone of a host name that is not below the domain.
   */
  readonly where: 'own' | 'provider' | 'other';
  /** Whether mail is delivered without this record too. */
  readonly optional: boolean;
}
