/** A record that a correct host needs, beside what is published. */
import type { RecordToPublish } from '../standards/zone-file/line.ts';

export type RecordStatus =
  | 'right'
  | 'changed'
  | 'missing'
  /** The DNS did not say what is published. */
  | 'unknown';

export interface PlannedRecord extends RecordToPublish {
  readonly status: RecordStatus;
  /** What it does, or what else is needed, in a few words. */
  readonly purpose: string;
  /** What is published at this name and type, where that differs. */
  readonly published: readonly string[];
  /** `own` zone, or the `provider` of the address, who alone can set it. */
  readonly where: 'own' | 'provider';
  /** A host can do without it. */
  readonly optional: boolean;
}
