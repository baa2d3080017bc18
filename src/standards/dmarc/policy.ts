/**
 * The policy that applies to a domain, as receivers of both generations find it: by the tree walk (RFC 9989 §4.10.1)
 * and by the public suffix list (RFC 7489 §6.6.3).
 */
import { isFailure } from '../../network/dns/answer.ts';
import { type DmarcRecord, POLICIES, type Policy } from './record.ts';
import type { TreeWalk, WalkStep } from './tree-walk.ts';

/** Where a record was found, seen from the domain it applies to. */
export type PolicySource = 'own' | 'organizational' | 'public-suffix';

export interface AppliedPolicy {
  readonly kind: 'policy';
  readonly source: PolicySource;
  /** The domain whose `_dmarc` record applies. */
  readonly domain: string;
  readonly record: DmarcRecord;
  /** What receivers are asked to do with mail that fails. */
  readonly policy: Policy;
  /** The tag it was taken from; `null` where the record gave none that counts, and none is assumed. */
  readonly tag: 'p' | 'sp' | 'np' | null;
}

export type PolicyResult =
  | AppliedPolicy
  /** No record by this method. */
  | { readonly kind: 'none' }
  /** A record without a usable policy and without report addresses: "the Mail Receiver applies no DMARC processing". */
  | { readonly kind: 'unusable'; readonly source: PolicySource; readonly domain: string; readonly record: DmarcRecord }
  /** A query of the method has no outcome. */
  | { readonly kind: 'unknown' };

/** A tag that is missing where it is needed or has a value no receiver knows. */
export interface PolicyDefect {
  readonly tag: 'p' | 'sp' | 'np';
  /** `null` when the tag is missing. */
  readonly value: string | null;
}

/** @returns what makes receivers fall back to `p=none` or to nothing (RFC 9989 §4.10.1, RFC 7489 §6.6.3). */
export function policyDefects({ p, sp, np }: DmarcRecord): PolicyDefect[] {
  const defects: PolicyDefect[] = [];
  if (p === null) defects.push({ tag: 'p', value: null });
  else if ('invalid' in p) defects.push({ tag: 'p', value: p.invalid });
  if (sp && 'invalid' in sp) defects.push({ tag: 'sp', value: sp.invalid });
  if (np && 'invalid' in np) defects.push({ tag: 'np', value: np.invalid });
  return defects;
}

/** @returns the policy one step weaker: what `t=y` asks for (RFC 9989 §4.7). */
export function oneStepDown(policy: Policy): Policy {
  return policy === 'reject' ? 'quarantine' : 'none';
}

/** @returns the policy receivers of RFC 9989 act on, after `t=`. */
export function effectivePolicy({ policy, record }: AppliedPolicy): Policy {
  return record.testing ? oneStepDown(policy) : policy;
}

export function isWeaker(a: Policy, b: Policy): boolean {
  return POLICIES.indexOf(a) < POLICIES.indexOf(b);
}

/** @param exists `false` only where the domain's name is known not to exist (NXDOMAIN): then `np=` counts. */
export function policyByTreeWalk({ steps, organizationalDomain }: TreeWalk, exists: boolean): PolicyResult {
  const [own] = steps;
  if (own?.record) return applied(own, own.record, 'own', exists);
  if (organizationalDomain.kind === 'unknown') return { kind: 'unknown' };
  const organizational = steps.find(({ domain }) => domain === organizationalDomain.domain);
  if (organizational?.record) return applied(organizational, organizational.record, 'organizational', exists);
  const suffix = steps.find(({ record }) => record?.psd === 'y');
  return suffix?.record ? applied(suffix, suffix.record, 'public-suffix', exists) : { kind: 'none' };
}

/**
 * RFC 7489 §6.6.3: the domain's own record, else that of the organizational domain. These receivers know no `np=`.
 *
 * @param own the record lookup of the domain, and of its organizational domain by the public suffix list
 */
export function policyBySuffixList(own: WalkStep, organizational: WalkStep): PolicyResult {
  if (isUnknown(own)) return { kind: 'unknown' };
  if (own.record) return applied(own, withoutNp(own.record), 'own', true);
  if (isUnknown(organizational)) return { kind: 'unknown' };
  if (!organizational.record) return { kind: 'none' };
  return applied(organizational, withoutNp(organizational.record), 'organizational', true);
}

function withoutNp(record: DmarcRecord): DmarcRecord {
  return { ...record, np: null };
}

function isUnknown({ query }: WalkStep): boolean {
  return query !== null && isFailure(query);
}

function applied({ domain }: WalkStep, record: DmarcRecord, source: PolicySource, exists: boolean): PolicyResult {
  if (policyDefects(record).length > 0) {
    if (!record.rua.some(({ isUri }) => isUri)) return { kind: 'unusable', source, domain, record };
    return { kind: 'policy', source, domain, record, policy: 'none', tag: null };
  }
  const order = source === 'own' ? (['p'] as const) : exists ? (['sp', 'p'] as const) : (['np', 'sp', 'p'] as const);
  for (const tag of order) {
    const value = record[tag];
    if (value && 'value' in value) return { kind: 'policy', source, domain, record, policy: value.value, tag };
  }
  return { kind: 'unusable', source, domain, record };
}
