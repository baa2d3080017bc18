/** Defines a fact as `npm run facts` lists it: a statement about somebody else that has a day on which it was checked. */
import type { Confidence, PROVENANCES } from '../../src/knowledge/verification.ts';

/** The kind of the best source of a fact. */
export type Provenance = (typeof PROVENANCES)[number];

/** A statement about a provider, a list, a receiver or a product. */
export interface Fact {
  /** What the statement is about, such as `provider`. */
  readonly kind: string;
  /** The id of the row. A dated part of a row has its place in the row behind the id. */
  readonly id: string;
  /** The day as `YYYY-MM-DD`, or `null` when no source was seen. */
  readonly verifiedOn: string | null;
  readonly confidence?: Confidence;
  readonly provenance: Provenance;
  readonly sources: readonly string[];
  /** Whether a report marks the fact as not confirmed when it is not. */
  readonly isMarked: boolean;
}
