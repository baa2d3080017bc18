/** What the findings of the block lists rest on. */

import type { List, ListCode, Removal } from '../../../knowledge/lists/schema.ts';
import type { DnsFailureStatus } from '../../../network/dns/answer.ts';
import type { ListFault, Unverified } from '../../facts/lists.ts';
import type { Neighbour } from '../../facts/neighbours.ts';

/** One listing, with what the list's data says of it. */
export interface ListingEvidence {
  readonly subject: string;
  readonly list: string;
  readonly zone: string;
  readonly answers: readonly string[];
  readonly codes: readonly (Pick<ListCode, 'match' | 'name' | 'meaning'> & { readonly class: ListCode['class'] })[];
  /** Answers that the list's code table does not know. */
  readonly unknown: readonly string[];
  /** The list's own words. */
  readonly txt: readonly string[];
  /** The network the list names, where it is more than the address. */
  readonly network: string | null;
  /** For IPv6, the prefix length that one listing of this list speaks for, where it is known. */
  readonly listedPrefix: number | null;
  readonly impact: List['impact'];
  readonly lookup: string | null;
  /** The ways off, each with the codes it is for. */
  readonly removals: readonly (Removal & { readonly codes: readonly string[] })[];
  /** How sure the data about this list is apart from its age. */
  readonly confidence: List['confidence'];
  /** Whether that data is recent and sure enough to be printed without a mark. */
  readonly confirmed: boolean;
  /** The environment variable whose key was used. */
  readonly keyedBy: string | null;
}

export interface RefusingList {
  readonly zone: string;
  /** The meaning of the refusal code. */
  readonly reason: string | null;
  /** It was not asked: it answers users with a key only. */
  readonly needsKey: boolean;
  /** The environment variable that a key for it belongs into. */
  readonly variable: string | null;
}

export interface BrokenList {
  readonly zone: string;
  readonly fault: ListFault | 'dead';
  /** What is known of the zone's end. */
  readonly reason: string | null;
  readonly since: string | null;
  readonly confidence: List['confidence'];
  /** Whether what is known of its end is recent and sure enough to be printed without a mark. */
  readonly confirmed: boolean;
  readonly keyedBy?: string | null;
}

export interface SilentList {
  readonly zone: string;
  readonly status: DnsFailureStatus;
  /** What is known of the zone's end. */
  readonly reason: string | null;
  readonly confirmed: boolean;
}

export interface UnverifiedList {
  readonly zone: string;
  readonly list: string;
  readonly reason: Unverified;
}

export interface NeighboursEvidence {
  readonly network: string;
  readonly zones: readonly string[];
  readonly sampled: number;
  /** How many of the sample could be looked up. */
  readonly known: number;
  readonly listed: number;
  readonly neighbours: readonly Neighbour[];
}
