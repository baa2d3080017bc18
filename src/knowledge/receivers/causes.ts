/**
 * Names the faults that the published rules of receivers mention. The catalogue of each rule in mailcheck says which
 * findings are such a fault.
 */

/** A fault that a receiver's rule mentions. */
export interface Cause {
  /** The zones whose listings count, with the zones below them. Any zone when absent. */
  readonly zones?: readonly string[];
}

/** Every fault, by name. */
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
