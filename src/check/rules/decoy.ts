/** Says that what answers is no mail server but a decoy, which shows nothing of the mail host behind it. */
import type { Decoy } from '../../knowledge/mail-servers/decoys.ts';
import { decoyFix, decoyText } from './decoy-words.ts';
import { type Obstructed, type Reason, reason } from './inconclusive.ts';

/** The decoy that answered. */
export interface AboutDecoy extends Obstructed {
  readonly decoy: Decoy;
}

/**
 * The reason, for the table of a rule.
 *
 * @param where gives the host in words.
 * @param unknown what is not known, as a clause: `whether it relays`.
 */
export function decoyReason<E extends object>(where: (evidence: E) => string, unknown: string): Reason<E & AboutDecoy> {
  return reason({
    says: (seen) => `The service on ${where(seen)} is ${decoyText(seen.decoy)}. It was not tested ${unknown}.`,
    fix: ({ decoy }, target) => decoyFix(decoy, target),
  });
}
