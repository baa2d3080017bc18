/**
 * Names the faults that the published rules of receivers mention. The catalogue of each rule in mailcheck says which
 * findings are such a fault.
 */

/** A fault that a receiver's rule mentions. */
export interface Cause {
  /** The zones whose listings count, with the zones below them. Any zone when absent. */
  readonly zones?: readonly string[];
}

const SPAMHAUS = ['spamhaus.org', 'spamhaus.net'] as const;

/** Every fault, by name. */
export const CAUSES = {
  'no-domain': {},
  /** No MX record and no address, or a null MX record: no bounce can be delivered to the domain. */
  'no-return-path': {},
  'null-mx': {},
  /** Mail goes out from another address than the tested one, so that receivers judge that. No receiver has a rule on it. */
  'other-source': {},
  'no-ptr': {},
  'default-ptr': {},
  'dynamic-ptr': {},
  'bad-helo': {},
  'unknown-helo': {},
  'no-spf': {},
  /** The SPF result is "fail": the record says that mail from the address is to be rejected. */
  'spf-fail': {},
  'no-dkim': {},
  /** A real message has a valid signature, but none in the name of the From domain. */
  'dkim-not-aligned': {},
  'no-dmarc': {},
  listed: {},
  'listed-spamhaus': { zones: SPAMHAUS },
  /** The address is listed for what it sent (SBL, XBL), not for the kind of its range. */
  'listed-spamhaus-spam': { zones: SPAMHAUS },
  /** The address is in a range that is not meant to send mail directly (PBL). */
  'listed-spamhaus-policy': { zones: SPAMHAUS },
  'domain-listed': {},
  'domain-listed-spamhaus': { zones: SPAMHAUS },
  'range-listed': {},
  'open-relay': {},
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseName = keyof typeof CAUSES;

/** @returns whether a text names a cause. */
export function isCauseName(text: string): text is CauseName {
  return Object.hasOwn(CAUSES, text);
}

/** A condition: every group must be met, and a group is met by any of its causes. */
export type Condition = readonly (readonly CauseName[])[];

/** A fault that so many receivers reject mail for that silence about it is no acceptance. */
export interface SeriousFault {
  readonly when: Condition;
  /** The fault, as the object of "no published rule about". */
  readonly says: string;
  /**
   * Whether it counts only where it was found. Receivers do not test for it, so one without a rule about it does not wait
   * for the check.
   */
  readonly isOnlyIfFound?: true;
}

/** The serious faults. A receiver that publishes no rule about one of them is never said to accept it. */
export const SERIOUS_FAULTS: readonly SeriousFault[] = [
  { when: [['no-ptr']], says: 'a missing or unconfirmed PTR record' },
  { when: [['dynamic-ptr']], says: 'the PTR record of an end-user line' },
  { when: [['listed-spamhaus-spam']], says: 'Spamhaus SBL and XBL' },
  { when: [['listed-spamhaus-policy']], says: 'Spamhaus PBL' },
  { when: [['domain-listed']], says: 'listed domains' },
  { when: [['no-spf'], ['no-dkim']], says: 'mail that passes neither SPF nor DKIM' },
  { when: [['open-relay']], says: 'open relays', isOnlyIfFound: true },
];
