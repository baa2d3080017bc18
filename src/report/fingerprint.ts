/**
 * Identifies a finding across runs, by its code and by what it is about. Its words, its measurements and its place in
 * the report do not count.
 */
import { createHash } from 'node:crypto';
import type { About, FindingResult } from './status.ts';

/** The parts of a finding that identify it. */
type Identified = Pick<FindingResult, 'code'> & { readonly about: About };

/** @returns a text that is the same for the same finding in every run of one target, and no other finding has it. */
export function findingKey({ code, about }: Identified): string {
  return JSON.stringify([code, partsOf(about)]);
}

/** @returns the code of the finding with this key. */
export function codeOfKey(key: string): string {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? String(parts[0]) : '';
}

/** @returns 32 hexadecimal digits, which are equal for the same finding about the same domain in every run. */
export function fingerprint(domain: string, { code, about }: Identified): string {
  return createHash('sha256')
    .update(JSON.stringify([domain, code, partsOf(about)]))
    .digest('hex')
    .slice(0, 32);
}

function partsOf({ ip, name, network, port, zone, selector, item, ...others }: About): About {
  // A new member of `about` does not compile until it is listed here.
  const complete: Record<keyof typeof others, never> = others;
  return { ip, name, network, port, zone, selector, item, ...complete };
}
