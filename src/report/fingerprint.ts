/**
 * Identifies a finding across runs, by its code and by what it is about. Its words, its measurements and its place in
 * the report do not count.
 */
import { createHash } from 'node:crypto';
import type { About, FindingResult } from './status.ts';

/** @returns 32 hexadecimal digits, which are equal for the same finding about the same domain in every run. */
export function fingerprint(domain: string, { code, about }: FindingResult): string {
  const { ip, name, network, port, zone, selector, item, ...others } = about;
  // A new member of `about` does not compile until it is listed here.
  const complete: Record<keyof typeof others, never> = others;
  const parts: About = { ip, name, network, port, zone, selector, item, ...complete };
  return createHash('sha256')
    .update(JSON.stringify([domain, code, parts]))
    .digest('hex')
    .slice(0, 32);
}
