/**
 * What makes a finding the same one in another run: its code and what it is about, never its words, measurements or
 * place in the report.
 */
import { createHash } from 'node:crypto';
import type { About, FindingResult } from './status.ts';

/** @returns 32 hexadecimal digits, equal for the same finding about the same domain in any run. */
export function fingerprint(domain: string, { code, about }: FindingResult): string {
  const { ip, name, network, port, zone, selector, item, ...others } = about;
  // A new part of `about` does not compile until it stands here.
  const complete: Record<keyof typeof others, never> = others;
  const parts: About = { ip, name, network, port, zone, selector, item, ...complete };
  return createHash('sha256')
    .update(JSON.stringify([domain, code, parts]))
    .digest('hex')
    .slice(0, 32);
}
