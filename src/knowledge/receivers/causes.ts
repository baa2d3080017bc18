/**
 * The faults that receivers' published rules speak of, by name. A rule of mailcheck says of each of its findings which of
 * them it is.
 */

export interface Cause {
  /** Only listings of these zones, or their children, count. */
  readonly zones?: readonly string[];
}

export const CAUSES = {
  'no-domain': {},
  'no-return-path': {},
  'no-ptr': {},
  'default-ptr': {},
  'dynamic-ptr': {},
  'bad-helo': {},
  'unknown-helo': {},
  'no-spf': {},
  'no-dkim': {},
  'no-dmarc': {},
  listed: {},
  'listed-spamhaus': { zones: ['spamhaus.org', 'spamhaus.net'] },
  'domain-listed': {},
  'range-listed': {},
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseName = keyof typeof CAUSES;
