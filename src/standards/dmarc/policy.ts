/**
 * Finds the policy that applies to a domain by two methods. Receivers that follow RFC 9989 use the tree walk (§4.10.1).
 * Receivers that follow RFC 7489 use the public suffix list (§6.6.3).
 */
import { isFailure } from '../../network/dns/answer.ts';
import { type DmarcRecord, POLICIES, type Policy } from './record.ts';
import type { TreeWalk, WalkStep } from './tree-walk.ts';

/** The place of a record relative to the domain to which it applies. */
export type PolicySource = 'own' | 'organizational' | 'public-suffix';

export interface AppliedPolicy {
  readonly kind: 'policy';
  readonly source: PolicySource;
  /** The domain whose `_dmarc` record applies. */
  readonly domain: string;
  readonly record: DmarcRecord;
  /** The treatment that the record requests for mail that fails DMARC, before `t=`. */
  readonly policy: Policy;
  /** The tag with this policy, or `null` when the record has an invalid tag and receivers assume `none`. */
  readonly tag: 'p' | 'sp' | 'np' | null;
}

export type PolicyResult =
  | AppliedPolicy
  /** The method finds no record. */
  | { readonly kind: 'none' }
  /** The record has neither a valid policy nor a report URI: "the Mail Receiver applies no DMARC processing". */
  | { readonly kind: 'unusable'; readonly source: PolicySource; readonly domain: string; readonly record: DmarcRecord }
  /** A query that the method needs failed. */
  | { readonly kind: 'unknown' };

/** A policy tag that is missing or has an invalid value. */
export interface PolicyDefect {
  readonly tag: 'p' | 'sp' | 'np';
  /** `null` when the tag is missing. */
  readonly value: string | null;
}

/**
 * Lists the invalid policy tags. With one of them, receivers assume `p=none` or ignore the record (RFC 9989 §4.10.1,
 * RFC 7489 §6.6.3).
 *
 * @returns a missing `p=`, and each policy tag with an invalid value.
 */
export function policyDefects({ p, sp, np }: DmarcRecord): PolicyDefect[] {
  const defects: PolicyDefect[] = [];
  if (p === null) defects.push({ tag: 'p', value: null });
  else if ('invalid' in p) defects.push({ tag: 'p', value: p.invalid });
  if (sp && 'invalid' in sp) defects.push({ tag: 'sp', value: sp.invalid });
  if (np && 'invalid' in np) defects.push({ tag: 'np', value: np.invalid });
  return defects;
}

/** @returns the policy one step weaker, which `t=y` requests (RFC 9989 §4.7). */
export function oneStepDown(policy: Policy): Policy {
  return policy === 'reject' ? 'quarantine' : 'none';
}

/** @returns the policy that receivers of RFC 9989 apply: one step weaker than the record's own for `t=y`. */
export function effectivePolicy({ policy, record }: AppliedPolicy): Policy {
  return record.testing ? oneStepDown(policy) : policy;
}

/** @returns whether policy `a` is weaker than policy `b`, in the order none, quarantine, reject. */
export function isWeaker(a: Policy, b: Policy): boolean {
  return POLICIES.indexOf(a) < POLICIES.indexOf(b);
}

/**
 * Finds the policy by the tree walk (RFC 9989 §4.10.1): the record of the domain itself, of its organizational domain,
 * or of the public suffix domain above it.
 *
 * @param exists `false` only when the domain is known not to exist (NXDOMAIN). Then `np=` applies.
 * @returns the policy, or the reason why there is none.
 */
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
 * Finds the policy by the public suffix list (RFC 7489 §6.6.3): the record of the domain itself, or else of its
 * organizational domain. Receivers that follow RFC 7489 ignore `np=`.
 *
 * @param own the lookup of the domain's record.
 * @param organizational the lookup at the organizational domain, which the public suffix list gives.
 * @returns the policy, or the reason why there is none.
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
