/**
 * How far a row of the data can be trusted: when its sources were last seen to say it, and of what kind they are.
 * Every row carries these fields, and whatever prints a fact asks `isConfirmed` whether to mark it.
 */

/**
 * The best of a row's sources. The vendor is whoever the row is about: a provider, a list's operator, a receiver.
 *
 * - `vendor-page`: a page or the documentation of the vendor;
 * - `vendor-source`: source code that the vendor publishes, such as its command-line tool or Terraform provider;
 * - `third-party`: a page or source code of somebody else;
 * - `user-reports`: what users report in issues and forums;
 * - `none`: no source is known.
 */
export const PROVENANCES = ['vendor-page', 'vendor-source', 'third-party', 'user-reports', 'none'] as const;

/** How sure a row is apart from its age. */
export const CONFIDENCES = ['high', 'medium', 'low'] as const;

export type Confidence = (typeof CONFIDENCES)[number];

/** What `isConfirmed` looks at. */
export interface Verified {
  /**
   * The last day on which the sources were seen to say what the row says: `YYYY-MM-DD`, or `null` where none was. Where
   * only the month or the year is known it is the first day of it; where the parts of a row were checked at different
   * times it is the day of the oldest.
   */
  readonly verifiedOn: string | null;
  readonly confidence?: Confidence;
}

const DAY_MS = 86_400_000;

/** What providers, lists and receivers do changes: after two years a fact is worth a look before it is relied on. */
export const MAX_AGE_DAYS = 730;

/**
 * @param now milliseconds since the epoch: the time of the run.
 * @returns whether a row may be printed without a mark. Not confirmed are a row without a date, one whose date is more
 *   than 730 days ago, and one of low confidence.
 */
export function isConfirmed({ verifiedOn, confidence }: Verified, now: number): boolean {
  if (verifiedOn === null || confidence === 'low') return false;
  return now - Date.parse(verifiedOn) <= MAX_AGE_DAYS * DAY_MS;
}
