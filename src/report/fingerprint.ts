/**
 * What makes a finding the same one in another run: its code and what it is about, never its words, measurements or
 * place in the report.
 */
import { createHash } from 'node:crypto';
import type { FindingResult } from './status.ts';

/** Where a code is found more than once for one subject, one of these tells them apart. */
const DISTINGUISHING = ['zone', 'list', 'selector', 'port', 'vector', 'tag', 'ip', 'name', 'host', 'uri'] as const;

/** @returns 32 hexadecimal digits, equal for the same finding about the same domain in any run. */
export function fingerprint(domain: string, { code, subject, evidence }: FindingResult): string {
  const parts = DISTINGUISHING.map((key) => {
    const value = evidence[key];
    return typeof value === 'string' || typeof value === 'number' ? `${key}=${value}` : '';
  });
  return createHash('sha256')
    .update(JSON.stringify([domain, code, subject, ...parts.filter((part) => part !== '')]))
    .digest('hex')
    .slice(0, 32);
}
