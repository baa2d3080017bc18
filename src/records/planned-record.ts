/** A DNS record that a correct mail host needs, compared with the published one. */
import type { RecordToPublish } from '../standards/zone-file/line.ts';

/** How the published record compares with the planned one. */
export type RecordStatus =
  | 'right'
  | 'changed'
  | 'missing'
  /** The lookup failed, so nothing is known about the published record. */
  | 'unknown';

/** One planned record, and what is published in its place. */
export interface PlannedRecord extends RecordToPublish {
  readonly status: RecordStatus;
  /** What the record does, or what else it needs, in a few words. */
  readonly purpose: string;
  /** The values published at this name and type that differ from the planned one. */
  readonly published: readonly string[];
  /** Who sets the record: `own` is the user, in their own zone. `provider` is the hosting provider of the address. */
  readonly where: 'own' | 'provider';
  /** Whether mail is delivered without this record too. */
  readonly optional: boolean;
}
