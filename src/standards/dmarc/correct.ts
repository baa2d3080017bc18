/** The correct record, whatever is wrong with the one published: every finding about a record offers the same text. */
import { isPublicSuffix } from '../organizational-domain.ts';
import { editRecord } from './edit.ts';
import { isWeaker, policyDefects } from './policy.ts';
import type { DmarcRecord, Policy, PolicyTag } from './record.ts';

/** Tags RFC 9989 removed (App. C.5.2). */
const REMOVED = ['pct', 'rf', 'ri'] as const;

/**
 * Takes out what does harm or counts for nothing. It adds nothing: the owner decides how strict the policy is and who
 * reads the reports.
 *
 * @param domain the domain that publishes the record
 * @param isOrganization whether that is the organizational domain: `sp=` and `np=` count nowhere else
 * @returns the text of the correct record
 */
export function correctRecord(record: DmarcRecord, domain: string, isOrganization: boolean): string {
  const changes = new Map<string, string | null>(REMOVED.map((tag) => [tag, null]));
  for (const { tag } of policyDefects(record)) changes.set(tag, tag === 'p' ? 'none' : null);
  if (isOrganization) for (const tag of Object.keys(weakerForSubdomains(record))) changes.set(tag, null);
  if (record.psd === 'y' && !isPublicSuffix(domain)) changes.set('psd', null);
  return editRecord(record.text, Object.fromEntries(changes));
}

/** @returns `sp=` and `np=` where they ask for less than `p=`. */
export function weakerForSubdomains(record: DmarcRecord): Partial<Record<'sp' | 'np', Policy>> {
  const weaker: Partial<Record<'sp' | 'np', Policy>> = {};
  const p = policyIn(record.p);
  for (const tag of ['sp', 'np'] as const) {
    const value = policyIn(record[tag]);
    if (p && value && isWeaker(value, p)) weaker[tag] = value;
  }
  return weaker;
}

/** @returns the policy that a tag asks for; `undefined` without the tag, or with a value that is no policy. */
export function policyIn(tag: PolicyTag): Policy | undefined {
  return tag && 'value' in tag ? tag.value : undefined;
}
