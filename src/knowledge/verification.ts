/**
 * Defines how far a row of the data can be trusted: the day on which its sources were last checked, and the kind of
 * sources. Every row has these fields. Code that prints a fact asks `isConfirmed` whether to mark it.
 */

/**
 * The kind of a row's best source. The vendor is the subject of the row: a provider, the operator of a list or a
 * receiver.
 *
 * - `vendor-page`: a page or the documentation of the vendor;
 * - `vendor-source`: source code that the vendor publishes, such as its command-line tool or Terraform provider;
 * - `third-party`: a page or source code of a third party;
 * - `user-reports`: reports of users in issues and forums;
 * - `none`: no source is known.
 */
export const PROVENANCES = ['vendor-page', 'vendor-source', 'third-party', 'user-reports', 'none'] as const;

/** The certainty of a row, apart from its age. */
export const CONFIDENCES = ['high', 'medium', 'low'] as const;

/** The certainty of a row. */
export type Confidence = (typeof CONFIDENCES)[number];

/** The fields of a row that `isConfirmed` reads. */
export interface Verified {
  /**
   * The last day on which the sources were seen to say what the row says, as `YYYY-MM-DD`, or `null` when no source was
   * seen. If only the month or the year is known, it is the first day of that. If the parts of a row were checked on
   * different days, it is the earliest of them.
   */
  readonly verifiedOn: string | null;
  readonly confidence?: Confidence | undefined;
}

const DAY_MS = 86_400_000;

/** Providers, lists and receivers change what they do. After this number of days a fact should be checked again. */
export const MAX_AGE_DAYS = 730;

/**
 * @param now the time of the run, in milliseconds since the epoch.
 * @returns whether a row may be printed without a mark. A row is not confirmed if it has no date, if its date is more
 *   than `MAX_AGE_DAYS` ago, or if its confidence is low.
 */
export function isConfirmed({ verifiedOn, confidence }: Verified, now: number): boolean {
  if (verifiedOn === null || confidence === 'low') return false;
  return now - Date.parse(verifiedOn) <= MAX_AGE_DAYS * DAY_MS;
}
