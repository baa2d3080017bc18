/**
 * Judges whether DMARC is enforced as BIMI requires (draft §8.1): at the domain and at its organizational domain, for all
 * mail and for subdomains too.
 */
import { type DnsAnswer, type DnsFailure, isFailure } from '../../../network/dns/answer.ts';
import { policyIn } from '../../../standards/dmarc/correct.ts';
import { policyDefects } from '../../../standards/dmarc/policy.ts';
import type { DmarcRecord } from '../../../standards/dmarc/record.ts';
import type { DmarcFact } from '../../facts/dmarc.ts';
import type { DmarcFault } from './problems.ts';

export interface Enforcement {
  /** The faults; none if the policy is enforced. */
  readonly faults: readonly DmarcFault[];
  /** The lookup that failed, so that not every record is known. */
  readonly failed: DnsFailure | null;
  /** The answers that it rests on. */
  readonly answers: readonly DnsAnswer[];
}

/** Judges the records that apply to the domain, and those of its organizational domain. */
export function judgeEnforcement({ walk, suffixList, byTreeWalk, bySuffixList }: DmarcFact): Enforcement {
  const steps = [...walk.steps, suffixList.step];
  const answers = steps.flatMap(({ query }) => query ?? []);
  const failed = answers.find((answer) => isFailure(answer)) ?? null;
  const records = new Map<string, DmarcRecord>();
  for (const result of [byTreeWalk, bySuffixList]) {
    if (result.kind === 'policy' || result.kind === 'unusable') records.set(`_dmarc.${result.domain}`, result.record);
  }
  const { step } = suffixList;
  if (step.record) records.set(step.name, step.record);
  const faults = [...records].flatMap(([name, record]) => faultsOf(name, record));
  if (!records.has(step.name) && failed === null) faults.push({ name: step.name, kind: 'no-record', value: null });
  return { faults, failed, answers };
}

function faultsOf(name: string, record: DmarcRecord): DmarcFault[] {
  if (policyDefects(record).length > 0) return [{ name, kind: 'unusable', value: null }];
  const faults: DmarcFault[] = [];
  if (policyIn(record.p) === 'none') faults.push({ name, kind: 'none', value: 'p=none' });
  else if (policyIn(record.sp) === 'none') faults.push({ name, kind: 'subdomains', value: 'sp=none' });
  if (record.testing) faults.push({ name, kind: 'testing', value: 't=y' });
  // Receivers that follow RFC 7489 apply the policy to this part of the mail only.
  if (record.pct !== null && record.pct < 100) faults.push({ name, kind: 'percentage', value: `pct=${record.pct}` });
  return faults;
}
