/** Merges several DMARC records into the one that says what all of them say. */
import { addAddresses, type Draft, isPolicyTag, isReportTag, policyOf } from './draft.ts';
import { isWeaker } from './policy.ts';
import { POLICIES, type Policy } from './record.ts';

/** Tags that weaken a policy. Only records with the strictest policy decide on them. */
const WEAKENING: ReadonlySet<string> = new Set(['t', 'pct']);

/**
 * Merges records. The strictest policy counts, all addresses stay, and of two values of another tag the one of the
 * stricter record stays. The order of the records has no effect.
 *
 * @param drafts the records; at least one.
 */
export function mergeDrafts(drafts: readonly Draft[]): Draft {
  const ordered = [...drafts].sort(
    (a, b) => strictness(b) - strictness(a) || b.values.size - a.values.size || compare(a, b),
  );
  const merged: Draft = { values: new Map(), addresses: { rua: [], ruf: [] }, slips: [], leftOut: [], unread: [] };
  const [strictest] = ordered;
  const p = strictest && policyOf(strictest, 'p');
  const leading = ordered.filter((draft) => policyOf(draft, 'p') === p);
  for (const draft of ordered) {
    merged.slips.push(...draft.slips);
    merged.leftOut.push(...draft.leftOut);
    merged.unread.push(...draft.unread);
    for (const tag of ['rua', 'ruf'] as const) addAddresses(merged, tag, draft.addresses[tag]);
    for (const [tag, value] of draft.values) {
      if (isPolicyTag(tag) || isReportTag(tag) || WEAKENING.has(tag)) continue;
      const known = merged.values.get(tag);
      if (known === undefined) merged.values.set(tag, value);
      else if (tag === 'fo') merged.values.set(tag, bothOptions(known, value));
      else if (known !== value && (tag === 'adkim' || tag === 'aspf')) merged.values.set(tag, 's');
      else if (known !== value) merged.leftOut.push(`${tag}=${value}`);
    }
  }
  if (p !== undefined) merged.values.set('p', p);
  for (const tag of ['sp', 'np'] as const) mergeSubdomainPolicy(merged, ordered, tag);
  for (const tag of WEAKENING) mergeWeakening(merged, leading, ordered, tag);
  return merged;
}

function strictness(draft: Draft): number {
  const p = policyOf(draft, 'p');
  return p === undefined ? -1 : POLICIES.indexOf(p);
}

function compare(a: Draft, b: Draft): number {
  const [first, second] = [a, b].map(({ values, addresses }) => JSON.stringify([[...values].sort(), addresses]));
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

function bothOptions(a: string, b: string): string {
  const options = [...new Set([...a.split(':'), ...b.split(':')])].sort();
  return options.filter((option) => option !== '0' || !options.includes('1')).join(':');
}

/** Takes the strictest policy that a record asks of subdomains, if one of them names it. */
function mergeSubdomainPolicy(merged: Draft, drafts: readonly Draft[], tag: 'sp' | 'np'): void {
  if (!drafts.some(({ values }) => values.has(tag))) return;
  let strictest: Policy | undefined;
  for (const draft of drafts) {
    const asked = policyOf(draft, tag) ?? policyOf(draft, 'p');
    if (asked !== undefined && (strictest === undefined || isWeaker(strictest, asked))) strictest = asked;
  }
  if (strictest !== undefined) merged.values.set(tag, strictest);
}

/** Keeps a tag that weakens the policy only if every record with the strictest policy has it. */
function mergeWeakening(merged: Draft, leading: readonly Draft[], drafts: readonly Draft[], tag: string): void {
  const values = leading.map((draft) => draft.values.get(tag));
  const present = values.filter((value) => value !== undefined);
  const isKept = present.length === values.length && present.length > 0;
  const kept = tag === 'pct' ? String(Math.max(...present.map(Number))) : present.includes('n') ? 'n' : 'y';
  if (isKept) merged.values.set(tag, kept);
  const lost = new Set(drafts.flatMap((draft) => draft.values.get(tag) ?? []));
  for (const value of lost) if (!isKept || value !== kept) merged.leftOut.push(`${tag}=${value}`);
}
