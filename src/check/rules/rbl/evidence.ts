/** Defines the evidence of the block list findings. */

import type { List, ListCode, Removal } from '../../../knowledge/lists/schema.ts';
import type { DnsFailureStatus } from '../../../network/dns/answer.ts';
import type { ListFault, Unverified } from '../../facts/list-outcome.ts';
import type { DirectFault } from '../../facts/lists.ts';
import type { Neighbour } from '../../facts/neighbours.ts';
import type { AskedResolver } from '../../facts/resolvers.ts';

/** One listing, with the list's data about it. */
export interface ListingEvidence {
  readonly subject: string;
  readonly list: string;
  readonly zone: string;
  readonly answers: readonly string[];
  readonly codes: readonly (Pick<ListCode, 'match' | 'name' | 'meaning'> & { readonly class: ListCode['class'] })[];
  /** The returned addresses that are not in the list's code table. */
  readonly unknown: readonly string[];
  /** The texts of the list's TXT records. */
  readonly txt: readonly string[];
  /** The listed network, if it is larger than the address. */
  readonly network: string | null;
  /** The prefix length that one IPv6 listing covers. `null` for IPv4 and when unknown. */
  readonly listedPrefix: number | null;
  readonly impact: List['impact'];
  /** The URL of the list's lookup page for the subject. */
  readonly lookup: string | null;
  /** The ways to get removed, each with the names of its return codes. */
  readonly removals: readonly (Removal & { readonly codes: readonly string[] })[];
  /** The certainty of the data about the list, apart from its age. */
  readonly confidence: List['confidence'];
  /** Whether that data is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
  /** The environment variable whose key was used. `null` when none was. */
  readonly keyedBy: string | null;
}

/** A list that refused the query, or that was not asked because it needs a key. */
export interface RefusingList {
  readonly zone: string;
  /** The meaning of the refusal code. `null` when it is unknown. */
  readonly reason: string | null;
  /** Whether the list was not asked because it answers only users with a key. */
  readonly needsKey: boolean;
  /** The environment variable for the list's key. `null` when it takes no key by DNS, or one is in use. */
  readonly variable: string | null;
  /** The environment variable whose key was used. `null` when none was. */
  readonly keyedBy: string | null;
  /** The URL of the list's lookup page for the subject. */
  readonly lookup: string | null;
}

/** How lists without a usable answer were asked. */
export interface BlindEvidence {
  readonly resolvers: readonly AskedResolver[];
  /** What came of asking their own name servers, with the lists of each outcome. */
  readonly direct: readonly { readonly fault: DirectFault; readonly zones: readonly string[] }[];
}

/** The evidence of a cause that all lists have in common. */
export interface CommonEvidence extends BlindEvidence {
  /** The zones of the lists. */
  readonly lists: readonly string[];
  /** The addresses that came as answers. */
  readonly answers: readonly string[];
}

/** A list without a usable answer that the check can do without. */
export interface UnansweredList {
  readonly zone: string;
  readonly isAllowList: boolean;
  /** Why its answers are ignored. `null` when it refused or did not answer. */
  readonly fault: ListFault | null;
  /** How its lookup failed. `null` when it refused or its answers are ignored. */
  readonly status: DnsFailureStatus | null;
}

/** A list that was asked at its own name servers. */
export interface DirectList {
  readonly zone: string;
  /** The servers that answered, as `address#port`. Empty when only the resolver did. */
  readonly servers: readonly string[];
}

/** A list whose answers are ignored. */
export interface BrokenList {
  readonly zone: string;
  readonly fault: ListFault | 'dead';
  /** Whether the check needs the answer of the list by its data. It is then not to be left out. */
  readonly isKey: boolean;
  /** Why the zone is out of service. `null` when it is not known to be. */
  readonly reason: string | null;
  /** Since when the zone is out of service. */
  readonly since: string | null;
  readonly confidence: List['confidence'];
  /** Whether the data about its end is recent and certain enough to be printed without a mark. */
  readonly confirmed: boolean;
  readonly keyedBy?: string | null;
}

/** A list whose lookup failed. */
export interface SilentList {
  readonly zone: string;
  readonly status: DnsFailureStatus;
  /** Whether the check needs the answer of the list by its data. It is then not to be left out. */
  readonly isKey: boolean;
  /** Why the zone is out of service. `null` when it is not known to be. */
  readonly reason: string | null;
  readonly confirmed: boolean;
}

/** A list that does not list the subject but may not work. */
export interface UnverifiedList {
  readonly zone: string;
  readonly list: string;
  readonly reason: Unverified;
}

/** The sample around one address. */
export interface NeighboursEvidence {
  readonly network: string;
  readonly zones: readonly string[];
  readonly sampled: number;
  /** The number of sampled addresses with a usable result. */
  readonly known: number;
  readonly listed: number;
  readonly neighbours: readonly Neighbour[];
}
