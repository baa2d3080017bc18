/**
 * Defines planners. A planner folds all edits of one record into one final value. There is one planner for each purpose:
 * SPF, DMARC, DKIM keys, and plain values such as addresses.
 */
import type { Resolver } from '../../../network/dns/answer.ts';
import type { IpAddress } from '../../../network/ip.ts';
import type { OctetString } from '../../../network/octet-string.ts';
import type { Target } from '../../target.ts';

/** What a planner may use besides the published values and the edits. */
export interface PlannerSources {
  readonly target: Target;
  /** Answers as if the plan's other changes were published. */
  readonly dns: Resolver;
  /** The name that the host at an address announces, for the macro `%{h}`. */
  readonly heloName: (ip: IpAddress) => string;
}

/** A later stage of a policy, which is published once the reports show that all mail passes. */
export interface Stage {
  /** The whole text of the record of this stage. */
  readonly text: string;
  /** When it is due, as a sentence. */
  readonly when: string;
}

/** One final value of a record, as a change of the published values. `V`: whole texts, or values of any type of record. */
export interface Proposal<V extends string = OctetString> {
  readonly kind: 'proposal';
  /** The published values that go. Each is exactly as published. */
  readonly remove: readonly V[];
  /** The values that come. */
  readonly add: readonly V[];
  /** What changes, one clause each, without a full stop: `adds ip4:192.0.2.1`, `removes a:host, which does not exist`. */
  readonly notes: readonly string[];
  /** The stages after this one, in order. */
  readonly later?: readonly Stage[];
}

/** A record for which no value can be given. */
export interface Undecided {
  readonly kind: 'undecided';
  /** What the owner has to decide, or what could not be read, in sentences. */
  readonly decide: string;
}

/** The TXT records at one name, each as its character strings. */
export type PublishedTexts = readonly (readonly OctetString[])[];

/**
 * Folds edits into one final value of the record of one purpose.
 *
 * @param name the owner name.
 * @param published all TXT records at the name, of every purpose. A planner removes only those of its own purpose.
 * @param changes the changes that the findings ask for; at least one. Equal ones may occur several times.
 * @returns the final value. `remove` and `add` are empty when nothing has to change.
 */
export type TextPlanner<C> = (
  name: string,
  published: PublishedTexts,
  changes: readonly C[],
  sources: PlannerSources,
) => Promise<Proposal | Undecided>;

/** @returns the proposal that changes nothing. */
export function unchanged(later?: readonly Stage[]): Proposal<never> {
  return { kind: 'proposal', remove: [], add: [], notes: [], ...(later ? { later } : {}) };
}
