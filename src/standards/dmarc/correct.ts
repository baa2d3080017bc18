/** Writes the correct form of a DMARC record. All findings about a record offer this same text. */
import { isPublicSuffix } from '../organizational-domain.ts';
import { editRecord } from './edit.ts';
import { isWeaker, policyDefects } from './policy.ts';
import type { DmarcRecord, Policy, PolicyTag } from './record.ts';

/** The tags that RFC 9989 removed (App. C.5.2). */
const REMOVED = ['pct', 'rf', 'ri'] as const;

/**
 * Corrects a record. Removes tags that do harm or have no effect, and replaces a missing or invalid `p=` by `p=none`.
 * Adds nothing else, because the owner decides how strict the policy is and who receives the reports.
 *
 * @param domain the domain that publishes the record.
 * @param isOrganization whether it is the organizational domain. `sp=` and `np=` have an effect only there.
 * @returns the text of the correct record.
 */
export function correctRecord(record: DmarcRecord, domain: string, isOrganization: boolean): string {
  const changes = new Map<string, string | null>(REMOVED.map((tag) => [tag, null]));
  for (const { tag } of policyDefects(record)) changes.set(tag, tag === 'p' ? 'none' : null);
  if (isOrganization) for (const tag of Object.keys(weakerForSubdomains(record))) changes.set(tag, null);
  if (record.psd === 'y' && !isPublicSuffix(domain)) changes.set('psd', null);
  return editRecord(record.text, Object.fromEntries(changes));
}

/** @returns the values of `sp=` and `np=` that are weaker than `p=`; empty when there are none. */
export function weakerForSubdomains(record: DmarcRecord): Partial<Record<'sp' | 'np', Policy>> {
  const weaker: Partial<Record<'sp' | 'np', Policy>> = {};
  const p = policyIn(record.p);
  for (const tag of ['sp', 'np'] as const) {
    const value = policyIn(record[tag]);
    if (p && value && isWeaker(value, p)) weaker[tag] = value;
  }
  return weaker;
}

/** @returns the policy of a tag, or `undefined` when the record lacks the tag or its value is not a policy. */
export function policyIn(tag: PolicyTag): Policy | undefined {
  return tag && 'value' in tag ? tag.value : undefined;
}
